//! `plaudit schema`: the JSON Schema (draft 2020-12) of a profile, as `--format json` and `jsonl` print it.

use std::io::{self, Write};

use crate::report::schema;

/// Writes the schema, indented.
pub fn print(out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, &schema())?;
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::report::example;

    fn keys(value: &Value) -> BTreeSet<&str> {
        value
            .as_object()
            .map(|object| object.keys().map(String::as_str).collect())
            .unwrap_or_default()
    }

    #[test]
    fn a_profile_has_exactly_the_keys_of_the_contract() {
        let profile = serde_json::to_value(example::hostile()).unwrap();
        for (pointer, contract) in [
            (
                "",
                "applicant role snapshot rubric as_of score coverage identity flags sources changes cost notices",
            ),
            ("/applicant", "id name links"),
            ("/rubric", "name version digest"),
            ("/score", "low high components"),
            (
                "/score/components/0",
                "name max low high state reason evidence",
            ),
            (
                "/score/components/0/evidence/0",
                "url title kind project date fetched_at points value",
            ),
            ("/score/components/0/evidence/0/value", "total factors"),
            ("/identity", "level proofs"),
            ("/flags/0", "kind reason threshold base_rate url factor"),
            ("/sources", "github kaggle page"),
            ("/sources/github", "url fetched_at state facts"),
            ("/sources/kaggle", "url found_on fetched_at state facts"),
            (
                "/sources/kaggle/facts",
                "user_name user_id renamed_from github tiers medals ranks competitions totals_from \
                 competitions_from differences gaps",
            ),
            (
                "/sources/kaggle/facts/medals/competitions",
                "gold silver bronze",
            ),
            (
                "/sources/kaggle/facts/competitions/0",
                "slug title rank teams team_size medal date",
            ),
            ("/sources/page/facts", "links unclear"),
            ("/cost", "requests points"),
        ] {
            let part = profile
                .pointer(pointer)
                .unwrap_or_else(|| panic!("{pointer}"));
            assert_eq!(keys(part), contract.split(' ').collect(), "{pointer}");
        }
    }

    /// Walks a value and its schema together.
    fn every_key_is_described(value: &Value, schema: &Value, root: &Value, path: &str) {
        let schema = match schema["$ref"].as_str() {
            Some(reference) => root
                .pointer(reference.trim_start_matches('#'))
                .unwrap_or_else(|| panic!("{reference}")),
            None => schema,
        };
        match value {
            Value::Object(object) => {
                for (key, inner) in object {
                    let described = alternatives(schema, root)
                        .into_iter()
                        .find_map(|schema| {
                            schema["properties"].get(key).or_else(|| {
                                schema
                                    .get("additionalProperties")
                                    .filter(|more| more.is_object())
                            })
                        })
                        .unwrap_or_else(|| panic!("{path}.{key} is not in the schema"));
                    every_key_is_described(inner, described, root, &format!("{path}.{key}"));
                }
            }
            Value::Array(list) => {
                for inner in list {
                    every_key_is_described(inner, &schema["items"], root, &format!("{path}[]"));
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// A schema and all that it may be instead, references followed.
    fn alternatives<'a>(schema: &'a Value, root: &'a Value) -> Vec<&'a Value> {
        let mut all = vec![schema];
        for key in ["anyOf", "oneOf", "allOf"] {
            for inner in schema[key].as_array().into_iter().flatten() {
                let inner = match inner["$ref"].as_str() {
                    Some(reference) => root
                        .pointer(reference.trim_start_matches('#'))
                        .unwrap_or(inner),
                    None => inner,
                };
                all.extend(alternatives(inner, root));
            }
        }
        all
    }

    #[test]
    fn the_schema_describes_every_key_of_a_profile() {
        let mut out = Vec::new();
        print(&mut out).unwrap();
        let schema: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(
            schema["$schema"],
            "https://json-schema.org/draft/2020-12/schema"
        );
        assert_eq!(schema["title"], "plaudit profile");
        assert_eq!(schema["properties"]["as_of"]["type"], "string");
        let profile = serde_json::to_value(example::hostile()).unwrap();
        every_key_is_described(&profile, &schema, &schema, "");
    }
}
