//! A text for people in parts: what is held about somebody, or what candidates are told.

use std::io::{self, Write};

use askama::{Template, filters::HtmlSafe};

use super::{Format, Rows, View, html, markdown, rows, terminal::Paint, terminal::clean};

/// A text for people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// What it says, in order.
    pub parts: Vec<Part>,
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A heading.
    Heading(String),
    /// Sentences.
    Paragraph(String),
    /// Points, each a sentence or two.
    List(Vec<String>),
    /// A table.
    Rows(Rows),
    /// Lines that are to stand as they are.
    Verbatim(String),
}

/// The forms in which a text can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFormat {
    /// At a terminal.
    Text,
    /// Markdown.
    Markdown,
    /// One self-contained HTML page.
    Html,
}

impl Format {
    /// As the form of a text; `None`: it is one for programs.
    #[must_use]
    pub fn of_text(self) -> Option<TextFormat> {
        match self {
            Self::Text => Some(TextFormat::Text),
            Self::Markdown => Some(TextFormat::Markdown),
            Self::Html => Some(TextFormat::Html),
            Self::Json | Self::Jsonl | Self::Csv | Self::Xlsx => None,
        }
    }
}

/// Writes a text.
pub fn document(
    document: &Document,
    format: TextFormat,
    view: View,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        TextFormat::Text => text(document, view, out),
        TextFormat::Markdown => in_markdown(document, out),
        TextFormat::Html => html::write(&Page::of(document), out),
    }
}

impl Document {
    /// Adds a heading.
    pub fn heading(&mut self, text: impl Into<String>) {
        self.parts.push(Part::Heading(text.into()));
    }

    /// Adds sentences.
    pub fn say(&mut self, text: impl Into<String>) {
        self.parts.push(Part::Paragraph(text.into()));
    }

    /// Adds points.
    pub fn list(&mut self, points: impl IntoIterator<Item = impl Into<String>>) {
        self.parts
            .push(Part::List(points.into_iter().map(Into::into).collect()));
    }

    /// Adds a table.
    pub fn rows(&mut self, header: &[&'static str], rows: Vec<Vec<serde_json::Value>>) {
        self.parts.push(Part::Rows(Rows {
            header: header.to_vec(),
            rows,
        }));
    }
}

fn text(document: &Document, view: View, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(view.colour);
    let columns = usize::from(view.width.max(40));
    writeln!(out, "{}", paint.bold(clean(&document.title)))?;
    for part in &document.parts {
        writeln!(out)?;
        match part {
            Part::Heading(heading) => writeln!(out, "{}", paint.bold(clean(heading)))?,
            Part::Paragraph(said) => filled(said, "", columns, out)?,
            Part::List(points) => {
                for point in points {
                    filled(point, "- ", columns, out)?;
                }
            }
            Part::Rows(table) => rows::write(table, view, out)?,
            Part::Verbatim(lines) => lines
                .lines()
                .try_for_each(|line| writeln!(out, "{}", clean(line)))?,
        }
    }
    Ok(())
}

/// Writes `said` in lines of at most so many columns, as far as its words allow: none is broken. `mark` stands before
/// the first line, and as many blanks before the others.
fn filled(said: &str, mark: &str, columns: usize, out: &mut dyn Write) -> io::Result<()> {
    let said = clean(said);
    let mut line = mark.to_owned();
    let mut empty = true;
    for word in said.split(' ').filter(|word| !word.is_empty()) {
        if !empty && super::terminal::width(&line) + 1 + super::terminal::width(word) > columns {
            writeln!(out, "{line}")?;
            line = " ".repeat(mark.len());
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    writeln!(out, "{line}")
}

fn in_markdown(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# {}", markdown::escaped(&document.title))?;
    for part in &document.parts {
        writeln!(out)?;
        match part {
            Part::Heading(heading) => writeln!(out, "## {}", markdown::escaped(heading))?,
            Part::Paragraph(said) => writeln!(out, "{}", markdown::escaped(said))?,
            Part::List(points) => {
                for point in points {
                    writeln!(out, "- {}", markdown::escaped(point))?;
                }
            }
            Part::Rows(table) => markdown::rows(table, out)?,
            Part::Verbatim(lines) => {
                // Longer than any run within, so that nothing in it ends it.
                let longest = lines.split(|one| one != '`').map(str::len).max();
                let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
                writeln!(out, "{fence}text")?;
                for line in lines.lines() {
                    writeln!(out, "{}", clean(line))?;
                }
                writeln!(out, "{fence}")?;
            }
        }
    }
    Ok(())
}

/// The page of a text.
#[derive(Template)]
#[template(path = "document.html")]
struct Page {
    title: String,
    body: Body,
}

impl Page {
    fn of(document: &Document) -> Self {
        Self {
            title: clean(&document.title).into_owned(),
            body: Body::of(document),
        }
    }
}

/// What a text says, for below the top of a page; made harmless.
#[derive(Template)]
#[template(path = "document_body.html")]
pub(crate) struct Body {
    parts: Vec<Shown>,
}

impl HtmlSafe for Body {}

/// A part as a page shows it.
enum Shown {
    Heading(String),
    Paragraph(String),
    List(Vec<String>),
    Rows(Vec<&'static str>, Vec<Vec<String>>),
    Verbatim(String),
}

impl Body {
    pub(crate) fn of(document: &Document) -> Self {
        let text = |text: &str| clean(text).into_owned();
        let shown = |part: &Part| match part {
            Part::Heading(heading) => Shown::Heading(text(heading)),
            Part::Paragraph(said) => Shown::Paragraph(text(said)),
            Part::List(points) => Shown::List(points.iter().map(|one| text(one)).collect()),
            Part::Rows(table) => Shown::Rows(
                table.header.clone(),
                table
                    .rows
                    .iter()
                    .map(|row| row.iter().map(rows::plain).collect())
                    .collect(),
            ),
            Part::Verbatim(lines) => {
                let lines: Vec<String> = lines.lines().map(text).collect();
                Shown::Verbatim(lines.join("\n"))
            }
        };
        Self {
            parts: document.parts.iter().map(shown).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(document: &Document, format: TextFormat) -> String {
        let mut out = Vec::new();
        let view = View {
            width: 40,
            colour: false,
        };
        super::document(document, format, view, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn hostile() -> Document {
        let mut document = Document {
            title: "About <b>Ada</b>".to_owned(),
            ..Document::default()
        };
        document.heading("One *thing*");
        document
            .say("A sentence that is longer than the forty columns of this terminal, as many are.");
        document.list(["a point", "another\u{1b}[31m one"]);
        document.rows(&["key", "value"], vec![vec!["x|y".into(), 1.into()]]);
        document
            .parts
            .push(Part::Verbatim("as it is\n```\n<i>".to_owned()));
        document
    }

    #[test]
    fn text_keeps_to_its_columns_and_has_no_escapes_of_strangers() {
        let text = written(&hostile(), TextFormat::Text);
        assert!(text.lines().all(|line| line.len() <= 40), "{text}");
        assert!(text.contains("\n- a point\n- another[31m one\n"), "{text}");
        assert!(
            text.contains("A sentence that is longer than the forty\ncolumns"),
            "{text}"
        );
    }

    #[test]
    fn markdown_and_html_take_everything_for_text() {
        let markdown = written(&hostile(), TextFormat::Markdown);
        assert!(
            markdown.starts_with("# About \\<b\\>Ada\\</b\\>\n\n## One \\*thing\\*\n"),
            "{markdown}"
        );
        assert!(
            markdown.contains("````text\nas it is\n```\n<i>\n````\n"),
            "{markdown}"
        );
        assert!(markdown.contains("| x\\|y | 1 |"), "{markdown}");
        let html = written(&hostile(), TextFormat::Html);
        assert!(html.contains("About &#60;b&#62;Ada"), "{html}");
        assert!(html.contains("&#60;i&#62;</pre>"), "{html}");
        assert!(!html.contains("<b>") && !html.contains("<i>"), "{html}");
    }
}
