//! `plaudit completions`: a completion script for a shell.

use std::io::{self, Write};

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;

/// Writes the script for `shell`.
pub fn print(shell: Shell, out: &mut dyn Write) -> io::Result<()> {
    // The generator panics when it cannot write, so it writes to memory, and the reader may go away later.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "plaudit", &mut script);
    out.write_all(&script)
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::*;

    #[test]
    fn every_shell_gets_a_script_that_knows_the_commands() {
        assert_eq!(Shell::value_variants().len(), 5);
        for shell in Shell::value_variants() {
            let mut out = Vec::new();
            print(*shell, &mut out).unwrap();
            let script = String::from_utf8(out).unwrap();
            for word in ["enrich", "doctor", "data-dir"] {
                assert!(script.contains(word), "{shell}: {word}");
            }
        }
    }
}
