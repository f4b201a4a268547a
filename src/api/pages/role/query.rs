//! Which applicants of a ranking somebody wants to see, and in which order.
//!
//! What is not understood counts as not said: an address that somebody edited still shows something.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;
use url::form_urlencoded;

use crate::api::applicants::{is_of, names};
use crate::domain::identity::IdentityLevel;
use crate::domain::profile::Profile;
use crate::domain::ranking::Place;
use crate::domain::score::ComponentState;
use crate::report::html::known;
use crate::report::{Ranking, clean};

/// Longest text that is looked for. Characters.
const LONGEST: usize = 100;

/// What parameters of other maxima begin with.
const MAX: &str = "max_";

/// An order of rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Sort {
    #[default]
    Rank,
    Name,
    Known,
    High,
    Newest,
}

impl Sort {
    /// All of them, with their names in addresses and in words.
    pub(super) const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::Rank, "rank", "Rank"),
        (Self::Name, "name", "Name"),
        (Self::Known, "known", "Most known"),
        (Self::High, "high", "Most points possible"),
        (Self::Newest, "newest", "Asked last"),
    ];
}

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Asked {
    pub(super) text: String,
    pub(super) state: Option<ComponentState>,
    pub(super) identity: Option<IdentityLevel>,
    pub(super) flagged: Option<bool>,
    /// Least coverage. Percent.
    pub(super) known: u8,
    pub(super) sort: Sort,
    /// From 1.
    pub(super) page: usize,
    /// Other maxima, by component, as they were set.
    pub(super) maxima: BTreeMap<String, f64>,
}

impl Asked {
    /// Reads a query.
    pub(super) fn read(query: &str) -> Self {
        let mut asked = Self {
            page: 1,
            ..Self::default()
        };
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = value.trim();
            match name.as_ref() {
                "q" => asked.text = clean(value).chars().take(LONGEST).collect(),
                "state" => {
                    asked.state = [
                        ComponentState::Complete,
                        ComponentState::Partial,
                        ComponentState::Unknown,
                    ]
                    .into_iter()
                    .find(|state| state.to_string() == value);
                }
                "identity" => {
                    asked.identity = [
                        IdentityLevel::Claimed,
                        IdentityLevel::Linked,
                        IdentityLevel::Proven,
                    ]
                    .into_iter()
                    .find(|level| level.name() == value);
                }
                "flagged" => {
                    asked.flagged = match value {
                        "yes" => Some(true),
                        "no" => Some(false),
                        _ => None,
                    }
                }
                "known" => asked.known = value.parse().unwrap_or(0).min(100),
                "sort" => {
                    let mut all = Sort::ALL.into_iter();
                    let found = all.find(|(_, name, _)| *name == value);
                    asked.sort = found.map_or(Sort::Rank, |(sort, _, _)| sort);
                }
                "page" => asked.page = value.parse().unwrap_or(1).max(1),
                name => {
                    let max = value.parse().ok().filter(|max| (0.0..=100.0).contains(max));
                    if let (Some(component), Some(max)) = (name.strip_prefix(MAX), max) {
                        asked.maxima.insert(component.to_owned(), max);
                    }
                }
            }
        }
        asked
    }

    /// The rows of a ranking that are asked for, in the order asked for.
    pub(super) fn select<'a>(&self, ranking: &'a Ranking) -> Vec<(&'a Profile, &'a Place)> {
        let text = self.text.to_lowercase();
        let rows = ranking.profiles().iter().map(AsRef::as_ref);
        let mut rows: Vec<(&Profile, &Place)> = rows
            .zip(ranking.places())
            .filter(|(profile, _)| {
                is_of(profile, self.state, self.identity, self.flagged)
                    && known(profile) >= self.known
                    && names(profile, &text)
            })
            .collect();
        self.sort(&mut rows);
        rows
    }

    /// Brings rows, which come in the order of their ranks, into the order asked for.
    fn sort(&self, rows: &mut [(&Profile, &Place)]) {
        match self.sort {
            Sort::Rank => {}
            Sort::Name => rows.sort_by_cached_key(|(profile, _)| {
                let applicant = &profile.applicant;
                let name = applicant.name.as_deref();
                name.unwrap_or(applicant.id.as_str()).to_lowercase()
            }),
            Sort::Known => rows.sort_by_key(|(profile, _)| Reverse(known(profile))),
            Sort::High => rows.sort_by_key(|(profile, _)| Reverse(profile.score.high)),
            Sort::Newest => rows.sort_by_key(|(profile, _)| Reverse(asked_last(profile))),
        }
    }

    /// Whether anything narrows the list.
    pub(super) fn narrows(&self) -> bool {
        self.state.is_some()
            || self.identity.is_some()
            || self.flagged.is_some()
            || self.known > 0
            || !self.text.is_empty()
    }

    /// Whether a select's `value` is the one that was chosen.
    pub(super) fn is_state(&self, value: &str) -> bool {
        self.state.is_some_and(|state| state.to_string() == value)
    }

    /// The same of identity.
    pub(super) fn is_identity(&self, value: &str) -> bool {
        self.identity.is_some_and(|level| level.name() == value)
    }

    /// The address of another page of the same.
    pub(super) fn with_page(&self, page: usize) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !self.text.is_empty() {
            query.append_pair("q", &self.text);
        }
        if let Some(state) = self.state {
            query.append_pair("state", &state.to_string());
        }
        if let Some(level) = self.identity {
            query.append_pair("identity", level.name());
        }
        if let Some(flagged) = self.flagged {
            query.append_pair("flagged", if flagged { "yes" } else { "no" });
        }
        if self.known > 0 {
            query.append_pair("known", &self.known.to_string());
        }
        let mut all = Sort::ALL.into_iter();
        let sort = all.find(|(sort, _, _)| *sort == self.sort && self.sort != Sort::Rank);
        if let Some((_, name, _)) = sort {
            query.append_pair("sort", name);
        }
        for (component, max) in &self.maxima {
            query.append_pair(&format!("{MAX}{component}"), &max.to_string());
        }
        if page > 1 {
            query.append_pair("page", &page.to_string());
        }
        format!("?{}", query.finish())
    }
}

fn asked_last(profile: &Profile) -> Option<Timestamp> {
    let asked = profile.sources.asked();
    asked.iter().map(|one| one.fetched_at).max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Ranking;
    use crate::report::example::several;

    #[test]
    fn an_address_says_what_is_wanted_and_says_it_again() {
        let query = "q=Ada+%26+co&state=partial&identity=linked&flagged=no&known=40&sort=high&max_kaggle=45&page=3";
        let asked = Asked::read(query);
        assert_eq!(asked.text, "Ada & co");
        assert_eq!(asked.state, Some(ComponentState::Partial));
        assert_eq!(asked.identity, Some(IdentityLevel::Linked));
        assert_eq!((asked.flagged, asked.known), (Some(false), 40));
        assert_eq!((asked.sort, asked.page), (Sort::High, 3));
        assert_eq!(asked.maxima.get("kaggle"), Some(&45.0));
        let again = Asked::read(&asked.with_page(3)[1..]);
        assert_eq!(again, asked);
    }

    #[test]
    fn what_is_not_understood_counts_as_not_said() {
        let query = "state=great&identity=x&flagged=maybe&known=-4&sort=id&page=0&max_kaggle=NaN&max_own_code=101&x=y";
        assert_eq!(Asked::read(query), Asked::read(""));
    }

    #[test]
    fn every_filter_and_every_order_makes_a_difference_that_is_asked_for() {
        let mut profiles = several();
        let role = profiles[0].role.clone();
        // So that the last one's name comes first.
        profiles.sort_by(|left, right| right.compare_rank(left));
        for (letter, profile) in ('a'..).zip(&mut profiles) {
            profile.applicant.name = Some(letter.to_string());
        }
        let ranking = Ranking::new(&role, profiles, None);
        let shown = |query: &str| -> Vec<String> {
            let asked = Asked::read(query);
            let rows = asked.select(&ranking);
            let ids = rows.iter().map(|(profile, _)| &profile.applicant.id);
            ids.map(ToString::to_string).collect()
        };
        let all = shown("");
        assert!(all.len() > 2, "{all:?}");
        let first = &all[0];
        assert_eq!(
            shown(&format!("q={}", first.to_uppercase())),
            std::slice::from_ref(first)
        );
        assert_eq!(shown("q=nobody-of-this-name"), Vec::<String>::new());
        let (yes, no) = (shown("flagged=yes"), shown("flagged=no"));
        assert_eq!(yes.len() + no.len(), all.len());
        let states: usize = ["complete", "partial", "unknown"]
            .iter()
            .map(|state| shown(&format!("state={state}")).len())
            .sum();
        assert_eq!(states, all.len());
        let by_name = shown("sort=name");
        assert!(by_name.iter().eq(all.iter().rev()), "{by_name:?}");
        assert!(shown("known=100").len() < all.len());
    }
}
