//! What the README says is what the program does.

use std::process::Output;

use clap::{CommandFactory, Parser};
use plaudit::cli::Cli;

use crate::app::program_in;

const README: &str = include_str!("../README.md");

/// The fenced blocks of a language, in order.
fn blocks(language: &str) -> Vec<&'static str> {
    let fence = format!("```{language}\n");
    README
        .split(&fence)
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect()
}

/// What stands between `<!-- name -->` and `<!-- /name -->`.
fn between(name: &str) -> &'static str {
    let (open, close) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let rest = README
        .split(&open)
        .nth(1)
        .unwrap_or_else(|| panic!("no {open}"));
    rest.split(&close)
        .next()
        .unwrap_or_else(|| panic!("no {close}"))
}

/// The commands of the README: lines of its `sh` blocks, without comments.
fn commands() -> Vec<String> {
    blocks("sh")
        .into_iter()
        .flat_map(str::lines)
        .map(|line| line.split('#').next().unwrap_or_default().trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

fn run(arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().expect("a folder");
    program_in(home.path())
        .args(arguments)
        .output()
        .expect("the program")
}

#[test]
fn every_command_of_the_readme_can_be_typed() {
    let typed: Vec<_> = commands()
        .into_iter()
        .filter(|line| line.starts_with("plaudit "))
        .collect();
    assert!(typed.len() >= 5, "{typed:?}");
    for line in typed {
        let words = line.split_whitespace();
        if let Err(error) = Cli::try_parse_from(words) {
            panic!("{line}: {error}");
        }
    }
}

#[test]
fn the_readme_names_exactly_two_set_up_commands() {
    let setup = README.split("## Set up").nth(1).expect("a section");
    let setup = setup.split("\n## ").next().expect("its end");
    let commands: Vec<_> = setup
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .map(str::trim)
        .collect();
    assert_eq!(commands, ["cargo run --release -- demo", "cargo test"]);
}

#[test]
fn the_demo_prints_the_ranking_that_the_readme_shows() {
    let shown = between("demo").trim();
    let shown = shown
        .strip_prefix("```text\n")
        .expect("a block")
        .trim_end_matches('`')
        .trim_end();
    let output = run(&["demo", "--no-progress"]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(shown.lines().count() > 10, "the README shows too little");
    let mut rest = printed.lines();
    // Lines may be left out, as `…`; those that are shown are as printed, in order.
    for line in shown
        .lines()
        .filter(|line| !matches!(line.trim(), "" | "…"))
    {
        assert!(
            rest.any(|printed| printed.trim_end() == line.trim_end()),
            "not printed: {line}"
        );
    }
}

#[test]
fn every_point_that_the_demo_prints_has_a_url() {
    let output = run(&["demo", "--no-progress", "--format", "json"]);
    let profiles: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let mut points = 0;
    for profile in profiles.as_array().expect("a ranking") {
        let mut sum = 0.0;
        for component in profile["score"]["components"]
            .as_array()
            .expect("components")
        {
            for evidence in component["evidence"].as_array().expect("evidence") {
                let url = evidence["url"].as_str().expect("a URL");
                let known = [
                    "https://github.com/",
                    "https://www.kaggle.com/",
                    // What the demo's reviewers have looked up.
                    "https://papers.example/",
                ];
                assert!(known.iter().any(|host| url.starts_with(host)), "{url}");
                sum += evidence["points"].as_f64().expect("points");
                points += 1;
            }
        }
        let low = profile["score"]["low"].as_f64().expect("a score");
        assert!((sum - low).abs() < 1e-9, "{sum} is not {low}");
    }
    assert!(points > 300, "only {points} pieces of evidence");
}

#[test]
fn the_exit_codes_of_the_readme_are_those_of_the_help() {
    let mut help = Cli::command();
    let help = help.render_long_help().to_string();
    for (code, word) in [
        ("0", "complete"),
        ("1", "incomplete"),
        ("2", "usage"),
        ("3", "configuration"),
        ("4", "store"),
        ("130", "interrupted"),
    ] {
        let line = help
            .lines()
            .find(|line| line.trim_start().starts_with(&format!("{code}  ")));
        assert!(
            line.is_some_and(|line| line.contains(word)),
            "{code}: {line:?}"
        );
        let readme = README
            .lines()
            .find(|line| line.starts_with("| exit codes"))
            .expect("a row");
        let said = readme
            .split('·')
            .find(|part| part.split_whitespace().any(|word| word == code));
        assert!(
            said.is_some_and(|said| said.contains(word)),
            "{code} in {readme}"
        );
    }
}
