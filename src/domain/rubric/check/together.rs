//! What is right alone and may be wrong together.

use toml_edit::{Item, TableLike};

use super::{
    Check, Span,
    single::{as_number, quoted},
};
use crate::domain::{rubric::schema::COMPONENTS, text::tame};

impl Check<'_> {
    /// Said where all five are numbers that could be right.
    pub(super) fn sum_of_maxima(&mut self, table: &dyn TableLike) {
        let mut maxima = Vec::new();
        for component in COMPONENTS {
            let Some((max, span)) = number(table, component, "max") else {
                return;
            };
            if !(0.0..=100.0).contains(&max) {
                return;
            }
            maxima.push((component, max, span));
        }
        for (component, max, span) in &maxima {
            let cents = max * 100.0;
            if (cents - cents.round()).abs() > 1e-6 {
                let message = format!(
                    "`{component}.max` is {max}, but must be whole hundredths, as points are"
                );
                self.say(span.clone(), message);
            }
        }
        let sum: f64 = maxima.iter().map(|(_, max, _)| max).sum();
        if (sum - 100.0).abs() > 1e-9 {
            let parts: Vec<String> = maxima
                .iter()
                .map(|(component, max, span)| {
                    format!("{component} {max} (line {})", self.line(span))
                })
                .collect();
            // Adding tenths up leaves a rest far behind the point.
            let sum = (sum * 1e6).round() / 1e6;
            self.say_with(
                maxima[0].2.clone(),
                format!("the five `max` add up to {sum}, but must add up to 100"),
                parts.join(", "),
            );
        }
    }

    pub(super) fn order_of_sizes(&mut self, table: &dyn TableLike) {
        let sizes = (
            number(table, "sizes", "trivial_up_to"),
            number(table, "sizes", "substantial_from"),
        );
        if let (Some((trivial, span)), Some((substantial, other))) = sizes
            && trivial >= substantial
        {
            let message = format!(
                "`sizes.trivial_up_to` is {trivial}, but must be below `substantial_from`, which is \
                 {substantial} (line {})",
                self.line(&other)
            );
            self.say(span, message);
        }
    }

    /// Points that nobody could earn would be missing from every score.
    pub(super) fn something_to_look_for(&mut self, table: &dyn TableLike) {
        let kinds = table
            .get("reviewed")
            .and_then(Item::as_table_like)
            .and_then(|reviewed| reviewed.get("kinds")?.as_table_like());
        if let Some((max, span)) = number(table, "reviewed", "max")
            && max > 0.0
            && kinds.is_some_and(TableLike::is_empty)
        {
            self.say_with(
                span,
                format!("`reviewed.max` is {max}, but [reviewed.kinds] names nothing that could earn it"),
                "name a kind there and what one of it is worth, such as `publication = 1.5`, or make max 0"
                    .to_owned(),
            );
        }
    }

    pub(super) fn bears(&mut self, table: &dyn TableLike, name: &str) {
        let Some(item) = table.get("name") else {
            return;
        };
        if let Some(found) = item.as_str()
            && found != name
        {
            let span = item.span().unwrap_or(0..0);
            self.say_with(
                span,
                format!(
                    "`name` is {}, but the file is called {}.toml",
                    quoted(found),
                    tame(name)
                ),
                "a rubric is found by its file's name; make both the same".to_owned(),
            );
        }
    }
}

/// A number of a section, whether written with a point or without.
fn number(table: &dyn TableLike, section: &str, key: &str) -> Option<(f64, Span)> {
    let item = table.get(section)?.as_table_like()?.get(key)?;
    Some((as_number(item)?, item.span().unwrap_or(0..0)))
}
