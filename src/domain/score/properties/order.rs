//! The order of input never matters, nor does the process.

use std::io::Write as _;
use std::process::Command;

use fastrand::Rng;

use super::*;

fn shuffle(random: &mut Rng, set: &mut FactSet) {
    if let Some(Lookup::Found { facts }) = set.sources.github.as_mut().map(|one| &mut one.lookup) {
        random.shuffle(&mut facts.pull_requests);
        random.shuffle(&mut facts.repositories);
        random.shuffle(&mut facts.projects);
        random.shuffle(&mut facts.gaps);
    }
    if let Some(Lookup::Found { facts }) = set.sources.kaggle.as_mut().map(|one| &mut one.lookup) {
        random.shuffle(&mut facts.competitions);
        random.shuffle(&mut facts.gaps);
    }
    if let Some(Lookup::Found { facts }) = set.sources.page.as_mut().map(|one| &mut one.lookup) {
        random.shuffle(&mut facts.unclear);
    }
    random.shuffle(&mut set.review.evidence);
    random.shuffle(&mut set.flags);
    for flag in &mut set.flags {
        random.shuffle(&mut flag.evidence);
    }
}

#[test]
fn the_order_of_the_input_never_matters() {
    every_fact_set(|number, set, rubric| {
        let mut shuffled = set.clone();
        shuffle(&mut Rng::with_seed(!number), &mut shuffled);
        let (one, other) = (set.judged(rubric), shuffled.judged(rubric));
        assert_eq!(bytes(&one), bytes(&other), "{number}");
    });
}

/// The BLAKE3 digest over the digests of every score's JSON, in the order of the numbers, whatever the order in which
/// they were judged.
fn digest_of_all(numbers: impl Iterator<Item = u64>) -> String {
    let mut digests: Vec<(u64, blake3::Hash)> = numbers
        .map(|number| {
            let rubric = rubric_of(number);
            let score = FactSet::numbered(number, rubric).judged(rubric);
            (number, blake3::hash(&bytes(&score)))
        })
        .collect();
    digests.sort_unstable_by_key(|(number, _)| *number);
    let mut all = blake3::Hasher::new();
    for (_, digest) in digests {
        all.update(digest.as_bytes());
    }
    all.finalize().to_hex().to_string()
}

const DIGEST_IS: &str = "digest of all scores: ";

#[test]
#[ignore = "the other process of `another_process_gives_the_same_bytes`, which starts it"]
fn the_digest_of_all_scores() {
    // Past the harness, which would keep what is printed.
    let digest = digest_of_all((0..CASES).rev());
    writeln!(std::io::stdout(), "\n{DIGEST_IS}{digest}").expect("written");
}

#[test]
fn another_process_gives_the_same_bytes() {
    let (_, path) = module_path!().split_once("::").expect("a crate");
    let other = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "--ignored", "--test-threads=1"])
        .arg(format!("{path}::the_digest_of_all_scores"))
        .output()
        .expect("another process");
    let printed = String::from_utf8_lossy(&other.stdout);
    let digest = printed
        .lines()
        .find_map(|line| line.strip_prefix(DIGEST_IS))
        .unwrap_or_else(|| panic!("no digest in {printed}"));
    assert_eq!(digest, digest_of_all(0..CASES));
}
