//! JSON Lines: one object a line.

use serde_json::{Map, Value};

use super::{
    LONGEST_CELL,
    columns::{Field, UnknownColumns},
    error::{IntakeError, RowError},
    roster::Roster,
    row::Row,
};

/// Longest line that is parsed. Bytes. All columns at their longest; parsed JSON takes up to sixteen times
/// its text in memory.
const LONGEST_LINE: usize = 16 * LONGEST_CELL;

/// Reads JSON Lines.
pub(super) fn read(text: &str, roster: &mut Roster<'_>) -> Result<(), IntakeError> {
    let first = text.trim_start().lines().next().unwrap_or_default();
    if first.trim() == "{" {
        return Err(IntakeError::NotJsonLines);
    }
    let mut unknown = UnknownColumns::default();
    for (line, content) in (1..).zip(text.split('\n')) {
        let content = content.trim();
        if content.is_empty() {
            continue;
        }
        match row(line, content, &mut unknown) {
            Ok(row) => roster.row(&row)?,
            Err(reason) => roster.refuse(line, reason)?,
        }
    }
    unknown.tell(roster);
    Ok(())
}

fn row(line: u64, content: &str, unknown: &mut UnknownColumns) -> Result<Row, RowError> {
    if content.len() > LONGEST_LINE {
        return Err(RowError::CellTooLong);
    }
    let object: Map<String, Value> =
        serde_json::from_str(content).map_err(|error| RowError::Json {
            reason: told(&error),
        })?;
    let mut row = Row::new(line);
    for (key, value) in object {
        let Some(field) = Field::from_header(&key) else {
            unknown.add(&key);
            continue;
        };
        let text = cell(field, value).ok_or(RowError::JsonValue {
            column: field.name(),
        })?;
        if text.len() > LONGEST_CELL {
            return Err(RowError::CellTooLong);
        }
        row.set(field, &text);
    }
    Ok(row)
}

/// What is wrong and where in the line. The parser's own words may repeat the line's text.
fn told(error: &serde_json::Error) -> String {
    let what = if error.is_eof() {
        "it is cut off"
    } else if error.is_data() {
        "it is another kind of value"
    } else {
        "it is not valid JSON"
    };
    format!("{what}, at character {}", error.column())
}

/// A value as a cell's text, if it is a text, a number, nothing, or, for links, a list of those.
fn cell(field: Field, value: Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(values) if field == Field::Links => {
            let texts: Option<Vec<String>> = values
                .into_iter()
                .map(|value| match value {
                    Value::Null => Some(String::new()),
                    Value::String(text) => Some(text),
                    _ => None,
                })
                .collect();
            texts.map(|texts| texts.join("\n"))
        }
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
