//! Which teller wins: the newest for totals, the data set for competitions, and a difference is shown.
//!
//! Pure: what was asked comes in, facts go out.
//!
//! Category by category the newer teller's tier, medals and place count; where it says nothing of a category, the
//! older one's do, and a sentence names whose they are. What a person hides, or has opted out of, stays out even
//! if the older teller still told it: a choice that Kaggle respects today is respected here.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::bulk::Person;
use super::{LiveProfile, profile};
use crate::domain::facts::{
    Category, Cause, CompetitionResult, Gap, KaggleFacts, Medal, MedalCount, Provenance, Rank,
    Teller, Topic, Totals, reasons,
};
use crate::domain::link::Handle;

/// What the data set on this machine says.
#[derive(Debug, Clone, Copy)]
pub(super) enum DataSet<'a> {
    /// There is none.
    NotAtHand,
    /// It does not hold the person.
    Lacks {
        /// The data's own date.
        as_of: Timestamp,
    },
    /// It holds the person.
    Holds {
        /// What it says.
        person: &'a Person,
        /// The data's own date.
        as_of: Timestamp,
    },
}

/// What a live teller says.
#[derive(Debug, Clone, Copy)]
pub(super) enum Live<'a> {
    /// None was asked, or none gave a usable answer.
    NotAsked,
    /// There is nobody of this name.
    Nobody {
        /// Who says so, and when it was asked.
        from: Provenance,
    },
    /// There is.
    Tells {
        /// What it says.
        profile: &'a LiveProfile,
        /// Who says so, and when it was asked.
        from: Provenance,
    },
}

/// One teller's word, in a form that both have.
#[derive(Clone, Copy)]
struct Word<'a> {
    from: Provenance,
    totals: &'a BTreeMap<Category, Totals>,
    user_name: &'a str,
    /// Of the live tellers: what tells why something is missing.
    profile: Option<&'a LiveProfile>,
}

/// What is known about the person that `asked` names. `None`: no teller knows the account's number, without which
/// nothing can be kept; either nobody told anything, or a page showed only that the account is there.
pub(super) fn merge(asked: &Handle, data_set: DataSet<'_>, live: Live<'_>) -> Option<KaggleFacts> {
    let mut differences = Vec::new();
    let data_set = without_namesake(data_set, live, &mut differences);
    let (person, data_set_from) = match data_set {
        DataSet::NotAtHand => (None, None),
        DataSet::Lacks { as_of } => (None, Some(of_data_set(as_of))),
        DataSet::Holds { person, as_of } => (Some(person), Some(of_data_set(as_of))),
    };
    let words = words(data_set, live);
    let newest = *words.first()?;
    let user_id = words
        .iter()
        .find_map(|word| word.profile.and_then(|profile| profile.user_id))
        .or(person.map(|person| person.user_id))?;
    if let (Live::Nobody { from }, DataSet::Holds { as_of, .. }) = (live, data_set) {
        differences.push(reasons::gone_since(from, of_data_set(as_of)));
    }

    let mut facts = KaggleFacts {
        user_name: newest.user_name.to_owned(),
        user_id,
        renamed_from: (!asked.as_str().eq_ignore_ascii_case(newest.user_name))
            .then(|| asked.to_string()),
        github: words
            .iter()
            .find_map(|word| word.profile.and_then(|profile| profile.github.clone())),
        tiers: [].into(),
        medals: [].into(),
        ranks: [].into(),
        competitions: Vec::new(),
        totals_from: newest.from,
        medals_from: [].into(),
        competitions_from: None,
        differences,
        gaps: Vec::new(),
    };
    take_totals(&words, &mut facts);
    match (person, data_set_from) {
        (Some(person), Some(from)) => take_competitions(person, from, newest, &mut facts),
        (_, from) => explain_no_competitions(from, newest, &mut facts),
    }
    facts.gaps.sort();
    Some(facts)
}

fn of_data_set(as_of: Timestamp) -> Provenance {
    Provenance {
        teller: Teller::DataSet,
        as_of,
    }
}

/// The data set without a person of the same name whose number is another: names are given out again.
fn without_namesake<'a>(
    data_set: DataSet<'a>,
    live: Live<'_>,
    differences: &mut Vec<String>,
) -> DataSet<'a> {
    if let (DataSet::Holds { person, as_of }, Live::Tells { profile, .. }) = (data_set, live)
        && profile
            .user_id
            .is_some_and(|number| number != person.user_id)
    {
        differences.push(reasons::other_account(of_data_set(as_of)));
        return DataSet::Lacks { as_of };
    }
    data_set
}

/// Everybody who tells something, the newest first; of two as of the same moment the live one.
fn words<'a>(data_set: DataSet<'a>, live: Live<'a>) -> Vec<Word<'a>> {
    let mut words = Vec::new();
    if let Live::Tells { profile, from } = live {
        words.push(Word {
            from,
            totals: &profile.totals,
            user_name: &profile.user_name,
            profile: Some(profile),
        });
    }
    if let DataSet::Holds { person, as_of } = data_set {
        words.push(Word {
            from: of_data_set(as_of),
            totals: &person.totals,
            user_name: &person.user_name,
            profile: None,
        });
    }
    words.sort_by_key(|word| std::cmp::Reverse(word.from.as_of));
    words
}

/// Why the person's choice keeps a category out, by the newest word.
fn choice(newest: Word<'_>, category: Category) -> Option<&'static str> {
    let profile = newest.profile?;
    if profile.opted_out == Some(true) {
        return Some(reasons::OPTED_OUT);
    }
    profile::is_hidden(&profile.hidden, category).then_some(reasons::HIDDEN_ON_KAGGLE)
}

/// Tiers, medals and places, category by category, and why some are not known.
fn take_totals(words: &[Word<'_>], facts: &mut KaggleFacts) {
    let Some(&newest) = words.first() else {
        return;
    };
    let mut sources = Vec::new();
    for category in Category::ALL {
        if let Some(reason) = choice(newest, category) {
            facts
                .gaps
                .push(medals_gap(category, Cause::Hidden, reason.to_owned()));
            continue;
        }
        let told: Vec<(Provenance, Totals)> = words
            .iter()
            .filter_map(|word| Some((word.from, *word.totals.get(&category)?)))
            .collect();
        let medals: Vec<_> = told
            .iter()
            .filter_map(|(from, totals)| Some((*from, totals.medals?)))
            .collect();
        if let Some((from, medals)) = medals.first() {
            facts.medals.insert(category, *medals);
            sources.push((category, *from));
        } else {
            let reason = reasons::says_nothing(category, newest.from);
            let gap = medals_gap(category, Cause::Missing, reason);
            facts.gaps.push(gap);
        }
        if let [newer, older] = medals.as_slice() {
            facts
                .differences
                .extend(Medal::ALL.into_iter().filter_map(|medal| {
                    let (count, before) = (newer.1.of(medal), older.1.of(medal));
                    (count != before).then(|| {
                        reasons::other_count(category, medal, (newer.0, count), (older.0, before))
                    })
                }));
        }
        let tiers: Vec<_> = told
            .iter()
            .filter_map(|(from, totals)| Some((*from, totals.tier?)))
            .collect();
        if let Some((_, tier)) = tiers.first() {
            facts.tiers.insert(category, *tier);
        }
        if let [newer, older] = tiers.as_slice()
            && newer.1 != older.1
        {
            let sentence = reasons::other_tier(category, *newer, *older);
            facts.differences.push(sentence);
        }
        if let Some(rank) = place(&told) {
            facts.ranks.insert(category, rank);
        }
    }
    facts.totals_from = most(&sources).unwrap_or(newest.from);
    for (category, from) in sources {
        // Of nothing it does not matter who says so.
        let medals = facts.medals.get(&category).copied().unwrap_or_default();
        if from != facts.totals_from && medals.all() > 0 {
            facts.medals_from.insert(category, from);
            facts
                .differences
                .push(reasons::told_elsewhere(category, from));
        }
    }
}

/// Who tells the medals of most categories; of two that tell as many, the newer.
fn most(sources: &[(Category, Provenance)]) -> Option<Provenance> {
    let told = |from: Provenance| sources.iter().filter(|(_, other)| *other == from).count();
    sources
        .iter()
        .map(|(_, from)| *from)
        .max_by_key(|from| (told(*from), from.as_of))
}

/// The newest teller's place, with the points that the data set alone has; `None` without a place or points. No
/// points at all, which the data set writes as 0, are no place.
fn place(told: &[(Provenance, Totals)]) -> Option<Rank> {
    let mut rank = told.first()?.1.rank;
    let points = told.iter().find_map(|(_, totals)| totals.rank.points);
    rank.points = points.filter(|points| *points > 0);
    let has_place = rank.current.or(rank.highest).or(rank.points).is_some();
    has_place.then_some(rank)
}

/// The competitions, and where they and the totals do not go together.
fn take_competitions(person: &Person, from: Provenance, newest: Word<'_>, facts: &mut KaggleFacts) {
    if let Some(reason) = choice(newest, Category::Competitions) {
        if !person.competitions.is_empty() {
            facts
                .gaps
                .push(competitions_gap(Cause::Hidden, reason.to_owned()));
        }
        return;
    }
    facts.competitions.clone_from(&person.competitions);
    facts.competitions_from = Some(from);
    let named = medals_of(&person.competitions);
    let Some(&total) = facts.medals.get(&Category::Competitions) else {
        return;
    };
    let mut missing = 0_u32;
    for medal in Medal::ALL {
        let listed = named.of(medal).saturating_add(person.unnamed.of(medal));
        if listed > total.of(medal) {
            let sentence = reasons::more_than_total(medal, listed, from, total.of(medal));
            facts.differences.push(sentence);
        }
        missing = missing.saturating_add(total.of(medal).saturating_sub(named.of(medal)));
    }
    if missing > 0 {
        let reason = reasons::without_competition(missing, total.all(), from);
        facts.gaps.push(competitions_gap(Cause::Missing, reason));
    }
}

/// Why there are no competitions, where there may be medals that would have them.
fn explain_no_competitions(
    data_set: Option<Provenance>,
    newest: Word<'_>,
    facts: &mut KaggleFacts,
) {
    let total = facts.medals.get(&Category::Competitions);
    let none_won = total.is_some_and(|total| total.all() == 0);
    if none_won || choice(newest, Category::Competitions).is_some() {
        return;
    }
    facts.gaps.push(match data_set {
        None => competitions_gap(Cause::NotAsked, reasons::NO_DATA_SET.to_owned()),
        Some(from) => competitions_gap(Cause::Missing, reasons::not_in_data_set(from)),
    });
}

/// The medals in a list of competitions.
fn medals_of(competitions: &[CompetitionResult]) -> MedalCount {
    let mut count = MedalCount::default();
    for medal in competitions.iter().filter_map(|result| result.medal) {
        count.add(medal);
    }
    count
}

fn medals_gap(category: Category, cause: Cause, reason: String) -> Gap {
    Gap {
        topic: Topic::Medals,
        project: Some(category.name().to_owned()),
        cause,
        reason,
    }
}

fn competitions_gap(cause: Cause, reason: String) -> Gap {
    Gap {
        topic: Topic::Competitions,
        project: None,
        cause,
        reason,
    }
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
