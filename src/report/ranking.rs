//! The ranking: who comes first, by how much, how sure that is, and on what evidence.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
    sync::Arc,
};

use comfy_table::{Cell, CellAlignment, Color, Table, presets};

use super::{
    ALL_POINTS, View,
    bar::bar,
    percent,
    profile::interval,
    strongest,
    terminal::{Paint, clean, fit, pad, width},
};
use crate::domain::{
    applicant::ApplicantId,
    profile::{PIECES_IN_BRIEF, Profile},
    ranking::{DRAWS, Place, Tie, places},
    score::{ComponentState, Points},
};

/// Applicants up to which a ranking shows several pieces of evidence each.
const SHORT: usize = 25;

/// Pieces of evidence an applicant in a short ranking.
const PIECES: usize = PIECES_IN_BRIEF;

/// Reasons of missing knowledge that are listed below a ranking.
const LISTED_REASONS: usize = 5;

/// The applicants of one role, best first.
#[derive(Debug, Clone)]
pub struct Ranking {
    role: String,
    profiles: Vec<Arc<Profile>>,
    places: Vec<Place>,
    /// In words, what was asked, when it is a what-if.
    what_if: Option<String>,
    limit: usize,
}

impl Ranking {
    /// The applicants for `role` among `profiles`; with a `limit`, only so many of them are shown.
    #[must_use]
    pub fn new(role: &str, profiles: Vec<Profile>, limit: Option<usize>) -> Self {
        let profiles = profiles.into_iter().map(Arc::new).collect();
        Self {
            limit: limit.unwrap_or(usize::MAX),
            ..Self::of_shared(role, profiles)
        }
    }

    /// The same of profiles that somebody else keeps as well; all of them are shown.
    #[must_use]
    pub fn of_shared(role: &str, mut profiles: Vec<Arc<Profile>>) -> Self {
        profiles.retain(|profile| profile.role == role);
        profiles.sort_by(|left, right| left.compare_rank(right));
        let places = places(&profiles.iter().map(Arc::as_ref).collect::<Vec<_>>());
        Self {
            role: role.to_owned(),
            places,
            profiles,
            what_if: None,
            limit: usize::MAX,
        }
    }

    /// Marks it as what would be if something were otherwise, in words; `as_is` is the ranking of what is.
    #[must_use]
    pub fn as_what_if(mut self, what: &str, as_is: &Self) -> Self {
        let was: BTreeMap<&ApplicantId, usize> = as_is
            .profiles
            .iter()
            .zip(&as_is.places)
            .map(|(profile, place)| (&profile.applicant.id, place.rank))
            .collect();
        for (place, profile) in self.places.iter_mut().zip(&self.profiles) {
            place.was = was.get(&profile.applicant.id).copied();
        }
        self.what_if = Some(what.to_owned());
        self
    }

    /// What was asked, when it is a what-if.
    pub fn what_if(&self) -> Option<&str> {
        self.what_if.as_deref()
    }

    /// Where the applicants stand, in the order of [`Ranking::shown`].
    pub fn places(&self) -> &[Place] {
        &self.places[..self.places.len().min(self.limit)]
    }

    /// All profiles, best first, also those that are not shown.
    pub fn profiles(&self) -> &[Arc<Profile>] {
        &self.profiles
    }

    /// The role that all of them applied for.
    pub fn role(&self) -> &str {
        &self.role
    }

    /// The profiles that are shown, best first.
    pub fn shown(&self) -> Vec<&Profile> {
        let shown = self.profiles.iter().take(self.limit);
        shown.map(Arc::as_ref).collect()
    }

    /// What the ranking is made of and what it does not know, a sentence a line.
    pub(super) fn summary(&self) -> Vec<String> {
        let all = self.profiles.len();
        if all == 0 {
            return vec![format!("No profiles for the role {}.", clean(&self.role))];
        }
        let count = |state| {
            self.profiles
                .iter()
                .filter(|profile| profile.state() == state)
                .count()
        };
        let mut lines = vec![format!(
            "{}: {} complete, {} partial, {} unknown.",
            applicants(all),
            count(ComponentState::Complete),
            count(ComponentState::Partial),
            count(ComponentState::Unknown),
        )];
        lines.extend(self.judged_alike());
        lines.extend(self.missing_knowledge());
        if self.limit < all {
            lines.push(format!(
                "Shown: the first {} of {all}; a larger --limit shows more.",
                self.limit
            ));
        }
        // Rubrics and reasons are in them.
        let cleaned = |line: String| clean(&line).into_owned();
        lines.into_iter().map(cleaned).collect()
    }

    /// What to say when not all were judged by the same rubric as of the same day.
    fn judged_alike(&self) -> Option<String> {
        let mut ways: BTreeMap<String, usize> = BTreeMap::new();
        for profile in &self.profiles {
            let rubric = &profile.rubric;
            let way = format!(
                "version {} ({}) as of {}",
                rubric.version, rubric.digest, profile.as_of
            );
            *ways.entry(way).or_default() += 1;
        }
        if ways.len() < 2 {
            return None;
        }
        let ways: Vec<String> = ways
            .iter()
            .map(|(way, count)| format!("{count} by {way}"))
            .collect();
        Some(format!(
            "NOT JUDGED ALIKE: {}. `plaudit rescore` judges all by today's rubric, with --as-of as of one day.",
            ways.join(", ")
        ))
    }

    /// What could not be seen, and of how many applicants, most frequent first. One cause is one line, however many
    /// components it leaves open.
    fn missing_knowledge(&self) -> Vec<String> {
        let mut reasons: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<&ApplicantId>)> = BTreeMap::new();
        for profile in &self.profiles {
            let open = profile.score.components.iter();
            for component in open.filter(|one| one.state != ComponentState::Complete) {
                let (components, people) = reasons.entry(&component.reason).or_default();
                components.insert(&component.name);
                people.insert(&profile.applicant.id);
            }
        }
        let mut reasons: Vec<_> = reasons.into_iter().collect();
        reasons.sort_by_key(|(reason, (_, people))| (std::cmp::Reverse(people.len()), *reason));
        let further = reasons.len().saturating_sub(LISTED_REASONS);
        let mut lines: Vec<String> = reasons
            .iter()
            .take(LISTED_REASONS)
            .map(|(reason, (components, people))| {
                let components: Vec<&str> = components.iter().copied().collect();
                format!(
                    "Not fully known: {} of {} ({})",
                    clean(&components.join(", ")),
                    applicants(people.len()),
                    clean(reason)
                )
            })
            .collect();
        if further > 0 {
            lines.push(format!(
                "Not fully known for {further} more reasons; `plaudit show ID` tells each."
            ));
        }
        lines
    }

    /// How to read ranks, a sentence a line.
    pub(super) fn legend(&self) -> Vec<String> {
        let mut lines = vec![
            "Order: what is proven, then what is possible, then the id. A person decides."
                .to_owned(),
            format!(
                "Range: best and worst rank over {DRAWS} draws of the weights (± 20 %) and of what is unknown."
            ),
            "Likely: the ranks in nine of ten draws. They may lie apart from the rank, which goes by what is proven."
                .to_owned(),
        ];
        if self
            .profiles
            .iter()
            .any(|one| !one.identity.conflicts.is_empty())
        {
            lines.push(
                "! the accounts contradict each other on whose they are: `plaudit show ID`."
                    .to_owned(),
            );
        }
        let any = |tie| self.places().iter().any(|place| place.tie == tie);
        if any(Tie::Exact) {
            lines.push("= same points as the one above; the id alone decides.".to_owned());
        }
        if any(Tie::Close) {
            lines.push(
                "~ cannot be told from the one above: the order holds in fewer than 9 of 10 draws."
                    .to_owned(),
            );
        }
        if self
            .profiles
            .iter()
            .any(|one| one.review.adjusted_by().is_some())
        {
            lines.push(
                "Adjusted: points that a person adds or takes away; they do not change the order."
                    .to_owned(),
            );
        }
        lines
    }
}

fn applicants(count: usize) -> String {
    match count {
        1 => "1 applicant".to_owned(),
        _ => format!("{count} applicants"),
    }
}

pub(super) fn write(ranking: &Ranking, view: View, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(view.colour);
    let shown = ranking.shown();
    if shown.is_empty() {
        writeln!(out, "No profiles for the role {}.", clean(ranking.role()))?;
        return writeln!(
            out,
            "Make some: `plaudit demo`, or `plaudit enrich https://github.com/NAME`."
        );
    }
    writeln!(
        out,
        "{}\n",
        paint.bold(format!("Ranking: {}", clean(ranking.role())))
    )?;
    if let Some(what_if) = ranking.what_if() {
        writeln!(
            out,
            "{}\n",
            paint.warn(format!("What if: {}", clean(what_if)))
        )?;
    }
    writeln!(out, "{}\n", table(ranking, view))?;
    for line in ranking.legend() {
        writeln!(out, "{}", paint.dim(line))?;
    }
    writeln!(out)?;

    writeln!(out, "{}", paint.bold("Strongest evidence"))?;
    let ids = shown
        .iter()
        .map(|profile| width(profile.applicant.id.as_str()))
        .max()
        .unwrap_or(0);
    let ids = ids.min(usize::from(view.width.max(40)) / 4);
    let pieces = if shown.len() <= SHORT { PIECES } else { 1 };
    for (index, profile) in shown.iter().enumerate() {
        let begin = format!(
            "{:>3}  {}  ",
            index + 1,
            pad(profile.applicant.id.as_str(), ids)
        );
        evidence(profile, &begin, pieces, view, out)?;
    }
    writeln!(out)?;
    for line in ranking.summary() {
        writeln!(out, "{}", clean(&line))?;
    }
    Ok(())
}

/// The pieces that earned most, and how much the others earned; the first line begins with `begin`.
fn evidence(
    profile: &Profile,
    begin: &str,
    pieces: usize,
    view: View,
    out: &mut dyn Write,
) -> io::Result<()> {
    let paint = Paint(view.colour);
    let columns = usize::from(view.width.max(40));
    let all = strongest(profile);
    if all.is_empty() {
        return writeln!(out, "{begin}{}", paint.dim(without_evidence(profile)));
    }
    let blank = " ".repeat(width(begin));
    for (index, piece) in all.iter().take(pieces).enumerate() {
        let begin = if index == 0 { begin } else { &blank };
        let url = clean(&piece.url);
        let used = width(begin) + 8 + width(&url) + 2;
        write!(
            out,
            "{begin}{}  {url}",
            paint.good(format!("{:>6}", piece.points))
        )?;
        // A URL is never cut; a title too short to say anything is left out.
        match columns.saturating_sub(used) {
            room @ 12.. => writeln!(out, "  {}", fit(&piece.title, room))?,
            _ => writeln!(out)?,
        }
    }
    let count = all.len() + profile.left_out;
    if pieces > 1 && count > pieces {
        // All of it adds up to what is proven, so that this holds in brief as well.
        let told: Points = all.iter().take(pieces).map(|piece| piece.points).sum();
        let points = Points::from_cents(profile.score.low.cents() - told.cents());
        let more = count - pieces;
        writeln!(
            out,
            "{blank}{points:>6}  {}",
            paint.dim(format!(
                "{more} more, each with its URL: plaudit show {}",
                profile.applicant.id
            ))
        )?;
    }
    Ok(())
}

/// Why an applicant has no evidence: nothing there, or nothing to be seen. Two different things.
fn without_evidence(profile: &Profile) -> String {
    let asked = profile.sources.asked();
    let reason = asked.iter().find_map(|one| one.reason).or_else(|| {
        profile
            .score
            .components
            .iter()
            .find(|component| component.state != ComponentState::Complete)
            .map(|component| component.reason.as_str())
    });
    match reason {
        Some(reason) => format!("none: {}", clean(reason)),
        None => "none: nothing that this rubric values was found".to_owned(),
    }
}

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Rank,
    Range,
    Likely,
    Was,
    Applicant { width: usize },
    Score,
    Bar { width: usize },
    Covered,
    Flags,
    Adjusted,
}

impl Column {
    /// The columns for which there are room and reason.
    fn fitting(ranking: &Ranking, width: usize) -> Vec<Self> {
        let any = |found: &dyn Fn(&Profile) -> bool| ranking.shown().into_iter().any(found);
        let bar = match width {
            120.. => 20,
            90..120 => 10,
            _ => 0,
        };
        let wanted = [
            (true, Self::Rank),
            (true, Self::Range),
            (width >= 90, Self::Likely),
            (ranking.what_if.is_some(), Self::Was),
            (true, Self::Applicant { width: 0 }),
            (true, Self::Score),
            (bar > 0, Self::Bar { width: bar }),
            (width >= 70, Self::Covered),
            (any(&marked), Self::Flags),
            (
                any(&|profile| profile.review.adjusted_by().is_some()),
                Self::Adjusted,
            ),
        ];
        let mut columns: Vec<Self> = wanted
            .into_iter()
            .filter_map(|(there, column)| there.then_some(column))
            .collect();
        let taken: usize = columns.iter().map(|column| column.width() + 1).sum();
        let room = width.saturating_sub(taken).max(10);
        for column in &mut columns {
            if let Self::Applicant { width } = column {
                *width = room;
            }
        }
        columns
    }

    /// How wide it may become. Columns.
    fn width(self) -> usize {
        match self {
            Self::Rank | Self::Flags => 5,
            Self::Range | Self::Likely | Self::Adjusted => 9,
            Self::Was => 4,
            Self::Applicant { width } | Self::Bar { width } => width + 1,
            Self::Score => 14,
            Self::Covered => 8,
        }
    }

    fn header(self) -> Cell {
        match self {
            Self::Rank => right("#"),
            Self::Range => right("Range"),
            Self::Likely => right("Likely"),
            Self::Was => right("Was"),
            Self::Applicant { .. } => Cell::new("Applicant"),
            Self::Score => right("Score"),
            Self::Bar { width } => Cell::new(fit("proven █ open ░", width)),
            Self::Covered => right("Covered"),
            Self::Flags => right("Flags"),
            Self::Adjusted => right("Adjusted"),
        }
    }

    fn cell(self, profile: &Profile, place: &Place) -> Cell {
        let (low, high) = (profile.score.low, profile.score.high);
        match self {
            Self::Rank => right(format!("{}{}", mark(place.tie), place.rank)),
            Self::Range => right(range(place.best, place.worst)),
            Self::Likely => right(range(place.likely_best, place.likely_worst)),
            Self::Was => right(place.was.map_or_else(String::new, |was| was.to_string())),
            Self::Applicant { width } => {
                let applicant = &profile.applicant;
                let name = match &applicant.name {
                    Some(name) => format!("{} ({})", applicant.id, clean(name)),
                    None => applicant.id.to_string(),
                };
                Cell::new(fit(&name, width))
            }
            Self::Score => right(interval(low, high)),
            Self::Bar { width } => {
                let colour = if low == high {
                    Color::Green
                } else {
                    Color::Yellow
                };
                Cell::new(bar(low, high, ALL_POINTS, width)).fg(colour)
            }
            Self::Covered => right(format!("{} %", percent(profile.coverage))),
            Self::Flags => right(
                match (profile.flags.len(), profile.identity.conflicts.is_empty()) {
                    (0, true) => String::new(),
                    (0, false) => "!".to_owned(),
                    (count, true) => count.to_string(),
                    (count, false) => format!("{count}!"),
                },
            ),
            Self::Adjusted => {
                let adjusted = profile.review.adjusted_by();
                right(adjusted.map_or_else(String::new, Points::signed))
            }
        }
    }
}

fn right(text: impl ToString) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

/// Whether a person should look at somebody before anything else.
fn marked(profile: &Profile) -> bool {
    !(profile.flags.is_empty() && profile.identity.conflicts.is_empty())
}

/// `12–34`, or `12` when every draw gives the same.
fn range(best: usize, worst: usize) -> String {
    if best == worst {
        best.to_string()
    } else {
        format!("{best}–{worst}")
    }
}

/// The mark in front of a rank.
pub(super) fn mark(tie: Tie) -> &'static str {
    match tie {
        Tie::None => "",
        Tie::Close => "~",
        Tie::Exact => "=",
    }
}

fn table(ranking: &Ranking, view: View) -> String {
    let columns = Column::fitting(ranking, usize::from(view.width.max(40)));
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if view.colour {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table.set_header(columns.iter().map(|column| column.header()));
    for (profile, place) in ranking.shown().into_iter().zip(ranking.places()) {
        table.add_row(columns.iter().map(|column| column.cell(profile, place)));
    }
    table.trim_fmt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example::several;

    #[test]
    fn no_line_of_the_table_is_wider_than_the_terminal() {
        for width in [40, 60, 72, 80, 100, 132] {
            let ranking = Ranking::new("doctoral-dl-radiology", several(), None);
            let view = View {
                width,
                colour: false,
            };
            for line in table(&ranking, view).lines() {
                let columns = super::super::terminal::width(line);
                assert!(columns <= usize::from(width).max(45), "{width}: {line}");
            }
        }
    }

    #[test]
    fn a_what_if_tells_the_rank_that_is() {
        let as_is = Ranking::new("doctoral-dl-radiology", several(), None);
        let ranking = Ranking::new("doctoral-dl-radiology", several(), Some(2));
        let ranking = ranking.as_what_if("kaggle 45", &as_is);
        let was: Vec<_> = ranking.places().iter().map(|place| place.was).collect();
        assert_eq!(was, [Some(1), Some(2)]);
        let mut out = Vec::new();
        write(&ranking, View::default(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("What if: kaggle 45"), "{text}");
        assert!(text.contains("Was"), "{text}");
    }

    #[test]
    fn equal_points_are_marked_and_explained() {
        let ranking = Ranking::new("doctoral-dl-radiology", several(), None);
        let mut out = Vec::new();
        write(&ranking, View::default(), &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("=3"), "{text}");
        assert!(text.contains("the id alone decides"), "{text}");
    }
}
