//! The JSON Schema (draft 2020-12) of a profile, as JSON and JSON Lines hold it.

use schemars::{Schema, schema_for};

use crate::domain::profile::Profile;

/// The schema.
#[must_use]
pub fn schema() -> Schema {
    let mut schema = schema_for!(Profile);
    schema.insert("title".to_owned(), "plaudit profile".into());
    schema.insert(
        "description".to_owned(),
        "An applicant, what the sources say, and the score that follows from it. The points of a component's \
         evidence add up to its `low`, and these to the score's `low`, to the cent; `high` is what the score could \
         be if everything unknown were perfect."
            .into(),
    );
    schema
}
