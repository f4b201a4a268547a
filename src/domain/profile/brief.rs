//! A profile in brief: what a row of a ranking needs, and no more.

use std::collections::BTreeMap;

use super::Profile;
use crate::domain::{
    facts::{GitHubFacts, KaggleFacts, Lookup, Observation, PageFacts, Sources},
    integrity::Flag,
    review::Review,
    score::{Component, Evidence, Score, Value},
};

/// Pieces of evidence that a profile in brief keeps, those that earned most. Count; as many as a ranking shows.
pub const PIECES_IN_BRIEF: usize = 3;

impl Profile {
    /// What a ranking shows of it, for keeping ten thousand in memory: the score with its strongest evidence, who,
    /// how sure, flags and adjustments, and of each source how the look-up ended and whose account it is.
    ///
    /// Lists of facts, gaps, factors, notes, changes and notices are left out, so that it can be neither judged nor
    /// explained, and no export may be made of it. [`Profile::left_out`] says how much evidence is missing.
    #[must_use]
    pub fn in_brief(&self) -> Self {
        let all = self.score.strongest();
        let strongest = &all[..all.len().min(PIECES_IN_BRIEF)];
        Self {
            applicant: self.applicant.clone(),
            role: self.role.clone(),
            snapshot: self.snapshot.clone(),
            rubric: self.rubric.clone(),
            as_of: self.as_of,
            score: score(&self.score, strongest),
            coverage: self.coverage,
            identity: self.identity.clone(),
            flags: self.flags.iter().map(flag).collect(),
            review: Review {
                revision: self.review.revision,
                adjustments: self.review.adjustments.clone(),
                ..Review::default()
            },
            sources: Sources {
                github: brief(self.sources.github.as_ref(), github),
                kaggle: brief(self.sources.kaggle.as_ref(), kaggle),
                page: brief(self.sources.page.as_ref(), |_| PageFacts::default()),
            },
            changes: Vec::new(),
            cost: self.cost,
            notices: Vec::new(),
            left_out: self.left_out + all.len() - strongest.len(),
        }
    }
}

fn score(whole: &Score, strongest: &[&Evidence]) -> Score {
    let component = |one: &Component| Component {
        name: one.name.clone(),
        max: one.max,
        low: one.low,
        high: one.high,
        state: one.state,
        reason: one.reason.clone(),
        evidence: one
            .evidence
            .iter()
            .filter(|piece| strongest.iter().any(|kept| std::ptr::eq(*kept, *piece)))
            .map(evidence)
            .collect(),
    };
    Score {
        low: whole.low,
        high: whole.high,
        components: whole.components.iter().map(component).collect(),
    }
}

fn evidence(whole: &Evidence) -> Evidence {
    Evidence {
        url: whole.url.clone(),
        title: whole.title.clone(),
        kind: whole.kind.clone(),
        project: whole.project.clone(),
        date: whole.date,
        fetched_at: whole.fetched_at,
        points: whole.points,
        value: Value {
            total: whole.value.total,
            factors: BTreeMap::new(),
        },
    }
}

fn flag(whole: &Flag) -> Flag {
    Flag {
        kind: whole.kind,
        reason: whole.reason.clone(),
        threshold: whole.threshold.clone(),
        base_rate: whole.base_rate.clone(),
        url: whole.url.clone(),
        evidence: Vec::new(),
        factor: whole.factor,
    }
}

fn brief<T>(whole: Option<&Observation<T>>, facts_of: fn(&T) -> T) -> Option<Observation<T>> {
    let whole = whole?;
    Some(Observation {
        url: whole.url.clone(),
        found_on: whole.found_on.clone(),
        fetched_at: whole.fetched_at,
        lookup: match &whole.lookup {
            Lookup::Found { facts } => Lookup::Found {
                facts: facts_of(facts),
            },
            Lookup::Absent { reason } => Lookup::Absent {
                reason: reason.clone(),
            },
            Lookup::Hidden { reason } => Lookup::Hidden {
                reason: reason.clone(),
            },
            Lookup::Failed { reason } => Lookup::Failed {
                reason: reason.clone(),
            },
        },
    })
}

fn github(whole: &GitHubFacts) -> GitHubFacts {
    GitHubFacts {
        login: whole.login.clone(),
        account_id: whole.account_id.clone(),
        renamed_from: whole.renamed_from.clone(),
        created_at: whole.created_at,
        own_repositories: whole.own_repositories,
        forks: whole.forks,
        repositories: Vec::new(),
        projects: Vec::new(),
        merged_elsewhere: whole.merged_elsewhere,
        mergers: whole.mergers,
        pull_requests: Vec::new(),
        names: Vec::new(),
        code: None,
        pulse: None,
        years: BTreeMap::new(),
        gaps: Vec::new(),
    }
}

fn kaggle(whole: &KaggleFacts) -> KaggleFacts {
    KaggleFacts {
        user_name: whole.user_name.clone(),
        user_id: whole.user_id,
        renamed_from: whole.renamed_from.clone(),
        github: whole.github.clone(),
        tiers: BTreeMap::new(),
        medals: BTreeMap::new(),
        ranks: BTreeMap::new(),
        competitions: Vec::new(),
        totals_from: whole.totals_from,
        medals_from: BTreeMap::new(),
        competitions_from: whole.competitions_from,
        differences: Vec::new(),
        gaps: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example::hostile;

    #[test]
    fn a_profile_in_brief_keeps_the_three_strongest_pieces_and_counts_the_others() {
        let whole = hostile();
        let brief = whole.in_brief();
        let urls = |profile: &Profile| -> Vec<String> {
            let pieces = profile.score.strongest();
            pieces.iter().map(|piece| piece.url.clone()).collect()
        };
        assert_eq!(urls(&brief), urls(&whole)[..PIECES_IN_BRIEF]);
        assert_eq!(brief.left_out, 12 - PIECES_IN_BRIEF);
        assert_eq!(brief.score.low, whole.score.low);
        assert_eq!(brief.sources.asked(), whole.sources.asked());
        assert_eq!(brief.in_brief(), brief);
    }
}
