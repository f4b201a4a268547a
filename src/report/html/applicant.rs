//! The page of one applicant: what a candidate and a committee get to read.

use std::collections::BTreeSet;

use askama::{Template, filters::HtmlSafe};

use super::{Link, Pages, charts};
use crate::domain::{
    changes::Change,
    facts::{Asked, CompetitionResult, GitHubFacts, KaggleFacts},
    integrity::Flag,
    profile::Profile,
    review::{Signature, Withdrawal},
    rubric::Rubric,
    score::{Component, ComponentState, Evidence, Points},
};
use crate::report::{
    ALL_POINTS, explain, percent, sources, strongest_first,
    terminal::clean,
    words::{self, Factor, day},
};

/// The page within a report.
#[derive(Template)]
#[template(path = "applicant.html")]
pub(super) struct Page {
    /// Whether a page of the ranking lies beside it.
    in_folder: bool,
    head: Head,
    body: Body,
}

/// Whose profile it is and how it was made, for the top of a page; made harmless.
#[derive(Template)]
#[template(path = "applicant_head.html")]
pub(crate) struct Head {
    id: String,
    name: Option<String>,
    links: Vec<Link>,
    role: String,
    /// The role in words.
    title_of_role: Option<String>,
    rubric: String,
    digest: String,
    as_of: String,
    asked_on: Option<String>,
    snapshot: String,
}

impl HtmlSafe for Head {}

/// Everything that there is to be said, for below it; made harmless.
#[derive(Template)]
#[template(path = "applicant_body.html")]
pub(crate) struct Body {
    score: Score,
    coverage: u8,
    identity: Identity,
    unknown: Vec<OpenPoints>,
    flags: Vec<FlagShown>,
    /// Whether there was anything to look for flags in.
    flags_known: bool,
    changes: Vec<Changed>,
    components: Vec<Part>,
    years: Vec<Year>,
    medals: Option<charts::Medals>,
    won: Vec<Won>,
    /// Medals that have no date, and so no place in the picture.
    undated: usize,
    sources: Vec<Source>,
    notices: Vec<String>,
    review: Reviewed,
    requests: String,
    graphql: String,
    never: &'static str,
}

impl HtmlSafe for Body {}

struct Score {
    text: String,
    bar: charts::Bar,
    low: String,
    high: String,
    certain: bool,
    adjusted: Option<Adjusted>,
}

struct Adjusted {
    by: String,
    text: String,
}

struct Identity {
    level: &'static str,
    words: &'static str,
    raised: String,
    proofs: Vec<Said>,
    conflicts: Vec<Said>,
}

/// Something in words, and where it can be seen.
struct Said {
    what: String,
    link: Link,
}

struct OpenPoints {
    component: String,
    anchor: usize,
    points: String,
    why: String,
    close: String,
}

struct FlagShown {
    title: &'static str,
    kind: &'static str,
    reason: String,
    threshold: String,
    base_rate: String,
    also: &'static str,
    weighs: String,
    link: Link,
    about: Vec<Link>,
}

/// Something that differs from the profile before.
pub(crate) struct Changed {
    pub(crate) kind: String,
    pub(crate) what: String,
    pub(crate) link: Option<Link>,
}

struct Part {
    anchor: usize,
    title: String,
    name: String,
    looks_at: &'static str,
    points: String,
    max: String,
    bar: charts::Bar,
    complete: bool,
    state: ComponentState,
    sentences: Vec<String>,
    verdict: String,
    close: Option<String>,
    evidence: Vec<Piece>,
    total: String,
    adds_up: bool,
    low: String,
}

struct Piece {
    points: String,
    date: String,
    link: Link,
    project: Option<String>,
    kind: String,
    line: String,
    factors: Vec<Factor>,
    value: String,
}

struct Year {
    number: i16,
    share: charts::Share,
    public: String,
    parts: [String; 4],
    restricted: String,
}

struct Won {
    date: String,
    medal: &'static str,
    title: Link,
    place: String,
    team: String,
}

struct Source {
    name: &'static str,
    state: &'static str,
    words: &'static str,
    reason: Option<String>,
    when: String,
    link: Link,
    seen: Vec<String>,
    unknown: Vec<String>,
}

/// What people have added that is no evidence of a component.
struct Reviewed {
    looked_through: Option<String>,
    adjustments: Vec<Entry>,
    notes: Vec<Entry>,
    withdrawn: Vec<Entry>,
    code: Option<String>,
}

impl Reviewed {
    fn is_empty(&self) -> bool {
        self.looked_through.is_none()
            && self.adjustments.is_empty()
            && self.notes.is_empty()
            && self.withdrawn.is_empty()
            && self.code.is_none()
    }
}

struct Entry {
    number: u32,
    points: String,
    what: String,
    signed: String,
    withdrawn: Option<String>,
}

impl Page {
    pub(super) fn new(profile: &Profile, rubric: Option<&Rubric>, pages: Option<&Pages>) -> Self {
        let title = pages
            .and_then(|pages| pages.title.clone())
            .or_else(|| rubric.map(|rubric| clean(&rubric.title).into_owned()));
        Self {
            in_folder: pages.is_some(),
            head: Head::new(profile, title),
            body: Body::new(profile, rubric),
        }
    }
}

impl Head {
    /// `title` is the role in words.
    pub(crate) fn new(profile: &Profile, title: Option<String>) -> Self {
        let text = |given: &str| clean(given).into_owned();
        let applicant = &profile.applicant;
        Self {
            id: applicant.id.to_string(),
            name: applicant.name.as_deref().map(text),
            links: applicant.links.iter().map(|url| Link::bare(url)).collect(),
            title_of_role: title,
            role: text(&profile.role),
            rubric: format!(
                "{} {}",
                clean(&profile.rubric.name),
                clean(&profile.rubric.version)
            ),
            digest: text(&profile.rubric.digest),
            as_of: profile.as_of.to_string(),
            asked_on: asked_on(profile),
            snapshot: text(&profile.snapshot),
        }
    }

    /// The page's title: the name if there is one, and the id.
    pub(crate) fn title(&self) -> String {
        match &self.name {
            Some(name) => format!("{name} ({})", self.id),
            None => self.id.clone(),
        }
    }
}

impl Body {
    /// Explained by the rubric that judged, if it is at hand.
    pub(crate) fn new(profile: &Profile, rubric: Option<&Rubric>) -> Self {
        let text = |given: &str| clean(given).into_owned();
        let kaggle = profile.sources.kaggle.as_ref();
        let kaggle_base = kaggle.map_or("", |one| {
            one.url.rsplit_once('/').map_or("", |(base, _)| base)
        });
        let kaggle = kaggle.and_then(|one| one.lookup.found());
        let github = profile.sources.github.as_ref();
        let github = github.and_then(|one| one.lookup.found());
        Self {
            score: Score::new(profile),
            coverage: percent(profile.coverage),
            identity: Identity::new(profile),
            unknown: unknown(profile),
            flags: profile.flags.iter().map(FlagShown::new).collect(),
            flags_known: github.is_some(),
            changes: changed(&profile.changes),
            components: profile
                .score
                .components
                .iter()
                .enumerate()
                .map(|(index, component)| Part::new(index + 1, component, profile, rubric))
                .collect(),
            years: github.map(years).unwrap_or_default(),
            medals: kaggle.and_then(|facts| medals(facts, profile)),
            won: kaggle
                .map(|facts| won(facts, kaggle_base))
                .unwrap_or_default(),
            undated: kaggle.map_or(0, undated),
            sources: profile
                .sources
                .asked()
                .iter()
                .map(|asked| Source::new(asked, profile))
                .collect(),
            notices: profile.notices.iter().map(|one| text(one)).collect(),
            review: Reviewed::new(profile),
            requests: format!("{:.2}", profile.cost.requests),
            graphql: format!("{:.2}", profile.cost.points),
            never: words::NEVER,
        }
    }
}

/// What changed, made harmless.
pub(crate) fn changed(changes: &[Change]) -> Vec<Changed> {
    let each = changes.iter().map(|change| Changed {
        kind: clean(&change.kind).into_owned(),
        what: clean(&change.what).into_owned(),
        link: change.url.as_deref().map(Link::bare),
    });
    each.collect()
}

/// `41.20`, or `41.20 – 56.20` when not all is known.
pub(crate) fn interval(low: Points, high: Points) -> String {
    if low == high {
        low.to_string()
    } else {
        // Without a break, since half of an interval says something else.
        format!("{low}\u{a0}–\u{a0}{high}")
    }
}

/// `+4.00`, `−2.50`.
pub(super) fn signed(points: Points) -> String {
    if points.cents() < 0 {
        format!("−{}", Points::from_cents(-points.cents()))
    } else {
        format!("+{points}")
    }
}

/// The score with the adjustments that hold.
pub(crate) fn adjusted(profile: &Profile) -> Option<String> {
    let by = profile.review.adjusted_by()?;
    let plus = |points: Points| [points, by].into_iter().sum();
    Some(interval(plus(profile.score.low), plus(profile.score.high)))
}

/// The days on which the sources were asked.
fn asked_on(profile: &Profile) -> Option<String> {
    let days: BTreeSet<String> = profile
        .sources
        .asked()
        .iter()
        .map(|asked| day(asked.fetched_at))
        .collect();
    let (first, last) = (days.first()?, days.last()?);
    Some(if first == last {
        first.clone()
    } else {
        format!("{first} to {last}")
    })
}

fn by(signature: &Signature) -> String {
    format!("{}, {}", clean(&signature.by), day(signature.at))
}

fn withdrawn(withdrawal: &Withdrawal) -> String {
    format!(
        "withdrawn by {}: {}",
        by(&withdrawal.signature),
        clean(&withdrawal.reason)
    )
}

impl Score {
    fn new(profile: &Profile) -> Self {
        let (low, high) = (profile.score.low, profile.score.high);
        Self {
            text: interval(low, high),
            bar: charts::Bar::new(low, high, ALL_POINTS),
            low: low.to_string(),
            high: high.to_string(),
            certain: low == high,
            adjusted: adjusted(profile).map(|text| Adjusted {
                by: signed(profile.review.adjusted_by().unwrap_or_default()),
                text,
            }),
        }
    }
}

impl Identity {
    fn new(profile: &Profile) -> Self {
        let said = |proofs: &[crate::domain::identity::Proof]| {
            let each = proofs.iter().map(|proof| Said {
                what: clean(&proof.what).into_owned(),
                link: Link::bare(&proof.url),
            });
            each.collect()
        };
        Self {
            level: profile.identity.level.name(),
            words: words::identity(profile.identity.level),
            raised: words::identity_raised(profile.identity.level).replace('`', ""),
            proofs: said(&profile.identity.proofs),
            conflicts: said(&profile.identity.conflicts),
        }
    }
}

fn unknown(profile: &Profile) -> Vec<OpenPoints> {
    let components = profile.score.components.iter().enumerate();
    components
        .filter_map(|(index, component)| {
            let unknown = words::unknown(component, profile)?;
            let open = Points::from_cents(component.high.cents() - component.low.cents());
            Some(OpenPoints {
                component: words::component(&component.name).into_owned(),
                anchor: index + 1,
                points: open.to_string(),
                why: unknown.why,
                close: unknown.close,
            })
        })
        .collect()
}

impl FlagShown {
    fn new(flag: &Flag) -> Self {
        Self {
            title: words::flag(flag.kind),
            kind: flag.kind.name(),
            reason: clean(&flag.reason).into_owned(),
            threshold: clean(&flag.threshold).into_owned(),
            base_rate: clean(&flag.base_rate).into_owned(),
            also: words::also(flag.kind),
            weighs: words::flag_weighs(flag.factor),
            link: Link::bare(&flag.url),
            about: flag.evidence.iter().map(|url| Link::bare(url)).collect(),
        }
    }
}

impl Part {
    fn new(
        anchor: usize,
        component: &Component,
        profile: &Profile,
        rubric: Option<&Rubric>,
    ) -> Self {
        let (low, high, max) = (component.low, component.high, component.max);
        let total: Points = component.evidence.iter().map(|one| one.points).sum();
        Self {
            anchor,
            title: words::component(&component.name).into_owned(),
            name: clean(&component.name).into_owned(),
            looks_at: words::looks_at(&component.name),
            points: interval(low, high),
            max: max.to_string(),
            bar: charts::Bar::new(low, high, max),
            complete: component.state == ComponentState::Complete,
            state: component.state,
            sentences: explain::sentences(component, profile, rubric),
            verdict: explain::state(component),
            close: words::unknown(component, profile).map(|unknown| unknown.close),
            evidence: strongest_first(component)
                .into_iter()
                .map(|evidence| Piece::new(evidence, profile, rubric))
                .collect(),
            total: total.to_string(),
            adds_up: total == low,
            low: low.to_string(),
        }
    }
}

impl Piece {
    fn new(evidence: &Evidence, profile: &Profile, rubric: Option<&Rubric>) -> Self {
        Self {
            points: evidence.points.to_string(),
            date: day(evidence.date),
            link: Link::new(&evidence.title, &evidence.url),
            project: evidence
                .project
                .as_deref()
                .map(|one| clean(one).into_owned()),
            kind: words::kind(&evidence.kind).into_owned(),
            line: clean(&evidence.kind).into_owned(),
            factors: words::factors(evidence, profile, rubric),
            value: explain::number(evidence.value.total),
        }
    }
}

/// Every year from the first to the last with activity, also those without.
fn years(facts: &GitHubFacts) -> Vec<Year> {
    let seen =
        |totals: &crate::domain::facts::YearTotals| totals.public() > 0 || totals.restricted > 0;
    let active = facts.years.iter().filter(|(_, totals)| seen(totals));
    let (Some(first), Some(last)) = (
        active.clone().map(|(year, _)| *year).min(),
        active.clone().map(|(year, _)| *year).max(),
    ) else {
        return Vec::new();
    };
    let most = active.map(|(_, totals)| totals.public()).max().unwrap_or(0);
    // A year that cannot be has no room in a picture.
    let first = first.max(last.saturating_sub(40));
    (first..=last)
        .rev()
        .map(|year| {
            let totals = facts.years.get(&year).copied().unwrap_or_default();
            Year {
                number: year,
                share: charts::Share::new(totals.public(), most),
                public: words::thousands(totals.public()),
                parts: [
                    totals.commits,
                    totals.pull_requests,
                    totals.reviews,
                    totals.issues,
                ]
                .map(words::thousands),
                restricted: words::thousands(totals.restricted),
            }
        })
        .collect()
}

fn medals(facts: &KaggleFacts, profile: &Profile) -> Option<charts::Medals> {
    let won: Vec<_> = facts
        .competitions
        .iter()
        .filter_map(|result| Some((result.date?, result.medal?)))
        .collect();
    charts::Medals::new(&won, profile.as_of)
}

fn undated(facts: &KaggleFacts) -> usize {
    let won = facts.competitions.iter();
    won.filter(|result| result.medal.is_some() && result.date.is_none())
        .count()
}

fn won(facts: &KaggleFacts, base: &str) -> Vec<Won> {
    let with_medal = facts
        .competitions
        .iter()
        .filter(|result| result.medal.is_some());
    with_medal.map(|result| Won::new(result, base)).collect()
}

impl Won {
    fn new(result: &CompetitionResult, base: &str) -> Self {
        let title = if result.title.is_empty() {
            &result.slug
        } else {
            &result.title
        };
        Self {
            date: result
                .date
                .map_or_else(|| "not known".to_owned(), |date| date.to_string()),
            medal: result.medal.map_or("", |medal| medal.name()),
            title: Link::new(
                title,
                &format!("{base}/competitions/{}/leaderboard", result.slug),
            ),
            place: match (result.rank, result.teams) {
                (Some(rank), Some(teams)) => {
                    format!("{} of {}", words::thousands(rank), words::thousands(teams))
                }
                (Some(rank), None) => words::thousands(rank),
                (None, _) => "not known".to_owned(),
            },
            team: match result.team_size {
                0 | 1 => "alone".to_owned(),
                size => format!("{size} people"),
            },
        }
    }
}

impl Source {
    fn new(asked: &Asked<'_>, profile: &Profile) -> Self {
        Self {
            name: words::source(asked.source),
            state: asked.state,
            words: words::lookup(asked.state),
            reason: asked.reason.map(|reason| clean(reason).into_owned()),
            when: asked.fetched_at.strftime("%F %H:%M UTC").to_string(),
            link: Link::bare(asked.url),
            seen: sources::in_words(&profile.sources, asked.source),
            unknown: sources::unknown(&profile.sources, asked.source),
        }
    }
}

impl Reviewed {
    fn new(profile: &Profile) -> Self {
        let review = &profile.review;
        let withdrawn_evidence = review.evidence.iter().filter(|one| one.withdrawn.is_some());
        Self {
            looked_through: review.looked_through.as_ref().map(by),
            adjustments: review
                .adjustments
                .iter()
                .map(|one| Entry {
                    number: one.number,
                    points: signed(one.points),
                    what: clean(&one.reason).into_owned(),
                    signed: by(&one.signature),
                    withdrawn: one.withdrawn.as_ref().map(withdrawn),
                })
                .collect(),
            notes: review
                .notes
                .iter()
                .map(|one| Entry {
                    number: one.number,
                    points: String::new(),
                    what: clean(&one.text).into_owned(),
                    signed: by(&one.signature),
                    withdrawn: None,
                })
                .collect(),
            withdrawn: withdrawn_evidence
                .map(|one| Entry {
                    number: one.number,
                    points: String::new(),
                    what: format!("{}: {}", clean(&one.kind), clean(&one.reason)),
                    signed: by(&one.signature),
                    withdrawn: one.withdrawn.as_ref().map(withdrawn),
                })
                .collect(),
            code: review.challenge.as_ref().map(|challenge| {
                format!(
                    "{}, given on {}",
                    clean(&challenge.code),
                    day(challenge.given_at)
                )
            }),
        }
    }
}
