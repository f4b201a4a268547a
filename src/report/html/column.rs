//! A profile as a column, to be laid beside others.

use super::{Link, applicant, charts};
use crate::domain::{identity::IdentityLevel, profile::Profile, score::ComponentState};
use crate::report::{
    ALL_POINTS, percent, strongest, strongest_first,
    terminal::{clean, fit},
    words,
};

/// Pieces of evidence that are told of all, and of each component. Count.
const TOP: usize = 5;

/// Columns that a title takes at most.
const LONGEST_TITLE: usize = 90;

/// What is compared of a profile, made harmless.
pub(crate) struct Column {
    pub(crate) id: String,
    /// The name, or the id where there is none.
    pub(crate) name: String,
    pub(crate) role: String,
    pub(crate) rubric: String,
    pub(crate) as_of: String,
    pub(crate) score: String,
    pub(crate) bar: charts::Bar,
    pub(crate) adjusted: Option<String>,
    pub(crate) coverage: u8,
    pub(crate) identity: &'static str,
    pub(crate) identity_words: &'static str,
    pub(crate) proven: bool,
    pub(crate) conflicts: Vec<String>,
    pub(crate) flags: Vec<&'static str>,
    /// Whether there was anything to look for flags in.
    pub(crate) flags_known: bool,
    pub(crate) components: Vec<Part>,
    pub(crate) strongest: Vec<Piece>,
}

/// A component in a column.
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) points: String,
    pub(crate) max: String,
    pub(crate) bar: charts::Bar,
    pub(crate) state: ComponentState,
    pub(crate) top: Option<Piece>,
}

/// A piece of evidence in a column.
pub(crate) struct Piece {
    pub(crate) points: String,
    pub(crate) link: Link,
    pub(crate) kind: String,
}

impl Piece {
    fn new(evidence: &crate::domain::score::Evidence) -> Self {
        Self {
            points: evidence.points.to_string(),
            link: Link::new(&fit(&evidence.title, LONGEST_TITLE), &evidence.url),
            kind: words::kind(&evidence.kind).into_owned(),
        }
    }
}

impl Column {
    /// The component of this name, if the rubric that judged has it.
    pub(crate) fn part(&self, name: &str) -> Option<&Part> {
        self.components.iter().find(|part| part.name == name)
    }

    pub(crate) fn new(profile: &Profile) -> Self {
        let applicant = &profile.applicant;
        let (low, high) = (profile.score.low, profile.score.high);
        let id = applicant.id.to_string();
        let name = applicant
            .name
            .as_deref()
            .map(|name| clean(name).into_owned());
        let github = profile.sources.github.as_ref();
        Self {
            name: name.unwrap_or_else(|| id.clone()),
            id,
            role: clean(&profile.role).into_owned(),
            rubric: format!(
                "{} {} ({})",
                clean(&profile.rubric.name),
                clean(&profile.rubric.version),
                clean(&profile.rubric.digest)
            ),
            as_of: profile.as_of.to_string(),
            score: applicant::interval(low, high),
            bar: charts::Bar::new(low, high, ALL_POINTS),
            adjusted: applicant::adjusted(profile),
            coverage: percent(profile.coverage),
            identity: profile.identity.level.name(),
            identity_words: words::identity(profile.identity.level),
            proven: profile.identity.level == IdentityLevel::Proven,
            conflicts: profile
                .identity
                .conflicts
                .iter()
                .map(|one| clean(&one.what).into_owned())
                .collect(),
            flags: profile
                .flags
                .iter()
                .map(|flag| words::flag(flag.kind))
                .collect(),
            flags_known: github.is_some_and(|one| one.lookup.found().is_some()),
            components: profile
                .score
                .components
                .iter()
                .map(|component| Part {
                    name: clean(&component.name).into_owned(),
                    title: words::component(&component.name).into_owned(),
                    points: applicant::interval(component.low, component.high),
                    max: component.max.to_string(),
                    bar: charts::Bar::new(component.low, component.high, component.max),
                    state: component.state,
                    top: strongest_first(component)
                        .first()
                        .map(|one| Piece::new(one)),
                })
                .collect(),
            strongest: strongest(profile)
                .into_iter()
                .take(TOP)
                .map(Piece::new)
                .collect(),
        }
    }
}
