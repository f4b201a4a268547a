use proptest::prelude::*;

use super::*;

const GOOD: &str = EMBEDDED[1].1;

/// What is wrong with `GOOD` once `from` reads `to`, as people read it.
#[track_caller]
fn wrong(from: &str, to: &str) -> Vec<Problem> {
    assert!(GOOD.contains(from), "{from}");
    problems_of(&GOOD.replacen(from, to, 1))
}

#[track_caller]
fn problems_of(text: &str) -> Vec<Problem> {
    match Rubric::parse(text) {
        Err(RubricError::Invalid { problems }) => problems,
        other => panic!("{other:?}"),
    }
}

/// The line of `GOOD` that begins with `start`, counted from 1.
fn line_of(start: &str) -> usize {
    let found = GOOD.lines().position(|line| line.starts_with(start));
    found.expect(start) + 1
}

#[test]
fn every_embedded_rubric_is_valid_and_bears_its_name() {
    for (name, text) in EMBEDDED {
        assert_eq!(Rubric::embedded(name).expect(name).name, *name);
        Rubric::parse_named(text, name).expect(name);
    }
    assert_eq!(Rubric::all_embedded().expect("valid").len(), EMBEDDED.len());
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table: one row a mistake")]
fn what_is_wrong_is_said_at_its_place() {
    for (from, to, column, message) in [
        (
            "scale = 10.0",
            "scale = 0.0",
            9,
            "`open_source.scale` is 0, but must be above 0, and 1,000,000 at most",
        ),
        (
            "weight = 1.2",
            "weight = -1.0",
            10,
            "`watched[5].weight` is -1, but must be 0 to 5",
        ),
        (
            "weight = 1.2",
            "weight = nan",
            10,
            "`watched[5].weight` is NaN, but must be 0 to 5",
        ),
        (
            "weight = 1.2",
            "weight = inf",
            10,
            "`watched[5].weight` is inf, but must be 0 to 5",
        ),
        (
            "weight = 1.2",
            "weight = \"much\"",
            10,
            "`watched[5].weight` is \"much\", but must be 0 to 5",
        ),
        (
            "\"numpy/numpy\"",
            "\"numpy\"",
            11,
            "`watched[8].project` is \"numpy\", but must be owner/name, such as \"numpy/numpy\"",
        ),
        (
            "[\"google/jax\"]",
            "[\"google/jax\", 3]",
            26,
            "`watched[6].aliases[2]` is no text, but must be owner/name, such as \"numpy/numpy\"",
        ),
        (
            "[\"google/jax\"]",
            "\"google/jax\"",
            11,
            "`watched[6].aliases` is \"google/jax\", but must be a list of projects, such as [\"google/jax\"]",
        ),
        (
            "floor = 0.1",
            "flor = 0.1",
            1,
            "`flor` is no key of `stars`",
        ),
        (
            "floor = 0.1",
            "floor = 1.1",
            9,
            "`stars.floor` is 1.1, but must be 0 to 1",
        ),
        (
            "self_merged = 0.25",
            "self_merged = 2",
            15,
            "`open_source.self_merged` is 2, but must be 0 to 1",
        ),
        (
            "undated = 0.25",
            "undated = 1.5",
            11,
            "`kaggle.undated` is 1.5, but must be 0 to 1",
        ),
        (
            "datasets = 0.2",
            "datasets = -0.2",
            12,
            "`kaggle.categories.datasets` is -0.2, but must be 0 to 5",
        ),
        (
            "cap = 50000",
            "cap = 0",
            7,
            "`stars.cap` is 0, but must be a whole number, 1 to 1,000,000,000",
        ),
        (
            "cap = 50000",
            "cap = 99999999999",
            7,
            "`stars.cap` is 99999999999, but must be a whole number, 1 to 1,000,000,000",
        ),
        (
            "repositories = 20",
            "repositories = 2.5",
            16,
            "`own_code.repositories` is 2.5, but must be a whole number, 0 to 100",
        ),
        (
            "half_life_years = 5.0",
            "half_life_years = 0",
            19,
            "`open_source.half_life_years` is 0, but must be 0.1 to 100 years",
        ),
        (
            "publication = 1.5",
            "Publication = 1.5",
            1,
            "`Publication` cannot be the name of a kind of evidence: 1 to 32 of a-z, 0-9 and _",
        ),
        (
            "publication = 1.5",
            "publication = 5.5",
            15,
            "`reviewed.kinds.publication` is 5.5, but must be 0 to 5",
        ),
        (
            "\"C++\" = 1.0",
            "\"\" = 1.0",
            1,
            "`` cannot be a language's name: 1 to 64 characters",
        ),
        (
            "# trivial_series = 0.5",
            "trivial_serie = 0.5",
            1,
            "`trivial_serie` is no flag",
        ),
        (
            "# trivial_series = 0.5",
            "trivial_series = 1.5",
            18,
            "`flags.trivial_series` is 1.5, but must be 0 to 1",
        ),
        (
            "version = \"3\"",
            "version = 3",
            11,
            "`version` is 3, but must be a text in quotes, on one line, of 1 to 32 characters",
        ),
        (
            "version = \"3\"",
            "version = \" \"",
            11,
            "`version` is \"\", but must be a text in quotes, on one line, of 1 to 32 characters",
        ),
        (
            "name = \"doctoral",
            "name = \"Doctoral",
            8,
            "`name` is \"Doctoral-dl-radiology\", but must be a name in quotes: 1 to 64 of a-z, 0-9 and -, not beginning with -",
        ),
    ] {
        let problems = wrong(from, to);
        assert_eq!(problems.len(), 1, "{to}: {problems:?}");
        let problem = &problems[0];
        assert_eq!(problem.message, message, "{to}");
        assert_eq!(problem.column, column, "{to}: {problem}");
        let at = GOOD.find(from).expect("there");
        assert_eq!(problem.line, GOOD[..at].matches('\n').count() + 1, "{to}");
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once_in_the_order_of_the_text() {
    let text = GOOD
        .replacen("title = ", "titel = ", 1)
        .replacen("floor = 0.1", "flor = 0.1", 1)
        .replacen("\"numpy/numpy\"", "\"Google/JAX\"", 1)
        .replacen("\"scipy/scipy\"", "\"https://github.com/scipy/scipy\"", 1)
        .replacen("max = 35", "max = 36", 1)
        .replacen("undated = 0.25", "undated = 1.5", 1)
        .replacen("industry = 1.0", "\"In\\u202Edustry\" = 1.0", 1);
    let error = Rubric::parse(&text).expect_err("seven mistakes");
    insta::assert_snapshot!(error);
}

/// The keys of a value's sections, as far as the table goes.
fn keys_of(value: &toml::Value, fields: &[schema::Field], path: &str, keys: &mut Vec<String>) {
    for (key, value) in value.as_table().expect("a section") {
        let path = format!("{path}/{key}");
        keys.push(path.clone());
        let field = fields.iter().find(|field| field.name == key);
        match field.map(|field| &field.shape) {
            Some(schema::Shape::Section(fields)) => keys_of(value, fields, &path, keys),
            Some(schema::Shape::Watched(fields)) => {
                keys_of(&value.as_array().expect("a list")[0], fields, &path, keys);
            }
            _ => {}
        }
    }
}

/// The keys of the table.
fn keys_of_table(fields: &[schema::Field], path: &str, keys: &mut Vec<String>) {
    for field in fields {
        let path = format!("{path}/{}", field.name);
        keys.push(path.clone());
        if let schema::Shape::Section(fields) | schema::Shape::Watched(fields) = field.shape {
            keys_of_table(fields, &path, keys);
        }
    }
}

#[test]
fn the_table_and_the_types_name_the_same_keys() {
    let rubric = Rubric::parse(GOOD).expect("valid");
    let written = toml::Value::try_from(&rubric).expect("serialised");
    let (mut typed, mut ruled) = (Vec::new(), Vec::new());
    keys_of(&written, schema::RUBRIC, "", &mut typed);
    keys_of_table(schema::RUBRIC, "", &mut ruled);
    typed.sort_unstable();
    ruled.sort_unstable();
    assert_eq!(typed, ruled);
    assert_eq!(
        rubric.components().map(|(name, _, _)| name),
        schema::COMPONENTS
    );
}

#[test]
fn of_very_many_problems_the_first_are_told_and_the_others_counted() {
    let lines: Vec<String> = (0..50)
        .map(|number| format!("\"other {number}\" = 1"))
        .collect();
    let text = format!("{GOOD}{}\n", lines.join("\n"));
    let error = Rubric::parse(&text).expect_err("fifty flags that there are not");
    let shown = error.to_string();
    assert!(shown.contains("`other 39` is no flag"), "{shown}");
    assert!(!shown.contains("`other 40` is no flag"), "{shown}");
    assert!(shown.ends_with("\nand 10 more"), "{shown}");
}

#[test]
fn what_was_probably_meant_is_offered() {
    for (from, to, hint) in [
        ("floor = 0.1", "flor = 0.1", "did you mean `floor`?"),
        ("floor = 0.1", "bottom = 0.1", "known here: cap, floor"),
        (
            "[reviewed.kinds]",
            "[reviewed.kind]",
            "did you mean `kinds`?",
        ),
        (
            "# trivial_series = 0.5",
            "trivial_serie = 0.5",
            "did you mean `trivial_series`?",
        ),
        (
            "# trivial_series = 0.5",
            "spam = 0.5",
            "the flags are: copied_repositories, backdated_commits, trivial_series, friendly_mergers, \
             star_burst, borrowed_commits, co_author_padding",
        ),
        (
            "\"numpy/numpy\"",
            "\"https://github.com/numpy/numpy/\"",
            "without the host: \"numpy/numpy\"",
        ),
    ] {
        let problems = wrong(from, to);
        let told = problems.iter().any(|problem| problem.hint == hint);
        assert!(told, "{to}: {problems:?}");
        // What is misspelled is not told again as missing.
        assert!(
            problems.len() == 1 || to.starts_with("bottom"),
            "{problems:?}"
        );
    }
}

#[test]
fn what_is_missing_is_said_where_it_belongs() {
    let problems = wrong("title = ", "# title = ");
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!((problems[0].line, problems[0].column), (1, 1));
    assert_eq!(problems[0].message, "`title` is missing");
    assert!(problems[0].hint.contains("before the first section"));

    let problems = wrong("floor = 0.1", "# floor = 0.1");
    assert_eq!(problems[0].line, line_of("[stars]"), "{problems:?}");
    assert_eq!(problems[0].message, "`stars.floor` is missing");
    assert_eq!(problems[0].hint, "add `floor = …` here: 0 to 1");

    let problems = wrong("weight = 1.2", "");
    assert_eq!(problems[0].message, "`watched[5].weight` is missing");
    assert_eq!(
        problems[0].line,
        line_of("project = \"Project-MONAI") - 1,
        "{problems:?}"
    );

    let shorter = &GOOD[..GOOD.find("[reviewed.kinds]").expect("there")];
    let problems = problems_of(shorter);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].message, "`reviewed.kinds` is missing");
    assert_eq!(problems[0].line, shorter.trim_end().lines().count());
    assert_eq!(problems_of("").len(), 10);
}

#[test]
fn sums_orders_and_repetitions_name_both_places() {
    let problems = wrong("max = 35", "max = 36");
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(
        problems[0].message,
        "the five `max` add up to 101, but must add up to 100"
    );
    assert_eq!(problems[0].line, line_of("max = 35"));
    let kaggle = format!("kaggle 30 (line {})", line_of("max = 30"));
    assert!(problems[0].hint.contains(&kaggle), "{}", problems[0].hint);

    let problems = wrong("trivial_up_to = 5 ", "trivial_up_to = 500 ");
    assert_eq!(
        problems[0].message,
        format!(
            "`sizes.trivial_up_to` is 500, but must be below `substantial_from`, which is 200 (line {})",
            line_of("substantial_from")
        )
    );

    let problems = wrong("numpy/numpy", "Google/JAX");
    let first = line_of("aliases = [\"google/jax\"]");
    assert_eq!(
        problems[0].message,
        format!("`watched[8].project` is \"Google/JAX\", which line {first} names already")
    );

    let ten_thousandth =
        GOOD.replacen("max = 35", "max = 34.999", 1)
            .replacen("max = 30", "max = 30.001", 1);
    let messages: Vec<_> = problems_of(&ten_thousandth)
        .into_iter()
        .map(|problem| problem.message)
        .collect();
    assert_eq!(
        messages,
        [
            "`open_source.max` is 34.999, but must be whole hundredths, as points are",
            "`kaggle.max` is 30.001, but must be whole hundredths, as points are"
        ]
    );
    let tenths = GOOD
        .replacen("max = 35", "max = 34.9", 1)
        .replacen("max = 30", "max = 30.1", 1);
    Rubric::parse(&tenths).expect("adds up, but for what computers make of tenths");
}

#[test]
fn any_component_may_have_no_points_but_those_that_are_there_can_be_earned() {
    let maxima = [
        ("open_source", 35),
        ("kaggle", 30),
        ("own_code", 15),
        ("sustained", 10),
        ("reviewed", 10),
    ];
    for (component, max) in maxima {
        let other = maxima[usize::from(component == "open_source")];
        let mut text = GOOD.to_owned();
        for (section, max) in [(component, 0), (other.0, other.1 + max)] {
            let from = text.find(&format!("[{section}]")).expect("there");
            let at = from + text[from..].find("max = ").expect("there") + "max = ".len();
            text.replace_range(at..at + 2, &max.to_string());
        }
        let rubric = Rubric::parse(&text).expect(component);
        let given = rubric.components();
        let of = |name| given.iter().find(|(known, _, _)| *known == name);
        assert_eq!(of(component).expect("there").1.to_string(), "0");
        assert_eq!(
            of(other.0).expect("there").1.to_string(),
            (other.1 + max).to_string()
        );
    }
    let kinds = GOOD.find("publication = 1.5").expect("there");
    let until = GOOD.find("# What evidence is multiplied").expect("there");
    let without = format!("{}{}", &GOOD[..kinds], &GOOD[until..]);
    let problems = problems_of(&without);
    assert_eq!(
        problems[0].message,
        "`reviewed.max` is 10, but [reviewed.kinds] names nothing that could earn it"
    );
}

#[test]
fn ten_projects_can_be_watched_or_none_and_eleven_are_told_at_the_eleventh() {
    let eleven = format!("{GOOD}\n[[watched]]\nproject = \"a/b\"\nweight = 1.0\n");
    let problems = problems_of(&eleven);
    assert_eq!(
        problems[0].message,
        "11 projects are watched, but 10 at most can be"
    );
    assert_eq!(problems[0].line, GOOD.lines().count() + 2);

    let from = GOOD.find("[[watched]]").expect("there");
    let until = GOOD.find("# Contributions to open source.").expect("there");
    let none = format!("{}{}", &GOOD[..from], &GOOD[until..]);
    assert_eq!(Rubric::parse(&none).expect("none").watched, []);
    let inline = none.replacen(
        "[sizes]",
        "watched = [{ project = \"a/b\", weight = 1 }, { project = \"a/c\", weight = 9 }]\n[sizes]",
        1,
    );
    let problems = problems_of(&inline);
    assert_eq!(
        problems[0].message,
        "`watched[2].weight` is 9, but must be 0 to 5"
    );
    assert_eq!(problems[0].column, 73);
}

#[test]
fn what_is_no_toml_is_said_at_its_place() {
    for (from, to, column, word) in [
        ("floor = 0.1", "floor 0.1", 7, "expected"),
        ("floor = 0.1", "floor = 0,1", 10, "expected"),
        ("title = \"Doc", "title = Doc", 9, "invalid"),
        ("[stars]", "[stars", 7, "invalid"),
        ("floor = 0.1", "cap = 3", 1, "duplicate key"),
    ] {
        let problems = wrong(from, to);
        assert_eq!(problems.len(), 1, "{to}");
        assert_eq!(problems[0].line, line_of(from), "{}", problems[0]);
        assert_eq!(problems[0].column, column, "{}", problems[0]);
        assert!(problems[0].message.contains(word), "{}", problems[0]);
        let is_comma = problems[0].hint.contains("with a point");
        assert_eq!(is_comma, to.contains("0,1"), "{}", problems[0]);
    }
}

#[test]
fn editors_of_all_systems_may_be_used() {
    let windows = format!("\u{FEFF}{}", GOOD.replace('\n', "\r\n"));
    Rubric::parse(&windows).expect("a mark at the beginning, and \\r\\n");
    let broken = windows.replacen("floor = 0.1", "floor = 3", 1);
    let problems = problems_of(&broken);
    assert_eq!(problems[0].line, line_of("floor"), "{}", problems[0]);
    assert_eq!(problems[0].column, 9, "{}", problems[0]);
    assert!(!problems[0].excerpt.contains('\r'));
}

#[test]
fn a_long_line_is_shown_around_the_place() {
    let text = format!("{}x = [{}\u{1b}[31m", GOOD, "1, ".repeat(500));
    let problems = problems_of(&text);
    assert!(problems[0].excerpt.chars().count() < 200, "{}", problems[0]);
    assert!(!problems[0].to_string().contains('\u{1b}'));
    assert!(problems[0].indent + problems[0].marked <= 200);
}

#[test]
fn the_name_must_be_the_file_s() {
    let error = Rubric::parse_named(GOOD, "my-role").expect_err("another name");
    let RubricError::Invalid { problems } = error else {
        panic!("{error:?}")
    };
    assert_eq!(
        problems[0].message,
        "`name` is \"doctoral-dl-radiology\", but the file is called my-role.toml"
    );
    assert_eq!(problems[0].line, line_of("name = "));
}

#[test]
fn a_copy_is_the_text_with_another_name_title_and_version() {
    let rubric = Rubric::parse(GOOD).expect("valid");
    let text = rubric.text_as("my-role", "A \"title\" of\\mine", "7");
    let copy = Rubric::parse_named(&text, "my-role").expect("valid");
    assert_eq!(copy.title, "A \"title\" of\\mine");
    assert_eq!(copy.version, "7");
    let differing = GOOD
        .lines()
        .zip(text.lines())
        .filter(|(left, right)| left != right);
    assert_eq!(differing.count(), 3);
    assert_eq!(GOOD.lines().count(), text.lines().count());
}

#[test]
fn an_edit_changes_the_digest() {
    let edited = GOOD.replacen("weight = 1.2", "weight = 1.3", 1);
    let digests = [GOOD, &edited].map(|text| Rubric::parse(text).expect("valid").digest);
    assert_ne!(digests[0], digests[1]);
    assert_eq!(digests[0].len(), 16);
}

#[test]
fn other_maxima_leave_the_proportions_of_the_rest_and_add_up() {
    let rubric = Rubric::parse(GOOD).expect("valid");
    let with = |maxima: &[(&str, f64)]| {
        let named = maxima.iter().map(|(name, max)| ((*name).to_owned(), *max));
        rubric.with_maxima(&named.collect())
    };
    let other = with(&[("open_source", 20.0), ("kaggle", 45.0)]).expect("possible");
    let maxima = other.components().map(|(_, max, _)| max);
    for (found, expected) in maxima.into_iter().zip([20.0, 45.0, 15.0, 10.0, 10.0]) {
        assert!((found - expected).abs() < 1e-9, "{maxima:?}");
    }
    assert_eq!(
        (other.digest.as_str(), other.text.as_str()),
        ("what-if", "")
    );
    let alone = with(&[("kaggle", 100.0)]).expect("possible");
    assert!(
        alone
            .components()
            .iter()
            .all(|(name, max, _)| (*max > 0.0) == (*name == "kaggle"))
    );
    for (maxima, message) in [
        (
            vec![("kagle", 45.0)],
            "there is no component \"kagle\"; there is open_source, kaggle",
        ),
        (
            vec![("kaggle", 101.0)],
            "the rubric's kaggle is 101, but must be 0 to 100",
        ),
        (vec![("kaggle", f64::NAN)], "the rubric's kaggle is NaN"),
        (
            vec![("kaggle", 60.0), ("own_code", 50.0)],
            "sum of the named max is 110, but must be 100 at most",
        ),
    ] {
        let error = with(&maxima).expect_err(message).to_string();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn an_unknown_name_is_answered_with_the_known_ones() {
    let error = Rubric::embedded("astronaut")
        .expect_err("unknown")
        .to_string();
    for (name, _) in EMBEDDED {
        assert!(error.contains(name), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_edit_makes_the_check_panic_and_every_place_lies_in_the_text(
        which in 0..EMBEDDED.len(),
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(), 0_usize..40, "[\\PC\n\t\"\\[\\]={}#.0-9a-z\u{202E}]{0,12}"),
            1..6,
        ),
    ) {
        let mut text = EMBEDDED[which].1.to_owned();
        for (place, removed, inserted) in edits {
            let from = text.floor_char_boundary(place.index(text.len() + 1));
            let until = text.floor_char_boundary((from + removed).min(text.len()));
            text.replace_range(from..until, &inserted);
        }
        match Rubric::parse(&text) {
            Ok(rubric) => prop_assert_eq!(rubric.text, text),
            Err(RubricError::Invalid { problems }) => {
                prop_assert!(!problems.is_empty());
                let lines: Vec<&str> = text.split('\n').collect();
                for problem in &problems {
                    prop_assert!((1..=lines.len()).contains(&problem.line), "{}", problem);
                    let columns = lines[problem.line - 1].chars().count() + 1;
                    prop_assert!((1..=columns).contains(&problem.column), "{}", problem);
                    prop_assert!(problem.marked >= 1);
                    let shown = problem.to_string();
                    prop_assert!(!shown.contains(|letter: char| letter != '\n' && letter.is_control()));
                }
                let in_order = problems.is_sorted_by_key(|problem| (problem.line, problem.column));
                prop_assert!(in_order);
            }
            Err(other) => prop_assert!(false, "{other}"),
        }
    }
}
