//! The page of a ranking.

use askama::{Template, filters::HtmlSafe};

use super::{Link, Pages, applicant, charts};
use crate::domain::{identity::IdentityLevel, profile::Profile, ranking::Place};
use crate::report::{
    ALL_POINTS, Ranking, percent, strongest,
    terminal::{clean, fit},
    words,
};

/// Columns that a title takes in a row at most, so that no row drives the others from the page.
const LONGEST_TITLE: usize = 90;

/// Everything that the template shows, made harmless.
#[derive(Template)]
#[template(path = "ranking.html")]
pub(super) struct Page {
    role: String,
    /// The role in words.
    title: Option<String>,
    rubric: Option<String>,
    as_of: Option<String>,
    what_if: Option<String>,
    table: Table,
    /// How many applicants are complete, partial, unknown.
    states: [usize; 3],
    summary: Vec<String>,
    order: &'static str,
    range: &'static str,
    never: &'static str,
    /// Whether applicants' pages and the workbook lie beside it.
    in_folder: bool,
}

/// Places of a ranking as a table.
#[derive(Template)]
#[template(path = "ranking_table.html")]
pub(crate) struct Table {
    rows: Vec<Row>,
    /// Whether each row has a box to tick, of the form `compare`.
    choosing: bool,
}

impl HtmlSafe for Table {}

/// A place of a ranking.
pub(crate) struct Row {
    rank: usize,
    /// Places gained or lost in a what-if, in words and signs.
    moved: Option<String>,
    best: usize,
    worst: usize,
    likely: String,
    range: charts::Range,
    mark: &'static str,
    tie: &'static str,
    id: String,
    name: Option<String>,
    page: Option<String>,
    score: String,
    bar: charts::Bar,
    adjusted: Option<String>,
    coverage: u8,
    identity: &'static str,
    proven: bool,
    conflicts: usize,
    flags: usize,
    /// Whether there was anything to look for flags in.
    flags_known: bool,
    flag_words: String,
    evidence: Option<Strongest>,
    without: String,
}

struct Strongest {
    points: String,
    link: Link,
}

impl Page {
    pub(super) fn new(ranking: &Ranking, pages: Option<&Pages>) -> Self {
        let all = ranking.profiles().len();
        let shown = ranking.shown();
        let first = shown.first();
        let rows: Vec<Row> = shown
            .iter()
            .zip(ranking.places())
            .map(|(profile, place)| {
                let name = pages.and_then(|pages| pages.name_of(&profile.applicant.id));
                let page = name.map(|name| format!("applicants/{name}"));
                Row::new(profile, place, all, page)
            })
            .collect();
        let count = |wanted: &str| {
            let profiles = ranking.profiles().iter();
            profiles
                .filter(|profile| profile.state().to_string() == wanted)
                .count()
        };
        Self {
            role: clean(ranking.role()).into_owned(),
            title: pages.and_then(|pages| pages.title.clone()),
            rubric: first.map(|profile| {
                format!(
                    "{} {}",
                    clean(&profile.rubric.name),
                    clean(&profile.rubric.version)
                )
            }),
            as_of: ranking
                .profiles()
                .iter()
                .map(|profile| profile.as_of)
                .max()
                .map(|day| day.to_string()),
            what_if: ranking.what_if().map(|what| clean(what).into_owned()),
            states: ["complete", "partial", "unknown"].map(count),
            summary: ranking.summary(),
            order: words::ORDER,
            range: words::RANGE,
            never: words::NEVER,
            in_folder: pages.is_some(),
            table: Table::new(rows, false),
        }
    }
}

impl Table {
    pub(crate) fn new(rows: Vec<Row>, choosing: bool) -> Self {
        Self { rows, choosing }
    }

    fn any_tie(&self) -> bool {
        self.rows.iter().any(|row| !row.mark.is_empty())
    }

    fn any_adjusted(&self) -> bool {
        self.rows.iter().any(|row| row.adjusted.is_some())
    }
}

impl Row {
    /// `all`: how many applicants are ranked. `page`: where more about this one stands.
    pub(crate) fn new(profile: &Profile, place: &Place, all: usize, page: Option<String>) -> Self {
        let (low, high) = (profile.score.low, profile.score.high);
        let applicant = &profile.applicant;
        let kinds: Vec<&str> = profile
            .flags
            .iter()
            .map(|flag| words::flag(flag.kind))
            .collect();
        Self {
            rank: place.rank,
            moved: place.was.map(|was| moved(was, place.rank)),
            best: place.best,
            worst: place.worst,
            likely: if place.likely_best == place.likely_worst {
                place.likely_best.to_string()
            } else {
                format!("{}–{}", place.likely_best, place.likely_worst)
            },
            range: charts::Range::new(
                [
                    place.best,
                    place.likely_best,
                    place.rank,
                    place.likely_worst,
                    place.worst,
                ],
                all,
            ),
            mark: words::tie_mark(place.tie),
            tie: words::tie(place.tie),
            id: applicant.id.to_string(),
            name: applicant
                .name
                .as_deref()
                .map(|name| clean(name).into_owned()),
            page,
            score: applicant::interval(low, high),
            bar: charts::Bar::new(low, high, ALL_POINTS),
            adjusted: applicant::adjusted(profile),
            coverage: percent(profile.coverage),
            identity: profile.identity.level.name(),
            proven: profile.identity.level == IdentityLevel::Proven,
            conflicts: profile.identity.conflicts.len(),
            flags: profile.flags.len(),
            flags_known: profile
                .sources
                .github
                .as_ref()
                .is_some_and(|one| one.lookup.found().is_some()),
            flag_words: kinds.join(", "),
            evidence: strongest(profile).first().map(|evidence| Strongest {
                points: evidence.points.to_string(),
                // The whole title stands on the applicant's page.
                link: Link::new(&fit(&evidence.title, LONGEST_TITLE), &evidence.url),
            }),
            without: without(profile),
        }
    }
}

/// Why there is no evidence: nothing there, or nothing to be seen. Two different things.
fn without(profile: &Profile) -> String {
    let asked = profile.sources.asked();
    let reason = asked.iter().find_map(|one| one.reason).or_else(|| {
        let mut reasons = profile
            .score
            .components
            .iter()
            .map(|one| one.reason.as_str());
        reasons.find(|reason| !reason.is_empty())
    });
    reason.map_or_else(
        || "nothing that this rubric values was found".to_owned(),
        |reason| clean(reason).into_owned(),
    )
}

/// `was 5, 3 up`.
fn moved(was: usize, rank: usize) -> String {
    match was.cmp(&rank) {
        std::cmp::Ordering::Equal => format!("was {was}"),
        std::cmp::Ordering::Greater => format!("was {was}, ▲ {} up", was - rank),
        std::cmp::Ordering::Less => format!("was {was}, ▼ {} down", rank - was),
    }
}
