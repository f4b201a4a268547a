//! `plaudit config`: every setting, its value and where it comes from.

use std::io::{self, Write};

use crate::{
    config::Config,
    report::{self, Format, Rows, View},
};

/// Writes every setting. Secrets are masked in all formats.
pub fn print(config: &Config, format: Format, view: View, out: &mut dyn Write) -> io::Result<()> {
    let rows = Rows {
        header: vec!["key", "value", "origin"],
        rows: config
            .entries()
            .iter()
            .map(|entry| {
                vec![
                    entry.key.clone().into(),
                    entry.value.clone(),
                    entry.origin.to_string().into(),
                ]
            })
            .collect(),
    };
    report::rows(&rows, format, view, out)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use clap::ValueEnum;

    use super::*;
    use crate::config::Overrides;

    const TOKEN: &str = "ghp_MadeUpMadeUpMadeUpMadeUpMadeUp7Q4Z";

    #[test]
    fn every_format_masks_the_token_and_names_its_origin() {
        let environment = [("HOME", "/home/ada"), ("GITHUB_TOKEN", TOKEN)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = Config::load(&Overrides::default(), &BTreeMap::from(environment)).unwrap();
        for format in Format::value_variants() {
            let mut out = Vec::new();
            print(&config, *format, View::default(), &mut out).unwrap();
            let text = if format.is_binary() {
                cells(out)
            } else {
                String::from_utf8(out).unwrap()
            };
            assert!(text.contains("…7Q4Z"), "{format:?}: {text}");
            assert!(!text.contains("MadeUp"), "{format:?}: {text}");
            let origin = text.replace('\\', "");
            assert!(origin.contains("GITHUB_TOKEN"), "{format:?}: {text}");
        }
    }

    /// All that a workbook says.
    fn cells(book: Vec<u8>) -> String {
        use calamine::{Reader, Xlsx};
        let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(book)).unwrap();
        let (_, sheet) = book.worksheets().remove(0);
        let cells = sheet.used_cells().map(|(_, _, cell)| cell.to_string());
        cells.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn settings_as_text() {
        let environment = [
            ("HOME", "/home/ada"),
            ("GH_TOKEN", TOKEN),
            ("PLAUDIT_WORKER__WORKERS", "8"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let config = Config::load(&Overrides::default(), &BTreeMap::from(environment)).unwrap();
        let mut out = Vec::new();
        print(&config, Format::Text, View::default(), &mut out).unwrap();
        insta::assert_snapshot!(String::from_utf8(out).unwrap());
    }
}
