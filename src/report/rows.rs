//! Plain rows under a header: settings, checks.

use std::io::{self, Write};

use serde_json::{Map, Value};

use super::{
    View,
    terminal::{Paint, clean, pad, width},
};

/// A table without further meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// Names of the columns, in lower case; the keys in JSON.
    pub header: Vec<&'static str>,
    /// Rows, each as long as the header.
    pub rows: Vec<Vec<Value>>,
}

impl Rows {
    /// The rows as JSON objects.
    pub(super) fn objects(&self) -> Vec<Map<String, Value>> {
        self.rows
            .iter()
            .map(|row| {
                self.header
                    .iter()
                    .map(|name| (*name).to_owned())
                    .zip(row.iter().cloned())
                    .collect()
            })
            .collect()
    }
}

/// A cell as people read it: a text without quotes, a list with commas.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => clean(text).into_owned(),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
            clean(&value.to_string()).into_owned()
        }
    }
}

pub(super) fn write(rows: &Rows, view: View, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(view.colour);
    let cells: Vec<Vec<String>> = rows
        .rows
        .iter()
        .map(|row| row.iter().map(plain).collect())
        .collect();
    let widths: Vec<usize> = rows
        .header
        .iter()
        .enumerate()
        .map(|(column, name)| {
            cells
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| width(cell))
                .chain([width(name)])
                .max()
                .unwrap_or(0)
        })
        .collect();
    let header: Vec<String> = rows.header.iter().map(|name| (*name).to_owned()).collect();
    writeln!(out, "{}", paint.bold(line(&header, &widths)))?;
    for row in &cells {
        writeln!(out, "{}", line(row, &widths))?;
    }
    Ok(())
}

fn line(cells: &[String], widths: &[usize]) -> String {
    let padded: Vec<String> = cells
        .iter()
        .zip(widths)
        .map(|(cell, width)| pad(cell, *width))
        .collect();
    padded.join("  ").trim_end().to_owned()
}
