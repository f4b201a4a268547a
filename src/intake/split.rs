//! One cell, several links.

/// Most links that one row may hold. Count. An applicant has one a source; more come from a pasted page.
pub(super) const MOST_LINKS: usize = 50;

/// The links in a cell that may hold several, separated by blanks, `;`, `,` or `|`.
///
/// A Markdown link stays whole although its text may hold blanks, and a label stays with its link
/// (`GitHub: octocat`). What has no letter or digit (`-`, `&`) is left out.
/// No more than one beyond [`MOST_LINKS`] are looked for, so that the work on hostile cells stays small.
pub(super) fn split_links(cell: &str) -> Vec<&str> {
    let mut links = Vec::new();
    let mut rest = cell;
    let mut label_from = None;
    while !rest.is_empty() && links.len() <= MOST_LINKS {
        let start = cell.len() - rest.len();
        let end = start + piece_length(rest);
        let piece = &cell[start..end];
        let is_label = piece.strip_suffix(':').is_some_and(|label| {
            !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphabetic())
        });
        if is_label {
            label_from.get_or_insert(start);
        } else if piece.contains(char::is_alphanumeric) {
            let from = label_from.take().unwrap_or(start);
            links.push(&cell[from..end]);
        }
        rest = cell[end..].trim_start_matches(is_separator);
    }
    if let Some(from) = label_from {
        links.push(cell[from..].trim_end_matches(is_separator));
    }
    links
}

fn is_separator(character: char) -> bool {
    character.is_whitespace() || matches!(character, ';' | ',' | '|')
}

/// Bytes up to the next separator; a Markdown link at the beginning is taken whole.
fn piece_length(text: &str) -> usize {
    let from = if text.starts_with(['[', '!']) {
        // No bracket may open between the two, else the first one belonged to something else.
        text.find("](")
            .filter(|at| text[1..*at].matches('[').count() <= 1)
            .and_then(|at| text[at..].find(')').map(|close| at + close))
            .unwrap_or_default()
    } else {
        0
    };
    text[from..]
        .find(is_separator)
        .map_or(text.len(), |at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_split_at_every_separator_that_people_use() {
        let two = ["github.com/a", "kaggle.com/a"];
        for (cell, links) in [
            ("github.com/a kaggle.com/a", &two[..]),
            ("github.com/a; kaggle.com/a", &two),
            ("github.com/a,kaggle.com/a,", &two),
            (" github.com/a | kaggle.com/a ", &two),
            ("github.com/a\r\nkaggle.com/a\n", &two),
            ("- github.com/a\n- kaggle.com/a", &two),
            ("", &[]),
            (" ;,| - & ", &[]),
            (
                "[my work](github.com/a), [x](kaggle.com/a)",
                &["[my work](github.com/a)", "[x](kaggle.com/a)"],
            ),
            ("GitHub: a, Kaggle: b", &["GitHub: a", "Kaggle: b"]),
            ("GitHub:", &["GitHub:"]),
            ("[broken](x", &["[broken](x"]),
            ("日本語 ü", &["日本語", "ü"]),
        ] {
            assert_eq!(split_links(cell), links, "{cell:?}");
        }
    }
}
