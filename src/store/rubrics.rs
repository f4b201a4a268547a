//! The texts of the rubrics that have judged, each under its digest, so that a score that was can be reproduced.

use super::{engine::Engine, error::Fault, table::Table};

/// The name of a rubric's text; see `RubricStamp::digest`.
pub(super) fn digest(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}

/// Keeps a text under its digest; see `Store::keep_rubric`.
pub(super) fn keep(engine: &Engine, name: &str, text: &str) -> Result<(), Fault> {
    if digest(text) != name {
        return Err(Fault::Failed(format!(
            "the rubric {name} is not what its digest says"
        )));
    }
    let key = name.as_bytes();
    let ((), number) = engine.change(|draft| {
        if draft.engine().tree(Table::Rubrics).contains_key(key)? {
            return Ok(());
        }
        draft.put(Table::Rubrics, key.to_vec(), &text)
    })?;
    engine.make_durable(number)
}

/// The text of a digest; see `Store::rubric_text`.
pub(super) fn text(engine: &Engine, name: &str) -> Result<Option<String>, Fault> {
    engine.get(Table::Rubrics, name.as_bytes())
}
