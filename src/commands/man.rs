//! `plaudit man`: manual pages.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use clap::CommandFactory;
use clap_mangen::Man;

use crate::cli::Cli;

/// Writes the main page to `out`; with a `folder`, one page a command into it, which is made if need be.
pub fn print(folder: Option<&Path>, out: &mut dyn Write) -> io::Result<()> {
    match folder {
        None => Man::new(Cli::command()).render(out),
        Some(folder) => {
            fs::create_dir_all(folder)?;
            clap_mangen::generate_to(Cli::command(), folder)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_main_page_tells_commands_and_exit_codes() {
        let mut out = Vec::new();
        print(None, &mut out).unwrap();
        let page = String::from_utf8(out).unwrap();
        for word in [".TH plaudit 1", "enrich", "interrupted"] {
            assert!(page.contains(word), "{word}: {page}");
        }
    }

    #[test]
    fn a_folder_gets_a_page_a_command_and_none_for_hidden_ones() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("new/man1");
        let mut out = Vec::new();
        print(Some(&folder), &mut out).unwrap();
        assert!(out.is_empty());
        for page in [
            "plaudit.1",
            "plaudit-enrich.1",
            "plaudit-rank.1",
            "plaudit-kaggle-import.1",
        ] {
            assert!(folder.join(page).is_file(), "{page}");
        }
        assert!(!folder.join("plaudit-stand-in.1").exists());
    }
}
