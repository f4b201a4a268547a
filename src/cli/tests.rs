use clap::{CommandFactory, error::ErrorKind};

use super::*;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split_whitespace())
}

/// Every command and those below it, but for what is hidden and the help.
fn commands(cli: &clap::Command) -> Vec<&clap::Command> {
    cli.get_subcommands()
        .filter(|command| !command.is_hide_set() && command.get_name() != "help")
        .flat_map(|command| std::iter::once(command).chain(commands(command)))
        .collect()
}

#[test]
fn the_definition_holds_together() {
    Cli::command().debug_assert();
}

#[test]
fn the_top_level_help() {
    let help = Cli::command()
        .term_width(100)
        .render_long_help()
        .to_string();
    insta::assert_snapshot!(help);
}

#[test]
fn every_command_and_flag_has_help_and_every_command_examples() {
    let mut cli = Cli::command();
    cli.build();
    for command in commands(&cli) {
        let name = command.get_name();
        assert!(command.get_about().is_some(), "{name}");
        let after = command.get_after_help().map(ToString::to_string);
        assert!(
            after.is_some_and(|after| after.contains("Examples:")),
            "{name}"
        );
        for argument in command.get_arguments() {
            assert!(argument.get_help().is_some(), "{name} {argument:?}");
        }
    }
}

#[test]
fn the_help_of_the_stand_in_says_which_token_it_takes() {
    let mut cli = Cli::command();
    let stand_in = cli.find_subcommand_mut("stand-in").expect("a command");
    let help = stand_in.render_long_help().to_string();
    assert!(help.contains("Examples:") && help.contains(crate::standin::DEMO_TOKEN));
}

#[test]
fn what_follows_the_flags_fits_into_eighty_columns() {
    let mut cli = Cli::command();
    cli.build();
    let long = |command: &clap::Command| -> Vec<String> {
        [command.get_before_help(), command.get_after_help()]
            .into_iter()
            .flatten()
            .flat_map(|text| {
                text.to_string()
                    .lines()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            })
            .filter(|line| line.chars().count() > 80)
            .collect()
    };
    let all = commands(&cli).into_iter().chain([&cli]);
    let lines: Vec<String> = all.flat_map(long).collect();
    assert_eq!(lines, Vec::<String>::new());
}

#[test]
fn every_example_in_the_help_parses() {
    let mut cli = Cli::command();
    cli.build();
    let mut tried = 0;
    for command in commands(&cli) {
        let after = command.get_after_help().map(ToString::to_string);
        // A line that ends with a backslash goes on in the next one.
        let after = after.unwrap_or_default().replace("\\\n", " ");
        for line in after.lines() {
            let Some((_, arguments)) = line.split_once("plaudit ").filter(|(before, _)| {
                before.trim().is_empty() || before.trim().starts_with("PLAUDIT_")
            }) else {
                continue;
            };
            // What stands far to the right, or behind a pipe, is not typed.
            let typed = arguments.replace("     --", " --");
            let words = shlex::split(typed.split("   ").next().unwrap_or_default());
            let words = words
                .unwrap_or_else(|| panic!("{line}"))
                .into_iter()
                .take_while(|word| !["|", ">", "<"].contains(&word.as_str()));
            let words = ["plaudit".to_owned()].into_iter().chain(words);
            let parsed = Cli::try_parse_from(words);
            assert!(parsed.is_ok(), "{line}: {parsed:?}");
            tried += 1;
        }
    }
    assert!(tried > 15, "{tried}");
}

#[test]
fn wrong_usage_is_told_with_the_nearest_right_one() {
    for (line, kind, told) in [
        ("plaudit enrch", ErrorKind::InvalidSubcommand, "'enrich'"),
        (
            "plaudit rank --limt 3",
            ErrorKind::UnknownArgument,
            "'--limit'",
        ),
        (
            "plaudit rank --limit 0",
            ErrorKind::ValueValidation,
            "at least 1 is needed",
        ),
        (
            "plaudit rank --what-if kaggle",
            ErrorKind::ValueValidation,
            "kaggle=45",
        ),
        (
            "plaudit changes --since yesterday",
            ErrorKind::ValueValidation,
            "24h or 7d",
        ),
        (
            "plaudit adjust a-01 --reason x --by y",
            ErrorKind::MissingRequiredArgument,
            "<POINTS>",
        ),
        (
            "plaudit rank --format xml",
            ErrorKind::InvalidValue,
            "markdown",
        ),
        (
            "plaudit enrich --wait 5",
            ErrorKind::ValueValidation,
            "\"5\" is no time",
        ),
        (
            "plaudit enrich --as-of 2026-02-30 x",
            ErrorKind::ValueValidation,
            "--as-of",
        ),
        (
            "plaudit rank -q -v",
            ErrorKind::ArgumentConflict,
            "--verbose",
        ),
        ("plaudit show", ErrorKind::MissingRequiredArgument, "<ID>"),
        (
            "plaudit kaggle import --from x --force",
            ErrorKind::ArgumentConflict,
            "--force",
        ),
        (
            "plaudit kaggle",
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand,
            "Meta Kaggle",
        ),
        (
            "plaudit",
            ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand,
            "First:",
        ),
    ] {
        let error = parse(line).unwrap_err();
        assert_eq!(error.kind(), kind, "{line}");
        assert!(error.to_string().contains(told), "{line}: {error}");
        assert_eq!(error.exit_code(), 2, "{line}");
    }
}

#[test]
fn flags_reach_the_settings() {
    let cli = parse("plaudit enrich @ada --role a-role --wait 1h --data-dir /d --config /c -vv");
    assert_eq!(
        cli.unwrap().overrides(),
        Overrides {
            config: Some("/c".into()),
            data_dir: Some("/d".into()),
            role: Some("a-role".to_owned()),
            patience: Some(Duration::from_hours(1)),
            verbosity: Verbosity::Verbose(2),
        }
    );
    let cli = parse("plaudit --quiet rank --role other").unwrap();
    assert_eq!(cli.overrides().role.as_deref(), Some("other"));
    assert_eq!(cli.overrides().verbosity, Verbosity::Quiet);
    let cli = parse("plaudit kaggle import --wait 2h").unwrap();
    assert_eq!(cli.overrides().patience, Some(Duration::from_hours(2)));
    assert_eq!(
        parse("plaudit schema").unwrap().overrides(),
        Overrides::default()
    );
}

#[test]
fn colours_follow_the_flag_then_the_terminal_and_no_color() {
    for (color, terminal, no_color, wanted) in [
        (Color::Auto, true, false, true),
        (Color::Auto, true, true, false),
        (Color::Auto, false, false, false),
        (Color::Always, false, true, true),
        (Color::Never, true, false, false),
    ] {
        assert_eq!(color.wanted(terminal, no_color), wanted, "{color:?}");
    }
}
