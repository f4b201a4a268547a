//! What is deployed says what the program understands: commands, flags, settings, measures.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::Path;

use clap::Parser;
use plaudit::cli::Cli;
use plaudit::config::{Config, Overrides, VARIABLES};
use plaudit::measures;

const DOCS: &str = include_str!("../docs/operations.md");
const DOCKERFILE: &str = include_str!("../Dockerfile");

/// Everything that is deployed, by the file's name.
fn files() -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> = [("Dockerfile", DOCKERFILE), ("operations.md", DOCS)]
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .into();
    for folder in ["deploy/systemd", "deploy/kubernetes"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let entry = entry.expect("a file");
            let name = entry.file_name().into_string().expect("UTF-8");
            let text = std::fs::read_to_string(entry.path()).expect("a text");
            files.insert(name, text);
        }
    }
    files
}

fn words(text: &str, beginning: &str) -> BTreeSet<String> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_';
    text.split(|character| !is_part(character))
        .filter(|word| word.starts_with(beginning))
        .map(ToOwned::to_owned)
        .collect()
}

/// The commands of a file, each as its words, `plaudit` first.
fn commands(name: &str, text: &str) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    for line in text.lines().map(str::trim) {
        if let Some(list) = line.strip_prefix("args: ").or(line.strip_prefix("CMD ")) {
            let list: Vec<String> = serde_json::from_str(list).expect("a list");
            commands.push([vec!["plaudit".to_owned()], list].concat());
        } else if let Some(command) = line.strip_prefix("ExecStart=/usr/local/bin/") {
            commands.push(shlex::split(command).expect("words"));
        } else if name == "operations.md" && line.starts_with(['$', '#']) {
            let words = shlex::split(&line[1..]).unwrap_or_default();
            let program = words.iter().position(|word| word == "plaudit");
            // Behind what sets the stage for it, and not as somebody else's argument.
            if let Some(place) = program
                && words[..place].iter().all(|word| {
                    word.contains('=') || ["sudo", "-u", "plaudit", "env"].contains(&word.as_str())
                })
                && let Some(place) = words.iter().rposition(|word| word == "plaudit")
            {
                commands.push(words[place..].to_vec());
            }
        }
    }
    commands
}

/// The settings of a file: `NAME=value` in a unit, `name` and `value` in Kubernetes.
fn settings(text: &str) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    let mut named = None;
    for line in text.lines().map(str::trim) {
        let line = line.trim_start_matches('#');
        let unit = line
            .strip_prefix("Environment=")
            .or(line.strip_prefix("ENV "))
            .and_then(|setting| setting.split_once('='));
        if let Some((name, value)) = unit {
            settings.insert(name.to_owned(), value.to_owned());
        } else if let Some(name) = line.strip_prefix("- name: ") {
            named = Some(name.to_owned());
        } else if let (Some(value), Some(name)) = (line.strip_prefix("value: "), named.take()) {
            settings.insert(name, value.to_owned());
        }
    }
    settings
}

#[test]
fn every_command_that_is_deployed_is_one_that_the_program_takes() {
    let mut count = 0;
    for (name, text) in files() {
        for command in commands(&name, &text) {
            if let Err(error) = Cli::try_parse_from(&command) {
                panic!("{name}: {command:?}: {error}");
            }
            count += 1;
        }
    }
    // Two units, three workloads, the image, and what the documentation shows.
    assert!(count >= 9, "only {count} commands were found");
}

#[test]
fn every_setting_that_is_deployed_is_one_that_the_program_takes() {
    let mut count = 0;
    for (name, text) in files() {
        let mut environment = settings(&text);
        count += environment.len();
        environment.insert("HOME".to_owned(), "/nonexistent".to_owned());
        if let Err(error) = Config::load(&Overrides::default(), &environment) {
            panic!("{name}: {environment:?}: {error}");
        }
    }
    assert!(count >= 10, "only {count} settings were found");
}

#[test]
fn every_variable_that_is_named_is_one_that_the_program_reads() {
    let environment = [("HOME".to_owned(), "/nonexistent".to_owned())].into();
    let config = Config::load(&Overrides::default(), &environment).expect("settings");
    let mut known: BTreeSet<String> = config
        .entries()
        .iter()
        .map(|entry| format!("PLAUDIT_{}", entry.key.replace('.', "__").to_uppercase()))
        .collect();
    known.extend(VARIABLES.iter().map(|variable| variable.name.to_owned()));
    for (name, text) in files() {
        for beginning in ["PLAUDIT_", "GITHUB_", "KAGGLE_"] {
            for variable in words(&text, beginning) {
                assert!(known.contains(&variable), "{name}: {variable}");
            }
        }
    }
}

#[test]
fn the_documentation_tells_of_every_measure_as_the_program_does() {
    assert!(
        DOCS.contains(&measures::table()),
        "docs/operations.md needs this table:\n{}",
        measures::table()
    );
    for (name, text) in files() {
        for word in words(&text, "plaudit_") {
            let known = measures::ALL.iter().any(|measure| measure.name == word);
            assert!(known, "{name}: {word}");
        }
    }
}

#[test]
fn whoever_ends_it_gives_it_the_time_that_it_takes() {
    let environment = [("HOME".to_owned(), "/nonexistent".to_owned())].into();
    let config = Config::load(&Overrides::default(), &environment).expect("settings");
    let needed = (config.worker.grace + config.serve.request_timeout).as_secs();
    let files = files();
    for (name, key) in [
        ("plaudit.service", "TimeoutStopSec="),
        ("plaudit-refresh.service", "TimeoutStopSec="),
        ("plaudit.yaml", "terminationGracePeriodSeconds: "),
        ("refresh-cronjob.yaml", "terminationGracePeriodSeconds: "),
    ] {
        let mut lines = files[name].lines().map(str::trim);
        let seconds = lines.find_map(|line| line.strip_prefix(key));
        let seconds: u64 = seconds.expect(name).parse().expect("seconds");
        assert!(
            seconds > needed,
            "{name}: {seconds} s, and {needed} s are needed"
        );
    }
}

#[test]
fn nothing_that_is_deployed_has_more_rights_than_it_needs() {
    let files = files();
    for (name, text) in &files {
        let kind = Path::new(name).extension().and_then(OsStr::to_str);
        let wanted: &[&str] = if kind == Some("service") {
            &[
                "User=plaudit",
                "NoNewPrivileges=yes",
                "ProtectSystem=strict",
                "CapabilityBoundingSet=",
                "SystemCallFilter=@system-service",
                "MemoryDenyWriteExecute=yes",
            ]
        } else if kind == Some("yaml") {
            &[
                "runAsNonRoot: true",
                "readOnlyRootFilesystem: true",
                "allowPrivilegeEscalation: false",
                "drop: [\"ALL\"]",
            ]
        } else {
            continue;
        };
        for line in wanted {
            assert!(
                text.lines().any(|one| one.trim() == *line),
                "{name}: {line}"
            );
        }
    }
    assert!(DOCKERFILE.contains("\nUSER 10001:10001\n"));
    // The store has one owner.
    assert!(
        files["plaudit.yaml"].contains("type: Recreate")
            && files["plaudit.yaml"].contains("replicas: 1")
    );
    assert!(files["refresh-cronjob.yaml"].contains("concurrencyPolicy: Forbid"));
}
