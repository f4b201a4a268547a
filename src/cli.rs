//! What can be typed: commands and flags, with the help that they print. Nothing here does anything.
//!
//! One definition feeds the help, the shell completions and the manual pages.

mod rights;
#[cfg(test)]
mod tests;

use std::{
    fmt::Write as _,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};
use clap_complete::Shell;
use jiff::civil::Date;

pub use rights::{Export, Forget, Notice};

use crate::{
    config::{Overrides, VARIABLES, Variable, Verbosity, parse_duration},
    domain::{access::AccessRole, webhook::WebhookEvent},
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
    /// Write results to FILE instead of standard output (for `man` and `report`: a folder)
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
    /// Write pages and a workbook for people into a folder
    Report(Report),
    /// Judge what is kept by today's rubrics, without asking anybody
    Rescore(Rescore),
    /// List what has changed for whom
    Changes(Changes),
    /// List, check or begin the rubrics of roles
    Role(Role),
    /// Add, list or withdraw evidence that a person has looked up
    Evidence(Evidence),
    /// Add a remark about an applicant
    Note(Note),
    /// Add or take away points beside the computed score, or withdraw that
    Adjust(Adjust),
    /// Give an applicant a code to show on an account, which proves that it is theirs
    Verify(Verify),
    /// Write out all that is kept about an applicant
    Export(Export),
    /// Erase applicants for good, or list and lift the tombstones of those who were
    Forget(Forget),
    /// Show how long the applicants for each role are kept, and what happens next
    #[command(after_help = "\
A refresh, the nightly one or `plaudit refresh`, does what is due: it warns, and
when the warning has stood long enough it erases. When a posting closes stands
in the settings ([postings.NAME], [retention]).

Examples:
  plaudit retention
  plaudit retention --format json")]
    Retention,
    /// Print what candidates are told of the processing of their data
    Notice(Notice),
    /// Bring Kaggle's data set onto this machine, or say what is here of it
    Kaggle(Kaggle),
    /// Serve the HTTP API and the pages, work off what comes in, and refresh profiles every night
    Serve(Serve),
    /// Look who has changed, and make their profiles anew
    Refresh(Refresh),
    /// Write all that is kept into one file
    Backup(Backup),
    /// Make the store anew from such a file
    Restore(Restore),
    /// Check the store, mend its lists, or free the room that old values take
    Store(Store),
    /// Make, list or revoke the tokens that admit people and programs to the server
    Token(Token),
    /// Register, list or remove the programs that are told of new and changed profiles
    Webhook(Webhook),
    /// Verify or write out the log of who saw and did what
    Audit(Audit),
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
  legal_basis, legal_basis_at

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
    /// Judge as of the end of this day (UTC) instead of today; what bears no date (commit counts, medal totals, stars)
    /// counts as it is
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
  plaudit show github:NAME --format html --output NAME.html
  plaudit show github:NAME --history               the profiles before this one
  plaudit show github:NAME --snapshot 0123456789abcdef")]
pub struct Show {
    /// The applicant's id: the list's own, or made from the first link (`github:NAME`)
    pub id: String,
    /// Say how every point came about
    #[arg(long)]
    pub explain: bool,
    /// List the profiles that are kept, newest first, with what changed each time
    #[arg(long, conflicts_with_all = ["explain", "snapshot"])]
    pub history: bool,
    /// Show the kept profile of this snapshot instead of today's
    #[arg(long, value_name = "SNAPSHOT")]
    pub snapshot: Option<String>,
}

/// `plaudit rank`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
The order is: what is proven, then what is possible, then the id. It decides
nothing; a person does. The range beside a rank is the best and the worst of 200
draws in which the rubric's weights move by up to 20 % and what is unknown takes
any value it may have. = marks those whom only the id tells apart from the one
above, ~ those whose order holds in fewer than nine of ten draws.

Examples:
  plaudit rank
  plaudit rank --role doctoral-dl-radiology --limit 20
  plaudit rank --what-if open_source=20,kaggle=45    would it change?
  plaudit rank --format csv --output ranking.csv")]
pub struct Rank {
    /// The role; without it, the one that the settings name
    #[arg(long, value_name = "NAME")]
    pub role: Option<String>,
    /// Show the first N applicants alone
    #[arg(long, alias = "top", value_name = "N", value_parser = at_least_one)]
    pub limit: Option<usize>,
    /// Rank as if these components had these maxima; the others share what is left of 100
    #[arg(long, value_name = "COMPONENT=MAX", value_delimiter = ',', value_parser = component_and_max)]
    pub what_if: Vec<(String, f64)>,
}

/// `plaudit report`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
With --output DIR it writes DIR/index.html (the ranking), DIR/applicants/ID.html
and DIR/ranking.xlsx. The pages need no script and no network, and print well.

Examples:
  plaudit report --output reports
  plaudit report --role doctoral-dl-radiology --output reports")]
pub struct Report {
    /// The role; without it, the one that the settings name
    #[arg(long, value_name = "NAME")]
    pub role: Option<String>,
}

/// `plaudit rescore`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Facts that are kept are judged by the rubric of today; nobody is asked. The
score before stays in the history, with the version of its rubric. Each profile
keeps the day that it was judged for, so that what differs is the rubric's
doing; --as-of judges all as of one day, and keeps what changes by a cent.

Examples:
  plaudit rescore                                  after editing a rubric
  plaudit rescore --dry-run                        who would change, and how
  plaudit rescore a-01 github:NAME
  plaudit rescore --snapshot a-01/0123456789abcdef
                                                   reproduce a score that was")]
pub struct Rescore {
    /// Applicants, by id; without any, all
    #[arg(value_name = "ID", conflicts_with_all = ["role", "snapshot"])]
    pub ids: Vec<String>,
    /// Those of this role alone
    #[arg(long, value_name = "NAME")]
    pub role: Option<String>,
    /// Judge as of the end of this day (UTC) instead of each profile's own; what bears no date (commit counts, medal
    /// totals, stars) counts as it is kept
    #[arg(long, value_name = "YYYY-MM-DD", conflicts_with = "snapshot")]
    pub as_of: Option<Date>,
    /// Say who would change, and keep nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Judge a kept snapshot again by the rubric and as of the day of then, and compare
    #[arg(long, value_name = "SNAPSHOT", conflicts_with_all = ["role", "dry_run"])]
    pub snapshot: Option<String>,
}

/// `plaudit changes`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  plaudit changes                                  of the last seven days
  plaudit changes --since 24h
  plaudit changes --since 2026-11-01 --format csv")]
pub struct Changes {
    /// How far back: a time (24h, 30d) or a day (UTC)
    #[arg(long, value_name = "TIME|YYYY-MM-DD", default_value = "7d", value_parser = since)]
    pub since: Since,
    /// Those of this role alone
    #[arg(long, value_name = "NAME")]
    pub role: Option<String>,
}

/// How far back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// So long ago.
    Ago(Duration),
    /// From the beginning of this day (UTC) on.
    Day(Date),
}

/// `plaudit role`.
#[derive(Debug, Clone, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
A rubric is a TOML file that a person wrote: what a role values, and how much.
Those in the folder of roles (`plaudit config` shows it as roles_dir) go before
the ones that plaudit brings.

Examples:
  plaudit role list
  plaudit role new my-role                         a copy with comments, to edit
  plaudit role check my-role.toml"
)]
pub struct Role {
    /// What to do.
    #[command(subcommand)]
    pub command: RoleCommand,
}

/// What to do about roles.
#[derive(Debug, Clone, Subcommand)]
pub enum RoleCommand {
    /// List the rubrics that there are, and where each comes from
    #[command(after_help = "\
Examples:
  plaudit role list
  plaudit role list --format json")]
    List,
    /// Check a rubric, and say what is wrong by line and column
    Check(RoleCheck),
    /// Begin a rubric as a copy of another one
    New(RoleNew),
}

/// `plaudit role check`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
It ends with 3 when something is wrong.

Examples:
  plaudit role check my-role.toml
  plaudit role check - < my-role.toml")]
pub struct RoleCheck {
    /// The rubric's file; `-` is standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}

/// `plaudit role new`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
The file goes into the folder of roles, where every command finds it, or to
where --output says. A file that is there already is left alone.

Examples:
  plaudit role new my-role
  plaudit role new my-role --like data-scientist
  plaudit role new my-role --output my-role.toml")]
pub struct RoleNew {
    /// The new rubric's name
    #[arg(value_name = "NAME")]
    pub name: String,
    /// The rubric to copy
    #[arg(long, value_name = "NAME", default_value = "doctoral-dl-radiology")]
    pub like: String,
}

/// `plaudit evidence`.
#[derive(Debug, Clone, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Publications, years in industry: what plaudit has no source for. A person looks
it up and adds it with a URL and a reason; it counts in the component reviewed.

Examples:
  plaudit evidence add a-01 --kind publication --by \"Dr Example\" \\
    --url https://doi.org/10.1000/182 --date 2025-03-01 --reason \"MICCAI paper\"
  plaudit evidence done a-01 --by \"Dr Example\"    there is no more to be found
  plaudit evidence list a-01
  plaudit evidence withdraw a-01 2 --by \"Dr Example\" --reason \"another person\""
)]
pub struct Evidence {
    /// What to do.
    #[command(subcommand)]
    pub command: EvidenceCommand,
}

/// What to do about evidence that a person has looked up.
#[derive(Debug, Clone, Subcommand)]
pub enum EvidenceCommand {
    /// Add a piece of evidence
    Add(EvidenceAdd),
    /// Say that there is no more to be found, or take that back
    #[command(after_help = "\
Examples:
  plaudit evidence done a-01 --by \"Dr Example\"
  plaudit evidence done a-01 --by \"Dr Example\" --undo")]
    Done {
        /// The applicant's id
        id: String,
        /// Take it back: there may be more
        #[arg(long)]
        undo: bool,
        /// Who says so
        #[arg(long, value_name = "NAME")]
        by: String,
    },
    /// List what people have added: evidence, notes and adjustments
    #[command(after_help = "\
Examples:
  plaudit evidence list a-01")]
    List {
        /// The applicant's id
        id: String,
    },
    /// Withdraw a piece of evidence; it stays, marked
    #[command(after_help = "\
Examples:
  plaudit evidence withdraw a-01 2 --by \"Dr Example\" --reason \"another person\"")]
    Withdraw(Withdraw),
}

/// `plaudit evidence add`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  plaudit evidence add a-01 --kind publication --by \"Dr Example\" \\
    --url https://doi.org/10.1000/182 --date 2025-03-01 --reason \"MICCAI paper\"
  plaudit evidence add a-01 --kind industry --amount 3 --by \"Dr Example\" \\
    --url https://example.org/cv --date 2024-06-30 --reason \"imaging firm\"")]
pub struct EvidenceAdd {
    /// The applicant's id
    pub id: String,
    /// One of the kinds that the role's rubric names
    #[arg(long, value_name = "KIND")]
    pub kind: String,
    /// Where it can be seen
    #[arg(long, value_name = "URL")]
    pub url: String,
    /// Why it counts
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// When it happened
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Date,
    /// How many of it, such as years
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=50))]
    pub amount: u32,
    /// Who adds it
    #[arg(long, value_name = "NAME")]
    pub by: String,
}

/// Withdraws an entry.
#[derive(Debug, Clone, Args)]
pub struct Withdraw {
    /// The applicant's id
    pub id: String,
    /// The entry's number
    pub number: u32,
    /// Who withdraws it
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

/// `plaudit note`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
A note changes nothing; it is shown with the profile.

Examples:
  plaudit note a-01 \"Talked to her at MICCAI\" --by \"Dr Example\"")]
pub struct Note {
    /// The applicant's id
    pub id: String,
    /// What to note
    #[arg(value_name = "TEXT")]
    pub text: String,
    /// Who notes it
    #[arg(long, value_name = "NAME")]
    pub by: String,
}

/// `plaudit adjust`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
The computed score and its order stay; the adjustment is shown beside them, with
the name and the reason.

Examples:
  plaudit adjust a-01 +2.5 --by \"Dr Example\" --reason \"maintains a data set\"
  plaudit adjust a-01 -1 --by \"Dr Example\" --reason \"shared account\"
  plaudit adjust a-01 --withdraw 3 --by \"Dr Example\" --reason \"a mistake\"")]
pub struct Adjust {
    /// The applicant's id
    pub id: String,
    /// Points to add, or with a minus to take away; at most 100
    #[arg(
        value_name = "POINTS",
        allow_negative_numbers = true,
        required_unless_present = "withdraw",
        conflicts_with = "withdraw"
    )]
    pub points: Option<String>,
    /// Withdraw the adjustment of this number; it stays, marked
    #[arg(long, value_name = "NUMBER")]
    pub withdraw: Option<u32>,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// Who
    #[arg(long, value_name = "NAME")]
    pub by: String,
}

/// `plaudit verify`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
The applicant puts the code into the bio of the GitHub account, or into a public
gist. The next `plaudit enrich` looks for it. Once it was seen it may go.

Examples:
  plaudit verify a-01                    the code, and what to do with it
  plaudit enrich                         looks for it")]
pub struct Verify {
    /// The applicant's id
    pub id: String,
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

/// `plaudit serve`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
It is one process: the HTTP API, the pages, the workers and the schedule. Other
commands that are run beside it talk to it. SIGTERM or Ctrl-C ends it in order,
and nothing is lost.

Without any token it makes one for a day and prints it with the address. Where
it can be reached from other machines, a token must have been made before, and
a proxy that speaks TLS belongs in front.

Examples:
  plaudit serve
  plaudit token create --name \"Dr Example\" --role recruiter --expires 90d
  plaudit serve --listen 0.0.0.0:8080")]
pub struct Serve {
    /// Listen here instead of where the settings say (127.0.0.1:8080); port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
}

/// `plaudit refresh`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
A probe asks GitHub for up to 74 applicants at once whether anything is new;
only of those who changed, and of those whose profile is very old, everything is
asked again. What fails keeps the facts from before. It ends with a summary.

`plaudit serve` does the same every night. Beside a running server the server
does it, and this command shows how it goes.

Examples:
  plaudit refresh --dry-run              what it would take
  plaudit refresh
  plaudit refresh --older-than 7d")]
pub struct Refresh {
    /// Leave out profiles that are younger: 24h, 7d
    #[arg(long, value_name = "TIME", value_parser = ago)]
    pub older_than: Option<Duration>,
    /// Say the expected requests, points and time, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `plaudit backup`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
The file is JSON, a value a line, compressed with zstd; its last line tells
whether it is whole. It shows the store at one moment, while work goes on; where
a server runs, the server writes it. Every refresh ends with one ([backup] in
the settings). Keep some on another disk. It holds no session, setting or key.

Examples:
  plaudit backup                         into dumps/ in the data folder
  plaudit backup /mnt/other/plaudit.jsonl.zst
  plaudit backup --force /mnt/other/plaudit.jsonl.zst    in place of that one
  plaudit backup - | ssh backup.example.org 'cat > plaudit.jsonl.zst'")]
pub struct Backup {
    /// The file; `-` is standard output; without it, one in the folder of dumps whose name says when
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
    /// Replace the file when it is there already
    #[arg(long, requires = "file")]
    pub force: bool,
}

/// `plaudit restore`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
The file is read to its end before anything is touched. What was in the data
folder is moved to damaged/ there. Whoever was erased since does not come back.
What was acknowledged after the file was made has to be done again. A server
must be ended first.

Examples:
  plaudit restore dumps/plaudit-20261130T020000Z.jsonl.zst
  plaudit --data-dir /srv/plaudit restore plaudit.jsonl.zst   on a new machine")]
pub struct Restore {
    /// What `plaudit backup` has written
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
}

/// `plaudit store`.
#[derive(Debug, Clone, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  plaudit store verify                   reads everything; exit code 4: damaged
  plaudit store rebuild                  where only lists or counts are wrong
  plaudit store compact                  frees the room of old values"
)]
pub struct Store {
    /// What to do.
    #[command(subcommand)]
    pub command: StoreCommand,
}

/// What to do about the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum StoreCommand {
    /// Read everything that is kept and say what is damaged
    #[command(after_help = "\
Examples:
  plaudit store verify
  plaudit store verify --format json")]
    Verify,
    /// Make queues, lists and counts anew from what they follow from
    #[command(after_help = "\
It says what was wrong. Where anything else is missing it changes nothing: then
the store has to be restored (`plaudit restore`). A server must be ended first.

Examples:
  plaudit store rebuild")]
    Rebuild,
    /// Write everything into new files, without the old values that the old ones still hold
    #[command(after_help = "\
Changes wait meanwhile. It takes as much room again as the store has.

Examples:
  plaudit store compact")]
    Compact,
}

/// `plaudit token`.
#[derive(Debug, Clone, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
A token admits a person (who signs in with it) or a program to the server. It is
shown once; what is kept of it is a digest.

  viewer     reads
  recruiter  also brings in applicants and writes down what was found out
  admin      also deletes applicants, makes tokens, registers webhooks

Examples:
  plaudit token create --name \"Dr Example\" --role recruiter --expires 90d
  plaudit token list
  plaudit token revoke 0a1b2c3d"
)]
pub struct Token {
    /// What to do.
    #[command(subcommand)]
    pub command: TokenCommand,
}

/// What to do about tokens.
#[derive(Debug, Clone, Subcommand)]
pub enum TokenCommand {
    /// Make a token and print it, once
    Create(TokenCreate),
    /// List the tokens, without their secrets
    #[command(after_help = "\
Examples:
  plaudit token list
  plaudit token list --format json")]
    List,
    /// End a token, and everybody's session that was begun with it
    #[command(after_help = "\
Examples:
  plaudit token revoke 0a1b2c3d")]
    Revoke {
        /// The token's id, as `plaudit token list` shows it
        id: String,
    },
}

/// `plaudit token create`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  plaudit token create --name \"Dr Example\" --role recruiter --expires 90d
  plaudit token create --name ats --role viewer --expires 365d --format json")]
pub struct TokenCreate {
    /// Whose it is, or what it is for; reviews are signed with it
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// What its holder may do
    #[arg(long, value_enum, value_name = "ROLE")]
    pub role: AccessRole,
    /// How long it is valid: 12h, 90d
    #[arg(long, value_name = "TIME", value_parser = ago)]
    pub expires: Duration,
}

/// `plaudit webhook`.
#[derive(Debug, Clone, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
A server posts a signed message (standardwebhooks.com) to each address that is
registered. Messages name applicants by id alone. What cannot be delivered is
tried again for a day, and then kept among the dead letters.

Examples:
  plaudit webhook add https://ats.example.org/plaudit
  plaudit webhook add https://ats.example.org/plaudit --event profile.ready
  plaudit webhook list
  plaudit webhook dead-letters
  plaudit webhook retry --all
  plaudit webhook remove 0a1b2c3d"
)]
pub struct Webhook {
    /// What to do.
    #[command(subcommand)]
    pub command: WebhookCommand,
}

/// What to do about webhooks.
#[derive(Debug, Clone, Subcommand)]
pub enum WebhookCommand {
    /// Register an address, and print the secret that its messages are signed with
    #[command(after_help = "\
Examples:
  plaudit webhook add https://ats.example.org/plaudit
  plaudit webhook add https://ats.example.org/p --event profile.ready")]
    Add {
        /// Where to post
        url: String,
        /// What to tell of; without it, of everything
        #[arg(long, value_enum, value_name = "EVENT", value_delimiter = ',')]
        event: Vec<WebhookEvent>,
    },
    /// List the addresses, and what waits for each
    #[command(after_help = "\
Examples:
  plaudit webhook list")]
    List,
    /// Print the secret of an address once more
    #[command(after_help = "\
Examples:
  plaudit webhook secret 0a1b2c3d")]
    Secret {
        /// The id, as `plaudit webhook list` shows it
        id: String,
    },
    /// Remove an address; what waits for it goes to the dead letters
    #[command(after_help = "\
Examples:
  plaudit webhook remove 0a1b2c3d")]
    Remove {
        /// The id, as `plaudit webhook list` shows it
        id: String,
    },
    /// List messages that were given up, and why
    #[command(after_help = "\
Examples:
  plaudit webhook dead-letters")]
    DeadLetters,
    /// Try messages again that were given up
    #[command(after_help = "\
Examples:
  plaudit webhook retry msg_0123456789abcdef
  plaudit webhook retry --all")]
    Retry {
        /// The messages, as `plaudit webhook dead-letters` shows them
        #[arg(required_unless_present = "all")]
        messages: Vec<String>,
        /// All of them
        #[arg(long, conflicts_with = "messages")]
        all: bool,
    },
}

/// `plaudit audit`.
#[derive(Debug, Clone, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Each look at an applicant and each change leaves an entry, chained to the one
before by its digest. Applicants bear pseudonyms there, which outlive their
erasure.

Examples:
  plaudit audit verify                   is anything changed, gone or moved?
  plaudit audit export --since 24h
  plaudit audit export --subject github:NAME --format json"
)]
pub struct Audit {
    /// What to do.
    #[command(subcommand)]
    pub command: AuditCommand,
}

/// What to do about the log.
#[derive(Debug, Clone, Subcommand)]
pub enum AuditCommand {
    /// Look whether the log is as it was written, and say which entry is not
    Verify(AuditVerify),
    /// Write entries out
    Export(AuditExport),
}

/// `plaudit audit verify`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
It prints where the log ends, as N:HASH, or ends with 4 and says what is wrong.
Whoever can write the log can write all of it anew: keep that line where they
cannot, and give it to --head.

Examples:
  plaudit audit verify
  plaudit audit verify --head \"$(cat head-of-last-week)\"
  plaudit audit verify copy.jsonl        a copy from `plaudit audit export`")]
pub struct AuditVerify {
    /// Verify this copy instead of the log in the data folder
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
    /// Where the log ended once: that entry must still be the same
    #[arg(long, value_name = "N:HASH")]
    pub head: Option<String>,
}

/// `plaudit audit export`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
With --format jsonl the lines are written as they stand in the log, and all of
them together can be verified.

Examples:
  plaudit audit export --since 24h
  plaudit audit export --format jsonl --output copy.jsonl
  plaudit audit export --subject a-01    also of somebody who was erased")]
pub struct AuditExport {
    /// How far back: a time (24h, 30d) or a day (UTC); without it, from the beginning
    #[arg(long, value_name = "TIME|YYYY-MM-DD", value_parser = since)]
    pub since: Option<Since>,
    /// Those about this applicant alone, by the id
    #[arg(long, value_name = "ID")]
    pub subject: Option<String>,
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
#[command(after_help = "\
The first line on standard output is its address. It takes one token alone, which
is no secret: ghp_standinStandinStandinStandinStandin00

Examples:
  plaudit stand-in
  plaudit stand-in --applicants 1000 --latency 50 --faults cut=0.1

and beside it, with the address that it prints:
  GITHUB_API_URL=http://127.0.0.1:PORT \\
  GITHUB_GRAPHQL_URL=http://127.0.0.1:PORT/graphql \\
  GITHUB_TOKEN=ghp_standinStandinStandinStandinStandin00 \\
  plaudit --data-dir /tmp/plaudit-tried enrich https://github.com/gen-000001")]
pub struct StandIn {
    /// The world to serve.
    #[command(flatten)]
    pub world: World,
}

impl Cli {
    /// The file that results go to, if not to standard output. A command that makes something else of `--output`
    /// opens it by itself.
    #[must_use]
    pub fn results_file(&self) -> Option<&Path> {
        match &self.command {
            Command::Report(_)
            | Command::Role(Role {
                command: RoleCommand::New(_),
            }) => None,
            _ => self.global.output.as_deref(),
        }
    }

    /// What the command line says about settings.
    #[must_use]
    pub fn overrides(&self) -> Overrides {
        let (role, patience) = match &self.command {
            Command::Enrich(enrich) => (enrich.role.clone(), enrich.wait),
            Command::Rank(rank) => (rank.role.clone(), None),
            Command::Report(report) => (report.role.clone(), None),
            Command::Kaggle(Kaggle {
                command: KaggleCommand::Import(import),
            }) => (None, import.wait),
            Command::Demo(_)
            | Command::Show(_)
            | Command::Rescore(_)
            | Command::Changes(_)
            | Command::Role(_)
            | Command::Evidence(_)
            | Command::Note(_)
            | Command::Adjust(_)
            | Command::Verify(_)
            | Command::Export(_)
            | Command::Forget(_)
            | Command::Retention
            | Command::Notice(_)
            | Command::Kaggle(_)
            | Command::Serve(_)
            | Command::Refresh(_)
            | Command::Backup(_)
            | Command::Restore(_)
            | Command::Store(_)
            | Command::Token(_)
            | Command::Webhook(_)
            | Command::Audit(_)
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

/// `open_source=20`.
fn component_and_max(text: &str) -> Result<(String, f64), String> {
    let (name, max) = text
        .split_once('=')
        .ok_or("a component and its maximum are needed, such as kaggle=45")?;
    let max: f64 = max
        .trim()
        .parse()
        .map_err(|_| format!("{max:?} is no number"))?;
    Ok((name.trim().to_owned(), max))
}

/// The longest time that can be asked back for: a hundred years, in days.
const MOST_DAYS: u64 = 36_525;

/// `24h`, `7d` or a day.
fn since(text: &str) -> Result<Since, String> {
    if let Ok(day) = text.parse() {
        return Ok(Since::Day(day));
    }
    ago(text)
        .map(Since::Ago)
        .map_err(|_| "a time such as 24h or 7d, or a day such as 2026-11-01, is needed".to_owned())
}

/// `24h` or `7d`.
fn ago(text: &str) -> Result<Duration, String> {
    // A day has 24 hours here; the settings' times know none, since theirs are short.
    let days: Option<u64> = text.strip_suffix('d').and_then(|days| days.parse().ok());
    if let Some(days) = days.filter(|days| *days <= MOST_DAYS) {
        return Ok(Duration::from_hours(24 * days));
    }
    parse_duration(text).map_err(|_| "a time such as 24h or 7d is needed".to_owned())
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
