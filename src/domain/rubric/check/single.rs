//! A value alone: whether it is right, and what to say of it.

use toml_edit::{Item, Value};

use crate::domain::{
    rubric::{
        names::{NAME_RULE, is_name},
        schema::{PLENTY, Shape},
    },
    text::{is_invisible, tame},
};

/// Whether a value is what it must be. What is made of several is looked into instead.
pub(super) fn fits(item: &Item, shape: &Shape) -> bool {
    match shape {
        Shape::Name => item.as_str().is_some_and(is_name),
        Shape::Text(most) => item.as_str().is_some_and(|text| {
            !text.trim().is_empty()
                && text.chars().count() <= *most
                && !text.chars().any(is_invisible)
        }),
        // Nothing contains a NaN.
        Shape::Number(bounds) => {
            as_number(item).is_some_and(|found| (bounds.least..=bounds.most).contains(&found))
        }
        Shape::Whole(least, most) => item
            .as_integer()
            .is_some_and(|found| (least..=most).contains(&&found)),
        Shape::Project
        | Shape::Projects
        | Shape::Section(_)
        | Shape::Each(..)
        | Shape::Watched(_) => false,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "beyond 2^53 every number here is out of range"
)]
pub(super) fn as_number(item: &Item) -> Option<f64> {
    item.as_float()
        .or_else(|| item.as_integer().map(|whole| whole as f64))
}

/// What would be right, in words.
pub(super) fn allowed(shape: &Shape) -> String {
    match shape {
        Shape::Name => format!("a name in quotes: {NAME_RULE}"),
        Shape::Text(most) => format!("a text in quotes, on one line, of 1 to {most} characters"),
        Shape::Project => "a project in quotes, such as \"numpy/numpy\"".to_owned(),
        Shape::Projects => "a list of projects, such as [\"google/jax\"]".to_owned(),
        Shape::Number(bounds) => bounds.said.to_owned(),
        Shape::Whole(least, PLENTY) => format!("a whole number, {least} to 1,000,000,000"),
        Shape::Whole(least, most) => format!("a whole number, {least} to {most}"),
        Shape::Section(_) | Shape::Each(..) => "a section".to_owned(),
        Shape::Watched(_) => {
            "sections, each with [[watched]] above its project and weight".to_owned()
        }
    }
}

/// What stands there.
pub(super) fn describe(item: &Item) -> String {
    match item {
        Item::Value(Value::String(text)) => quoted(text.value()),
        Item::Value(Value::Integer(number)) => number.value().to_string(),
        Item::Value(Value::Float(number)) => number.value().to_string(),
        Item::Value(Value::Boolean(truth)) => truth.value().to_string(),
        Item::Value(Value::Datetime(_)) => "a date".to_owned(),
        Item::Value(Value::Array(_)) => "a list".to_owned(),
        Item::ArrayOfTables(_) => "several sections".to_owned(),
        Item::Value(Value::InlineTable(_)) | Item::Table(_) => "a section".to_owned(),
        Item::None => "nothing".to_owned(),
    }
}

/// A text as it stands in quotes, harmless and not too long.
pub(super) fn quoted(text: &str) -> String {
    let tamed = tame(text);
    let short: String = tamed.chars().take(60).collect();
    let more = if short.len() < tamed.len() { "…" } else { "" };
    format!("\"{short}{more}\"")
}

pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}
