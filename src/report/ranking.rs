//! The ranking: who comes first, by how much, how sure that is, and on what evidence.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use comfy_table::{Cell, CellAlignment, Color, Table, presets};

use super::{
    ALL_POINTS, View,
    bar::bar,
    percent, strongest,
    terminal::{Paint, clean, fit, pad, width},
};
use crate::domain::{
    applicant::ApplicantId,
    profile::Profile,
    ranking::{Place, places},
    score::{ComponentState, Points},
};

/// Applicants up to which a ranking shows several pieces of evidence each.
const SHORT: usize = 25;

/// Pieces of evidence an applicant in a short ranking.
const PIECES: usize = 3;

/// Reasons of missing knowledge that are listed below a ranking.
const LISTED_REASONS: usize = 5;

/// The applicants of one role, best first.
#[derive(Debug, Clone)]
pub struct Ranking {
    role: String,
    profiles: Vec<Profile>,
    places: Vec<Place>,
    /// In words, what was asked, when it is a what-if.
    what_if: Option<String>,
    limit: usize,
}

impl Ranking {
    /// The applicants for `role` among `profiles`; with a `limit`, only so many of them are shown.
    #[must_use]
    pub fn new(role: &str, mut profiles: Vec<Profile>, limit: Option<usize>) -> Self {
        profiles.retain(|profile| profile.role == role);
        profiles.sort_by(Profile::compare_rank);
        let places = places(&profiles.iter().collect::<Vec<_>>());
        Self {
            role: role.to_owned(),
            places,
            profiles,
            what_if: None,
            limit: limit.unwrap_or(usize::MAX),
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
    pub fn profiles(&self) -> &[Profile] {
        &self.profiles
    }

    /// The role that all of them applied for.
    pub fn role(&self) -> &str {
        &self.role
    }

    /// The profiles that are shown, best first.
    pub fn shown(&self) -> Vec<&Profile> {
        self.profiles.iter().take(self.limit).collect()
    }

    /// What the ranking is made of and what it does not know, a sentence a line.
    pub(super) fn summary(&self) -> Vec<String> {
        let all = self.profiles.len();
        if all == 0 {
            return vec![format!("No profiles for the role {}.", self.role)];
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
        lines.extend(self.missing_knowledge());
        if self.limit < all {
            lines.push(format!(
                "Shown: the first {} of {all}; a larger --limit shows more.",
                self.limit
            ));
        }
        lines
    }

    /// What could not be seen, and of how many applicants, most frequent first.
    fn missing_knowledge(&self) -> Vec<String> {
        let mut reasons: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for component in self
            .profiles
            .iter()
            .flat_map(|profile| &profile.score.components)
            .filter(|component| component.state != ComponentState::Complete)
        {
            *reasons
                .entry((&component.name, &component.reason))
                .or_default() += 1;
        }
        let mut reasons: Vec<_> = reasons.into_iter().collect();
        reasons.sort_by_key(|((component, reason), count)| {
            (std::cmp::Reverse(*count), *component, *reason)
        });
        let further = reasons.len().saturating_sub(LISTED_REASONS);
        let mut lines: Vec<String> = reasons
            .iter()
            .take(LISTED_REASONS)
            .map(|((component, reason), count)| {
                format!(
                    "Not fully known: {} of {} ({})",
                    clean(component),
                    applicants(*count),
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
    writeln!(out, "{}\n", table(&shown, view))?;

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
    if pieces > 1 && all.len() > pieces {
        let points: Points = all.iter().skip(pieces).map(|piece| piece.points).sum();
        let more = all.len() - pieces;
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

fn table(shown: &[&Profile], view: View) -> String {
    let columns = usize::from(view.width.max(40));
    let bar_columns = match columns {
        100.. => 25,
        70..100 => 15,
        _ => 8,
    };
    // Rank, interval, bar, coverage and the spaces between take their share first.
    let name_columns = columns.saturating_sub(bar_columns + 33).max(10);
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if view.colour {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table.set_header([
        right("#".to_owned()),
        Cell::new("Applicant"),
        right("Score".to_owned()),
        Cell::new(fit("proven █ open ░", bar_columns)),
        right("Covered".to_owned()),
    ]);
    for (index, profile) in shown.iter().enumerate() {
        let applicant = &profile.applicant;
        let name = match &applicant.name {
            Some(name) => format!("{} ({})", applicant.id, clean(name)),
            None => applicant.id.to_string(),
        };
        let (low, high) = (profile.score.low, profile.score.high);
        let (score, colour) = if low == high {
            (low.to_string(), Color::Green)
        } else {
            (format!("{low}..{high}"), Color::Yellow)
        };
        table.add_row([
            right((index + 1).to_string()),
            Cell::new(fit(&name, name_columns)),
            right(score),
            Cell::new(bar(low, high, ALL_POINTS, bar_columns)).fg(colour),
            right(format!("{} %", percent(profile.coverage))),
        ]);
    }
    table.trim_fmt()
}
