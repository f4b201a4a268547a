//! Assumptions about a host, and how they stand when the live host is asked: the shapes that every source's doctor
//! shares.
//!
//! Marks of an assumption's origin: **docs** the host's documentation · **seen** in public issues, code or data ·
//! **inferred**.

use std::collections::BTreeMap;

/// Something about a host that the product relies on and that no offline test can prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assumption {
    /// A short name, the same over all versions.
    pub name: &'static str,
    /// What is assumed.
    pub claim: &'static str,
    /// Where it was read.
    pub origin: &'static str,
}

/// How an assumption stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The live host does as was read.
    Agrees,
    /// It does otherwise, so.
    Differs(String),
    /// It could not be checked, because.
    NotChecked(String),
}

/// An assumption and how it stands.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What was assumed.
    pub assumption: Assumption,
    /// How it stands.
    pub verdict: Verdict,
}

/// What was found out, and what it took.
pub struct Examination {
    /// One for each assumption, in the list's order.
    pub findings: Vec<Finding>,
    /// For each token its last four characters, the account's login if known, and the points left. Of a host
    /// whose tokens have no budget to show none.
    pub tokens: Vec<TokenState>,
    /// Requests sent. Count.
    pub requests: u32,
}

/// A token, as the host sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenState {
    /// Its last four characters.
    pub tail: String,
    /// Good, with the points that are left of so many; or what is wrong.
    pub state: Result<(u32, u32), String>,
}

/// Findings under way.
#[derive(Default)]
pub(super) struct Notes {
    verdicts: BTreeMap<&'static str, Verdict>,
    /// Requests sent so far. Count.
    pub(super) requests: u32,
}

impl Notes {
    /// Takes a verdict down; a later one takes its place.
    pub(super) fn set(&mut self, name: &'static str, verdict: Verdict) {
        self.verdicts.insert(name, verdict);
    }

    /// Takes down whether the host agrees, and if not, how it differs.
    pub(super) fn check(&mut self, name: &'static str, agrees: bool, how: impl FnOnce() -> String) {
        let verdict = if agrees {
            Verdict::Agrees
        } else {
            Verdict::Differs(how())
        };
        self.set(name, verdict);
    }

    /// The same for what is looked at several times: once it has differed, that stays.
    pub(super) fn check_also(
        &mut self,
        name: &'static str,
        agrees: bool,
        how: impl FnOnce() -> String,
    ) {
        if !matches!(self.verdicts.get(name), Some(Verdict::Differs(_))) {
            self.check(name, agrees, how);
        }
    }

    /// A finding for each assumption; `needs` says what one that was not checked would need.
    pub(super) fn findings(
        mut self,
        assumptions: &[Assumption],
        needs: impl Fn(&str) -> String,
    ) -> Vec<Finding> {
        assumptions
            .iter()
            .map(|assumption| {
                let unchecked = || Verdict::NotChecked(needs(assumption.name));
                Finding {
                    assumption: *assumption,
                    verdict: self
                        .verdicts
                        .remove(assumption.name)
                        .unwrap_or_else(unchecked),
                }
            })
            .collect()
    }
}
