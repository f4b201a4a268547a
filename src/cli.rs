//! What can be typed: commands and flags, with the help that they print. Nothing here does anything.
//!
//! One definition feeds the help, the shell completions and the manual pages.

#[cfg(test)]
mod tests;

use std::{fmt::Write as _, path::PathBuf, time::Duration};

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use jiff::civil::Date;

use crate::{
    config::{Overrides, VARIABLES, Variable, Verbosity, parse_duration},
    report::Format,
};

const FIRST: &str = "\
First:  plaudit demo
          made-up applicants, on this machine alone
Then:   plaudit enrich https://github.com/NAME
          a real one; with a token in GITHUB_TOKEN more can be seen
        plaudit show github:NAME
          every point, with the URL that earned it";

const AFTER: &str = "\
Exit codes:
    0  all applicants complete (also when the reader of a pipe goes away)
    1  finished, but some applicants are incomplete
    2  wrong usage
    3  wrong configuration
    4  the store, a file or the disk failed
  130  interrupted

Results go to standard output, everything else to standard error.
Examples are in `plaudit COMMAND --help`, environment variables in
`plaudit config --help`.";

/// Turns the links on an application into a scored profile in which every point carries the URL that earned it.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "plaudit",
    version,
    before_help = FIRST,
    after_help = AFTER,
    arg_required_else_help = true,
    subcommand_required = true,
    max_term_width = 100,
)]
pub struct Cli {
    /// Flags that every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Read settings from FILE instead of ~/.config/plaudit/config.toml
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub config: Option<PathBuf>,
    /// Keep everything in DIR instead of ~/.local/share/plaudit
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub data_dir: Option<PathBuf>,
    /// How results are written
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORMAT"
    )]
    pub format: Format,
    /// Write results to FILE instead of standard output (for `man`: a folder)
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::AnyPath)]
    pub output: Option<PathBuf>,
    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more; twice: decisions; three times: everything
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Whether to use colours; `auto`: on a terminal, unless `NO_COLOR` is set
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,
    /// Show no progress bar, also on a terminal
    #[arg(long, global = true)]
    pub no_progress: bool,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Whether to use colours, given where the output goes and whether `NO_COLOR` is set.
    #[must_use]
    pub fn wanted(self, on_a_terminal: bool, no_color: bool) -> bool {
        match self {
            Self::Auto => on_a_terminal && !no_color,
            Self::Always => true,
            Self::Never => false,
        }
    }
}

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Make profiles of applicants from their links, and rank them
    Enrich(Enrich),
    /// Show it all at work on made-up applicants, on this machine alone
    Demo(Demo),
    /// Show one applicant's profile with its evidence
    Show(Show),
    /// Rank the applicants for a role
    Rank(Rank),
    /// Bring Kaggle's data set onto this machine, or say what is here of it
    Kaggle(Kaggle),
    /// Check settings, store, tokens and what is assumed about GitHub and Kaggle
    Doctor(Doctor),
    /// Show every setting, its value and where it comes from
    #[command(after_help = config_help())]
    Config,
    /// Print the JSON Schema of a profile
    #[command(after_help = "\
Examples:
  plaudit schema > profile.schema.json")]
    Schema,
    /// Print a completion script for a shell
    Completions(Completions),
    /// Print the manual page, or write one page a command
    #[command(after_help = "\
Examples:
  plaudit man | man -l -                           look at the main page
  plaudit man --output ~/.local/share/man/man1     write one page a command")]
    Man,
    /// Serve a made-up GitHub on this machine
    #[command(hide = true)]
    StandIn(StandIn),
}

/// `plaudit enrich`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Without links and without a list, it goes on with what is still queued.
Applicants are kept before work on them begins: after an interruption nothing is
lost, and `plaudit enrich` goes on.

A list is CSV, XLSX or JSONL. Its columns, in any order and case, are the ones
below; one with a link is enough.
  id, name, email, github, kaggle, orcid, homepage, links, role, applied_at,
  legal_basis

Examples:
  plaudit enrich https://github.com/NAME
  plaudit enrich --from applicants.csv --dry-run   what it would cost
  plaudit enrich --from applicants.csv
  plaudit enrich --from - < applicants.jsonl
  plaudit enrich --wait 2h                     go on; wait for limits up to 2 h")]
pub struct Enrich {
    /// Links as they stand on an application; each is an applicant
    #[arg(value_name = "LINK")]
    pub links: Vec<String>,
    /// A list of applicants; `-` is standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub from: Option<PathBuf>,
    /// The role of applicants whose row names none
    #[arg(long, value_name = "NAME")]
    pub role: Option<String>,
    /// Say the expected requests, points and time, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Judge as of the end of this day (UTC) instead of today
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub as_of: Option<Date>,
    /// Ask the sources again, also where the facts are still fresh
    #[arg(long)]
    pub refetch: bool,
    /// How long to wait for limits before it ends and says what remains: 30s, 2m, 1h
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub wait: Option<Duration>,
}

/// A made-up world.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct World {
    /// Generate this many applicants instead of the sixteen and more with a story each
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub applicants: Option<u32>,
    /// Milliseconds that the made-up GitHub takes for each answer
    #[arg(long, value_name = "MS", value_parser = clap::value_parser!(u64).range(0..=60_000))]
    pub latency: Option<u64>,
    /// What goes wrong on the way, each with its probability: `cut=0.1,html`; `all` for everything
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub faults: Vec<String>,
    /// What the world is drawn from: the same number gives the same world
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
}

/// `plaudit demo`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Nothing leaves this machine, and no token is used.

Examples:
  plaudit demo
  plaudit demo --applicants 1000 --latency 50      try a load
  plaudit demo --applicants 200 --faults cut,bad-gateway=0.2")]
pub struct Demo {
    /// The world to show.
    #[command(flatten)]
    pub world: World,
}

/// `plaudit show`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  plaudit show github:NAME
  plaudit show github:NAME --explain               every number, and how it came
  plaudit show github:NAME --format json")]
pub struct Show {
    /// The applicant's id: the list's own, or made from the first link (`github:NAME`)
    pub id: String,
    /// Say how every point came about
    #[arg(long)]
    pub explain: bool,
}

/// `plaudit rank`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
The order is: what is proven, then what is possible, then the id. It decides
nothing; a person does.

Examples:
  plaudit rank
  plaudit rank --role doctoral-dl-radiology --limit 20
  plaudit rank --format csv --output ranking.csv")]
pub struct Rank {
    /// The role; without it, the one that the settings name
    #[arg(long, value_name = "NAME")]
    pub role: Option<String>,
    /// Show the first N applicants alone
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub limit: Option<usize>,
}

/// `plaudit kaggle`.
#[derive(Debug, Clone, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Medals, ranks and competitions come from Kaggle's own data set, Meta Kaggle,
which is renewed each day. Its files become one index file on this machine.

Examples:
  plaudit kaggle import          download it, or what is newer of it
  plaudit kaggle status          what is here, and how old it is"
)]
pub struct Kaggle {
    /// What to do.
    #[command(subcommand)]
    pub command: KaggleCommand,
}

/// What to do about Kaggle's data set.
#[derive(Debug, Clone, Subcommand)]
pub enum KaggleCommand {
    /// Download the data set, or what is newer of it, and make the index
    Import(KaggleImport),
    /// Say what is here, and how old it is
    #[command(after_help = "\
It ends with 1 when there is no index to ask.

Examples:
  plaudit kaggle status
  plaudit kaggle status --format json")]
    Status,
}

/// `plaudit kaggle import`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
An import takes about 12 GB on the disk, which go when it is done, and 1.2 GB
for the index. Stopped at any moment, the next one goes on; until it is done,
the index from before answers. No account is needed; one that Kaggle's own
program uses (KAGGLE_API_TOKEN, ~/.kaggle) is used as well.

By hand: download https://www.kaggle.com/datasets/kaggle/meta-kaggle and name
the folder with --from. Needed are Users, UserAchievements, Teams,
TeamMemberships and Competitions, as CSV or zip, or all in meta-kaggle.zip.

Examples:
  plaudit kaggle import
  plaudit kaggle import --wait 2h              wait for Kaggle up to 2 h
  plaudit kaggle import --from ~/Downloads     what was downloaded by hand")]
pub struct KaggleImport {
    /// Take the files from DIR instead of downloading them; they are left as they are
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with_all = ["force", "keep", "wait"])]
    pub from: Option<PathBuf>,
    /// Make the index anew, also where Kaggle has nothing newer
    #[arg(long)]
    pub force: bool,
    /// Leave the downloaded files in the data folder
    #[arg(long)]
    pub keep: bool,
    /// How long to wait when Kaggle asks to, before it ends and says until when: 30s, 2m, 1h
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    pub wait: Option<Duration>,
}

/// `plaudit doctor`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  plaudit doctor                 at most ten requests to GitHub, and at most
                                 twelve to Kaggle, one every two seconds
  plaudit doctor --offline       none")]
pub struct Doctor {
    /// Send no request
    #[arg(long)]
    pub offline: bool,
    /// A login whose owner has changed it, to see how GitHub answers for it
    #[arg(long, value_name = "NAME", conflicts_with = "offline")]
    pub former_login: Option<String>,
    /// Somebody with a profile on Kaggle, to see how it answers for them
    #[arg(long, value_name = "NAME", conflicts_with = "offline")]
    pub kaggle_name: Option<String>,
}

/// `plaudit completions`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  plaudit completions bash > ~/.local/share/bash-completion/completions/plaudit
  plaudit completions zsh > ~/.zfunc/_plaudit
  plaudit completions fish > ~/.config/fish/completions/plaudit.fish")]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// `plaudit stand-in`.
#[derive(Debug, Clone, Args)]
pub struct StandIn {
    /// The world to serve.
    #[command(flatten)]
    pub world: World,
}

impl Cli {
    /// What the command line says about settings.
    #[must_use]
    pub fn overrides(&self) -> Overrides {
        let (role, patience) = match &self.command {
            Command::Enrich(enrich) => (enrich.role.clone(), enrich.wait),
            Command::Rank(rank) => (rank.role.clone(), None),
            Command::Kaggle(Kaggle {
                command: KaggleCommand::Import(import),
            }) => (None, import.wait),
            Command::Demo(_)
            | Command::Show(_)
            | Command::Kaggle(_)
            | Command::Doctor(_)
            | Command::Config
            | Command::Schema
            | Command::Completions(_)
            | Command::Man
            | Command::StandIn(_) => (None, None),
        };
        Overrides {
            config: self.global.config.clone(),
            data_dir: self.global.data_dir.clone(),
            role,
            patience,
            verbosity: match (self.global.quiet, self.global.verbose) {
                (true, _) => Verbosity::Quiet,
                (false, 0) => Verbosity::Configured,
                (false, times) => Verbosity::Verbose(times),
            },
        }
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("at least 1 is needed".to_owned()),
        Ok(number) => Ok(number),
        Err(_) => Err("a whole number is needed".to_owned()),
    }
}

/// The help of `plaudit config` ends with the table of variables.
fn config_help() -> String {
    let mut help = "\
Settings come from flags, then the environment, then a file, then the defaults.

Examples:
  plaudit config
  plaudit config --format json
  PLAUDIT_WORKER__WORKERS=8 plaudit config

Environment:
"
    .to_owned();
    for Variable { name, meaning, .. } in VARIABLES {
        // Writing to a String cannot fail.
        let _ = writeln!(help, "  {name}\n      {meaning}");
    }
    help
}
