//! Holds a rubric's text against [`super::schema`], and tells of everything that is wrong.

mod single;
mod together;

use std::{collections::BTreeMap, ops::Range};

use toml_edit::{ImDocument, Item, TableLike};

use super::{
    MOST_WATCHED, Problem,
    names::{is_kind, is_language, is_project, nearest},
    schema::{Bounds, Field, Keys, RUBRIC, Shape},
};
use crate::domain::{integrity::FlagKind, text::tame};
use single::{allowed, describe, fits, join, quoted};

/// Bytes of a text.
type Span = Range<usize>;

/// Everything that is wrong with `text`, in the text's order. `name` is the one that it must bear, if its place says
/// so.
pub(super) fn problems(text: &str, name: Option<&str>) -> Vec<Problem> {
    let document = match ImDocument::parse(text) {
        Ok(document) => document,
        Err(error) => return vec![Problem::of_parser(text, error.span(), error.message())],
    };
    let mut check = Check {
        text,
        found: Vec::new(),
        named: BTreeMap::new(),
    };
    let table = document.as_table();
    check.section(table, RUBRIC, "", &(0..0));
    check.sum_of_maxima(table);
    check.order_of_sizes(table);
    check.something_to_look_for(table);
    if let Some(name) = name {
        check.bears(table, name);
    }
    check.found.sort_by_key(|(span, _, _)| span.start);
    check
        .found
        .into_iter()
        .map(|(span, message, hint)| Problem::at(text, span, message, hint))
        .collect()
}

/// A check under way.
struct Check<'t> {
    text: &'t str,
    /// Where, what, and what to do.
    found: Vec<(Span, String, String)>,
    /// Where each project was named first, in lower case.
    named: BTreeMap<String, Span>,
}

impl Check<'_> {
    fn say(&mut self, span: Span, message: String) {
        self.found.push((span, message, String::new()));
    }

    fn say_with(&mut self, span: Span, message: String, hint: String) {
        self.found.push((span, message, hint));
    }

    /// The line of a place.
    fn line(&self, span: &Span) -> usize {
        let before = self.text.get(..span.start).unwrap_or_default();
        before.matches('\n').count() + 1
    }

    /// The keys of a section, of which `place` is the header.
    fn section(&mut self, table: &dyn TableLike, fields: &[Field], path: &str, place: &Span) {
        // A key that is misspelled is also one that is missing, and is told once.
        let mut meant = Vec::new();
        for (key, item) in table.iter() {
            let span = key_span(table, key, place);
            match fields.iter().find(|field| field.name == key) {
                Some(field) => self.value(item, &field.shape, &join(path, key), &span),
                None => meant.extend(self.unknown(key, table, fields, path, span)),
            }
        }
        for field in fields {
            let is_there = table.contains_key(field.name) || meant.contains(&field.name);
            if field.needed && !is_there {
                self.missing(field, path, place);
            }
        }
    }

    /// Tells of a key that there is not, and gives the one that was probably meant.
    fn unknown(
        &mut self,
        key: &str,
        table: &dyn TableLike,
        fields: &[Field],
        path: &str,
        span: Span,
    ) -> Option<&'static str> {
        let known = || fields.iter().map(|field| field.name);
        let open = known().filter(|name| !table.contains_key(name));
        let meant = nearest(key, open).or_else(|| nearest(key, known()));
        let hint = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("known here: {}", known().collect::<Vec<_>>().join(", ")),
        };
        let whose = if path.is_empty() {
            "a rubric".to_owned()
        } else {
            format!("`{path}`")
        };
        self.say_with(span, format!("`{}` is no key of {whose}", tame(key)), hint);
        meant
    }

    fn missing(&mut self, field: &Field, path: &str, place: &Span) {
        let key = join(path, field.name);
        let (span, how) = match &field.shape {
            Shape::Section(_) | Shape::Each(..) | Shape::Watched(_) => {
                // A section may stand anywhere; the end is where it can be added.
                let end = self.text.trim_end().len();
                (end..end, format!("add the section [{key}]"))
            }
            shape if path.is_empty() => (
                place.clone(),
                format!(
                    "add `{} = …` before the first section: {}",
                    field.name,
                    allowed(shape)
                ),
            ),
            shape => (
                place.clone(),
                format!("add `{} = …` here: {}", field.name, allowed(shape)),
            ),
        };
        self.say_with(span, format!("`{key}` is missing"), how);
    }

    fn value(&mut self, item: &Item, shape: &Shape, path: &str, key: &Span) {
        let span = item.span().unwrap_or_else(|| key.clone());
        match shape {
            Shape::Section(fields) => match item.as_table_like() {
                Some(table) => self.section(table, fields, path, key),
                None => self.wrong(item, shape, path, span),
            },
            Shape::Each(keys, bounds) => match item.as_table_like() {
                Some(table) => self.each(table, *keys, *bounds, path, key),
                None => self.wrong(item, shape, path, span),
            },
            Shape::Watched(fields) => match tables(item) {
                Some(tables) => self.watched(&tables, fields, path, key),
                None => self.wrong(item, shape, path, span),
            },
            Shape::Projects => match item.as_array() {
                Some(list) => {
                    for (value, number) in list.iter().zip(1..) {
                        let span = value.span().unwrap_or_else(|| key.clone());
                        self.project(value.as_str(), &format!("{path}[{number}]"), span);
                    }
                }
                None => self.wrong(item, shape, path, span),
            },
            Shape::Project => self.project(item.as_str(), path, span),
            Shape::Name | Shape::Text(_) | Shape::Number(_) | Shape::Whole(..) => {
                if !fits(item, shape) {
                    self.wrong(item, shape, path, span);
                }
            }
        }
    }

    fn wrong(&mut self, item: &Item, shape: &Shape, path: &str, span: Span) {
        let message = format!(
            "`{path}` is {}, but must be {}",
            describe(item),
            allowed(shape)
        );
        self.say(span, message);
    }

    /// A section of numbers whose keys are their author's.
    fn each(
        &mut self,
        table: &dyn TableLike,
        keys: Keys,
        bounds: Bounds,
        path: &str,
        place: &Span,
    ) {
        for (key, item) in table.iter() {
            let span = key_span(table, key, place);
            match keys {
                Keys::Languages if !is_language(key) => self.say(
                    span.clone(),
                    format!(
                        "`{}` cannot be a language's name: 1 to 64 characters",
                        tame(key)
                    ),
                ),
                Keys::Kinds if !is_kind(key) => self.say(
                    span.clone(),
                    format!(
                        "`{}` cannot be the name of a kind of evidence: 1 to 32 of a-z, 0-9 and _",
                        tame(key)
                    ),
                ),
                Keys::Flags if !FlagKind::ALL.iter().any(|kind| kind.name() == key) => {
                    let known = || FlagKind::ALL.iter().map(|kind| kind.name());
                    let hint = match nearest(key, known()) {
                        Some(nearest) => format!("did you mean `{nearest}`?"),
                        None => {
                            format!("the flags are: {}", known().collect::<Vec<_>>().join(", "))
                        }
                    };
                    self.say_with(span.clone(), format!("`{}` is no flag", tame(key)), hint);
                }
                _ => {}
            }
            self.value(item, &Shape::Number(bounds), &join(path, &tame(key)), &span);
        }
    }

    fn watched(
        &mut self,
        tables: &[(&dyn TableLike, Option<Span>)],
        fields: &[Field],
        path: &str,
        key: &Span,
    ) {
        for ((table, span), number) in tables.iter().zip(1..) {
            let place = span.clone().unwrap_or_else(|| key.clone());
            if number == MOST_WATCHED + 1 {
                self.say_with(
                    place.clone(),
                    format!(
                        "{} projects are watched, but {MOST_WATCHED} at most can be",
                        tables.len()
                    ),
                    "each costs a walk through its history for every applicant; take out those that say \
                     least about the role"
                        .to_owned(),
                );
            }
            self.section(*table, fields, &format!("{path}[{number}]"), &place);
        }
    }

    /// A project's name, which must be new: work must not count twice.
    fn project(&mut self, name: Option<&str>, path: &str, span: Span) {
        let Some(name) = name.filter(|name| is_project(name)) else {
            let found = name.map_or_else(|| "no text".to_owned(), quoted);
            let link = name.and_then(|name| name.split_once("github.com/"));
            let hint = match link.map(|(_, rest)| rest.trim_end_matches('/')) {
                Some(rest) if is_project(rest) => format!("without the host: {}", quoted(rest)),
                _ => String::new(),
            };
            let message =
                format!("`{path}` is {found}, but must be owner/name, such as \"numpy/numpy\"");
            return self.say_with(span, message, hint);
        };
        let folded = name.to_ascii_lowercase();
        if let Some(first) = self.named.get(&folded) {
            let line = self.line(first);
            let message = format!(
                "`{path}` is {}, which line {line} names already",
                quoted(name)
            );
            self.say_with(
                span,
                message,
                "a project and its former names count once; leave one out".to_owned(),
            );
        } else {
            self.named.insert(folded, span);
        }
    }
}

/// The sections of one name, in either way of writing them.
fn tables(item: &Item) -> Option<Vec<(&dyn TableLike, Option<Span>)>> {
    if let Some(tables) = item.as_array_of_tables() {
        let with_span = |table| (table as &dyn TableLike, toml_edit::Table::span(table));
        return Some(tables.iter().map(with_span).collect());
    }
    item.as_array()?
        .iter()
        .map(|value| {
            let table = value.as_inline_table()?;
            Some((table as &dyn TableLike, value.span()))
        })
        .collect()
}

/// Where a key stands.
fn key_span(table: &dyn TableLike, key: &str, place: &Span) -> Span {
    table
        .get_key_value(key)
        .and_then(|(key, _)| key.span())
        .unwrap_or_else(|| place.clone())
}
