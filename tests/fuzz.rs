//! What the fuzzer's targets hold, on a stable compiler: over every input that is kept, and over some thousand
//! mutations of each target's.
//!
//! The bodies are the fuzzer's own. A corpus lies in `fuzz/corpus/TARGET`, what was once wrong in
//! `fuzz/regressions/TARGET`; each of the latter has a test of its own here, which says what was wrong.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fastrand::Rng;
use plaudit::domain::score::ComponentState;
use serde::de::IgnoredAny;

#[path = "../fuzz/bodies/mod.rs"]
#[expect(unreachable_pub, reason = "elsewhere the same files are a library")]
mod bodies;

/// A target: its name, its body, mutations that are tried, and the longest one in bytes.
struct Target {
    name: &'static str,
    body: fn(&[u8]),
    mutations: usize,
    longest: usize,
}

impl Target {
    const fn new(name: &'static str, body: fn(&[u8]), mutations: usize, longest: usize) -> Self {
        Self {
            name,
            body,
            mutations,
            longest,
        }
    }
}

/// The targets. What takes a folder, a runtime or a server for each input is tried less often.
const TARGETS: [Target; 10] = [
    Target::new("access", bodies::access::run, 1_000, 2_048),
    Target::new("api", bodies::api::run, 1_000, 4_096),
    Target::new("dump", bodies::dump::run, 300, 8_192),
    Target::new("github", bodies::github::run, 2_000, 32_768),
    Target::new("home_page", bodies::home_page::run, 2_000, 8_192),
    Target::new("kaggle", bodies::kaggle::run, 1_000, 16_384),
    Target::new("link", bodies::link::run, 10_000, 512),
    Target::new("list", bodies::list::run, 3_000, 4_096),
    Target::new("rubric", bodies::rubric::run, 100, 8_192),
    Target::new("sheet", bodies::sheet::run, 1_000, 8_192),
];

/// Longest time for the mutations of one target; what is not reached by then is left out. The machine's speed decides
/// how many are tried, never whether the test passes.
const PATIENCE: Duration = Duration::from_secs(4);

fn folder(kind: &str, target: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("fuzz").join(kind).join(target)
}

/// The inputs in a folder, by name.
fn inputs(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let read = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.expect("readable").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        (name.into_owned(), fs::read(&path).expect("readable"))
    };
    let mut inputs: Vec<_> = entries.map(read).collect();
    inputs.sort();
    inputs
}

/// One input, and which it was if the body does not hold.
fn hold(target: &Target, name: &str, bytes: &[u8]) {
    let held = std::panic::catch_unwind(|| (target.body)(bytes));
    if let Err(panic) = held {
        println!(
            "{} does not hold over {name}: {:?}",
            target.name,
            String::from_utf8_lossy(bytes)
        );
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn every_input_that_is_kept_holds() {
    for target in &TARGETS {
        let corpus = inputs(&folder("corpus", target.name));
        assert!(corpus.len() >= 3, "{} has no corpus", target.name);
        let wrong = inputs(&folder("regressions", target.name));
        for (name, bytes) in corpus.iter().chain(&wrong) {
            hold(target, name, bytes);
        }
    }
}

#[test]
fn mutations_of_what_is_kept_hold() {
    for target in &TARGETS {
        let mut random = Rng::with_seed(20_261_130);
        let corpus = inputs(&folder("corpus", target.name));
        let begun = Instant::now();
        let mut tried = 0;
        while tried < target.mutations && begun.elapsed() < PATIENCE {
            let input = mutated(&mut random, &corpus, target.longest);
            hold(target, &format!("mutation {tried}"), &input);
            tried += 1;
        }
        println!("{}: {tried} mutations", target.name);
    }
}

/// The state of a component by the answers in a regression.
fn state_of(component: &str, name: &str) -> ComponentState {
    let input = fs::read(folder("regressions", "github").join(name)).expect("readable");
    let score = bodies::github::score(&input).expect("a person");
    let all = score.components.into_iter();
    let mut named = all.filter(|one| one.name == component);
    named.next().expect("a component").state
}

#[test]
fn a_list_of_pull_requests_that_github_left_out_was_taken_for_an_empty_one() {
    let state = state_of("open_source", "list_left_out");
    assert_eq!(state, ComponentState::Partial);
}

#[test]
fn pull_requests_behind_a_page_without_a_cursor_were_lost_without_a_word() {
    let state = state_of("open_source", "page_without_cursor");
    assert_eq!(state, ComponentState::Partial);
}

#[test]
fn a_proof_that_github_gave_in_part_was_taken_for_none() {
    let state = state_of("open_source", "proof_in_part");
    assert_eq!(state, ComponentState::Partial);
}

#[test]
fn own_repositories_that_github_left_out_or_did_not_show_were_taken_for_none() {
    for name in ["repositories_left_out", "repository_out_of_sight"] {
        let state = state_of("own_code", name);
        assert_ne!(state, ComponentState::Complete, "{name}");
    }
}

#[test]
fn years_that_github_left_out_were_years_without_work() {
    for name in ["year_left_out", "account_gone_between_queries"] {
        let state = state_of("sustained", name);
        assert_ne!(state, ComponentState::Complete, "{name}");
    }
}

#[test]
fn names_of_projects_and_addresses_kept_the_escapes_that_an_answer_held() {
    let input = fs::read(folder("regressions", "github").join("escapes_in_names"));
    bodies::github::run(&input.expect("readable"));
}

#[test]
fn a_row_of_a_workbook_that_came_in_two_pieces_was_taken_for_two_applicants() {
    let input = fs::read(folder("regressions", "sheet").join("rows_out_of_order"));
    bodies::sheet::run(&input.expect("readable"));
}

/// What GitHub itself says by leaving it out, or by null, so that nothing is unknown for the lack of it.
#[rustfmt::skip]
const MAY_LACK: &[&str] = &[
    // A pull request that nobody is known to have merged, or that is not merged at all.
    "mergedAt", "mergedBy",
    // One that no commit closed, or one of somebody without an account.
    "closer", "author", "user",
];

#[test]
fn whatever_github_leaves_out_of_an_answer_takes_no_point_from_a_component_that_is_called_complete()
{
    let person = fs::read(folder("corpus", "github").join("person")).expect("readable");
    let whole = bodies::github::score(&person).expect("a person");
    let mut left_out = 0;
    for (at, end, key) in values(&person) {
        let mut input = person.clone();
        input.splice(at..end, *b"null");
        let Some(score) = bodies::github::score(&input) else {
            continue;
        };
        left_out += 1;
        for (was, is) in whole.components.iter().zip(&score.components) {
            let complete = is.state == ComponentState::Complete;
            let fell = complete && is.low < was.low;
            assert!(
                !fell || MAY_LACK.contains(&key.as_str()),
                "{}: {} became {} without {key}, byte {at}",
                is.name,
                was.low,
                is.low
            );
        }
    }
    assert!(left_out > 50, "{left_out}");
}

/// Each value in an input's JSON: from where to where, and its name.
fn values(input: &[u8]) -> Vec<(usize, usize, String)> {
    let colons = input
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| *pair == b"\":");
    let value = |(at, _): (usize, &[u8])| {
        let name = input[..at]
            .rsplit(|byte| *byte == b'"')
            .next()
            .unwrap_or_default();
        let name = String::from_utf8_lossy(name).into_owned();
        Some((at + 2, value_end(input, at + 2)?, name))
    };
    colons.filter_map(value).collect()
}

/// Where the JSON value ends that begins at a place.
fn value_end(input: &[u8], from: usize) -> Option<usize> {
    let mut values =
        serde_json::Deserializer::from_slice(input.get(from..)?).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    Some(from + values.byte_offset())
}

/// One of the inputs with one to four changes.
fn mutated(random: &mut Rng, corpus: &[(String, Vec<u8>)], longest: usize) -> Vec<u8> {
    let one_of = |random: &mut Rng| corpus[random.usize(0..corpus.len())].1.clone();
    let mut input = one_of(random);
    for _ in 0..random.usize(1..=4) {
        let at = random.usize(0..=input.len());
        let end = (at + random.usize(0..24)).min(input.len());
        match random.u8(0..8) {
            0 => drop(input.drain(at..end)),
            1 => input.insert(at, random.u8(..)),
            2 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << random.u8(0..8);
                }
            }
            3 => {
                let piece = input[at..end].to_vec();
                let to = random.usize(0..=input.len());
                input.splice(to..to, piece);
            }
            4 => {
                let other = one_of(random);
                let from = random.usize(0..=other.len());
                let until = (from + random.usize(0..200)).min(other.len());
                input.splice(at..end, other[from..until].iter().copied());
            }
            5 => {
                let piece = PIECES[random.usize(0..PIECES.len())];
                input.splice(at..end, piece.bytes());
            }
            6 => {
                // A value of JSON behind that place, if there is one.
                let colon = input[at..].windows(2).position(|pair| pair == b"\":");
                let from = colon.map_or(input.len(), |colon| at + colon + 2);
                if let Some(end) = value_end(&input, from) {
                    input.splice(from..end, *b"null");
                }
            }
            _ => input.truncate(at.max(1)),
        }
    }
    input.truncate(longest);
    input
}

/// What has a meaning to one reader or another.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "\u{1e}", "\n", "\r", "\r\n", "\n\n", "\"", "'", ",", ";", "\t", ":", "{", "}", "[", "]", "<", ">", "&", "=", "%00",
    "%2e%2e", "/", "//", "\\", "#", "?", "@", "null", "true", "-1", "0", "1e999", "18446744073709551616", "nan", "inf",
    "\\u001b[31m", "\u{1b}[31m", "\u{9b}2J", "\u{202e}", "\u{feff}", "\u{0}", "\u{200b}", "日本", "9999-12-31T23:59:59Z",
    "-9999-01-01T00:00:00Z", "http://", "javascript:", "A0", "errors", "data", "FORBIDDEN", "RATE_LIMITED",
];

#[test]
fn a_token_in_the_place_of_a_link_was_repeated_in_the_answer() {
    let input = fs::read(folder("regressions", "access").join("token_in_a_field"));
    bodies::access::run(&input.expect("readable"));
}
