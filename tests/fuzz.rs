//! What the fuzzer's targets hold, on a stable compiler: over every input that is kept, and over some thousand
//! mutations of each target's.
//!
//! The bodies are the fuzzer's own. A corpus lies in `fuzz/corpus/TARGET`, what was once wrong in
//! `fuzz/regressions/TARGET`; each of the latter has a test of its own here, which says what was wrong.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fastrand::Rng;

#[path = "../fuzz/bodies/mod.rs"]
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

/// One of the inputs with one to four changes.
fn mutated(random: &mut Rng, corpus: &[(String, Vec<u8>)], longest: usize) -> Vec<u8> {
    let one_of = |random: &mut Rng| corpus[random.usize(0..corpus.len())].1.clone();
    let mut input = one_of(random);
    for _ in 0..random.usize(1..=4) {
        let at = random.usize(0..=input.len());
        let end = (at + random.usize(0..24)).min(input.len());
        match random.u8(0..7) {
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
