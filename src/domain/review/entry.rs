//! Entries as people type them: checked, made harmless, added and withdrawn.
//!
//! A change gives a new review whose revision is the next one; nothing is ever taken out.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use url::Url;

use super::{Adjustment, Challenge, Found, Note, Review, Signature, Withdrawal};
use crate::domain::rubric::Reviewed;
use crate::domain::score::Points;
use crate::domain::text::{LONGEST, is_invisible, tame};

/// Longest URL that is kept. Characters.
const LONGEST_URL: usize = 2_000;

/// Most points that an adjustment adds or takes away. Hundredths.
const MOST_POINTS: i64 = 10_000;

/// Why an entry is not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Something that must be said is not.
    #[error("the {0} is empty")]
    Empty(&'static str),
    /// A text is longer than what is kept.
    #[error("the {what} has {length} characters, and {LONGEST} are kept")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// How long it is.
        length: usize,
    },
    /// What should be a URL is none that a person could open.
    #[error(
        "{0:?} is no URL that begins with http:// or https:// and names a host, without a password"
    )]
    Url(String),
    /// It has not happened yet.
    #[error("{0} is in the future; evidence is of what has happened")]
    Future(Date),
    /// The rubric does not know the kind.
    #[error("there is no kind of evidence {kind:?}; the rubric has {known}{}", meant(.near.as_ref()))]
    Kind {
        /// What was typed.
        kind: String,
        /// The kinds that there are.
        known: String,
        /// The one that may be meant.
        near: Option<String>,
    },
    /// The same is there already.
    #[error("entry {0} is the same evidence: kind, URL and date")]
    Twice(u32),
    /// What should be points is no number of them.
    #[error("{0:?} is no number of points: -100 to 100, with at most two decimals, and not 0")]
    Points(String),
    /// No entry bears the number.
    #[error("there is no {what} with the number {number}")]
    NoEntry {
        /// What kind of entry.
        what: &'static str,
        /// The number.
        number: u32,
    },
    /// It was withdrawn before.
    #[error("entry {number} was withdrawn by {by} before")]
    Withdrawn {
        /// The number.
        number: u32,
        /// By whom.
        by: String,
    },
}

fn meant(near: Option<&String>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean {near:?}?"))
}

/// Evidence as typed.
#[derive(Debug, Clone, Copy)]
pub struct Typed<'a> {
    /// One of the rubric's kinds.
    pub kind: &'a str,
    /// How many of it.
    pub amount: u32,
    /// Where it can be seen.
    pub url: &'a str,
    /// Why it counts.
    pub reason: &'a str,
    /// When it happened.
    pub date: Date,
}

/// Who, and when.
pub fn signed(by: &str, at: Timestamp) -> Result<Signature, Refused> {
    let by = words("name after --by", by)?;
    Ok(Signature { by, at })
}

/// A text that must be there, made harmless; never cut without a word.
fn words(what: &'static str, text: &str) -> Result<String, Refused> {
    let length = text
        .split_whitespace()
        .map(|word| word.chars().filter(|one| !is_invisible(*one)).count() + 1)
        .sum::<usize>()
        .saturating_sub(1);
    if length > LONGEST {
        return Err(Refused::TooLong { what, length });
    }
    let text = tame(text);
    if text.is_empty() {
        return Err(Refused::Empty(what));
    }
    Ok(text)
}

fn web_address(text: &str) -> Result<String, Refused> {
    let refused = || Refused::Url(tame(text));
    let url = Url::parse(text.trim()).map_err(|_| refused())?;
    let fine = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.as_str().chars().count() <= LONGEST_URL;
    if fine { Ok(url.into()) } else { Err(refused()) }
}

/// The rubric's spelling of a kind.
fn known_kind(kind: &str, rubric: &Reviewed) -> Result<String, Refused> {
    let typed = kind.trim();
    let exact = rubric
        .kinds
        .keys()
        .find(|known| known.eq_ignore_ascii_case(typed));
    if let Some(exact) = exact {
        return Ok(exact.clone());
    }
    let close = |known: &&String| strsim::jaro_winkler(known, &typed.to_ascii_lowercase());
    let near = rubric
        .kinds
        .keys()
        .max_by(|left, right| close(left).total_cmp(&close(right)))
        .filter(|known| close(known) > 0.7);
    let known: Vec<&str> = rubric.kinds.keys().map(String::as_str).collect();
    Err(Refused::Kind {
        kind: tame(kind),
        known: if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(", ")
        },
        near: near.cloned(),
    })
}

/// Points to add or take away, exactly as typed: `+2.5`, `-1`, `0.25`.
pub fn points(text: &str) -> Result<Points, Refused> {
    let refused = || Refused::Points(tame(text));
    let typed = text.trim();
    let (sign, digits) = match typed.as_bytes().first() {
        Some(b'-') => (-1, &typed[1..]),
        Some(b'+') => (1, &typed[1..]),
        _ => (1, typed),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let numeric = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fine = (1..=3).contains(&whole.len())
        && (1..=2).contains(&part.len())
        && numeric(whole)
        && numeric(part);
    if !fine {
        return Err(refused());
    }
    let number = |text: &str| text.parse::<i64>().map_err(|_| refused());
    // `.5` is five tenths: fifty hundredths.
    let hundredths = number(part)? * if part.len() == 1 { 10 } else { 1 };
    let cents = number(whole)? * 100 + hundredths;
    if cents == 0 || cents > MOST_POINTS {
        return Err(refused());
    }
    Ok(Points::from_cents(sign * cents))
}

impl Review {
    /// The next revision, as it is before its change.
    fn next(&self) -> Self {
        Self {
            revision: self.revision + 1,
            ..self.clone()
        }
    }

    /// With a piece of evidence more. That somebody has looked to the end stays said: what turns up later is added
    /// to it.
    pub fn with_evidence(
        &self,
        typed: Typed<'_>,
        rubric: &Reviewed,
        signature: Signature,
    ) -> Result<Self, Refused> {
        let found = Found {
            number: self.next_number(),
            kind: known_kind(typed.kind, rubric)?,
            amount: typed.amount.max(1),
            url: web_address(typed.url)?,
            reason: words("reason", typed.reason)?,
            date: typed.date,
            signature,
            withdrawn: None,
        };
        if found.date > found.signature.at.to_zoned(TimeZone::UTC).date() {
            return Err(Refused::Future(found.date));
        }
        let what = |one: &Found| (one.kind.clone(), place(&one.url));
        let same = self
            .standing_evidence()
            .find(|one| what(one) == what(&found));
        if let Some(same) = same {
            return Err(Refused::Twice(same.number));
        }
        let mut next = self.next();
        next.evidence.push(found);
        Ok(next)
    }

    /// With the word that there is no more to be found. A later word takes the place of an earlier one.
    #[must_use]
    pub fn looked_through_by(&self, signature: Signature) -> Self {
        Self {
            looked_through: Some(signature),
            ..self.next()
        }
    }

    /// Without the word that there is no more to be found.
    #[must_use]
    pub fn looked_through_no_more(&self) -> Self {
        Self {
            looked_through: None,
            ..self.next()
        }
    }

    /// With a remark more.
    pub fn with_note(&self, text: &str, signature: Signature) -> Result<Self, Refused> {
        let note = Note {
            number: self.next_number(),
            text: words("note", text)?,
            signature,
        };
        let mut next = self.next();
        next.notes.push(note);
        Ok(next)
    }

    /// With points beside the computed score.
    pub fn with_adjustment(
        &self,
        points: Points,
        reason: &str,
        signature: Signature,
    ) -> Result<Self, Refused> {
        let adjustment = Adjustment {
            number: self.next_number(),
            points,
            reason: words("reason", reason)?,
            signature,
            withdrawn: None,
        };
        let mut next = self.next();
        next.adjustments.push(adjustment);
        Ok(next)
    }

    /// With a piece of evidence marked as withdrawn.
    pub fn without_evidence(
        &self,
        number: u32,
        reason: &str,
        signature: Signature,
    ) -> Result<Self, Refused> {
        let mut next = self.next();
        let found = next.evidence.iter_mut().find(|one| one.number == number);
        let found = found.ok_or(Refused::NoEntry {
            what: "evidence",
            number,
        })?;
        withdraw(&mut found.withdrawn, number, reason, signature)?;
        Ok(next)
    }

    /// With an adjustment marked as withdrawn.
    pub fn without_adjustment(
        &self,
        number: u32,
        reason: &str,
        signature: Signature,
    ) -> Result<Self, Refused> {
        let mut next = self.next();
        let adjustment = next.adjustments.iter_mut().find(|one| one.number == number);
        let adjustment = adjustment.ok_or(Refused::NoEntry {
            what: "adjustment",
            number,
        })?;
        withdraw(&mut adjustment.withdrawn, number, reason, signature)?;
        Ok(next)
    }

    /// With a code for the applicant to show; the same review when there is one already.
    #[must_use]
    pub fn with_code(&self, code: String, given_at: Timestamp) -> Self {
        if self.challenge.is_some() {
            return self.clone();
        }
        Self {
            challenge: Some(Challenge { code, given_at }),
            ..self.next()
        }
    }
}

fn withdraw(
    place: &mut Option<Withdrawal>,
    number: u32,
    reason: &str,
    signature: Signature,
) -> Result<(), Refused> {
    if let Some(before) = place {
        return Err(Refused::Withdrawn {
            number,
            by: before.signature.by.clone(),
        });
    }
    *place = Some(Withdrawal {
        reason: words("reason", reason)?,
        signature,
    });
    Ok(())
}

/// What an address leads to, however it is spelled: the same work never counts twice.
fn place(url: &str) -> String {
    let Ok(parsed) = Url::parse(url) else {
        return url.to_ascii_lowercase();
    };
    let host = parsed.host_str().unwrap_or_default();
    let host = host.strip_prefix("www.").unwrap_or(host);
    let path = percent_encoding::percent_decode_str(parsed.path()).decode_utf8_lossy();
    let path = path.trim_end_matches('/');
    // A DOI is the same in any case, and was once found at another host.
    let (host, path) = match host {
        "doi.org" | "dx.doi.org" => ("doi.org", path.to_ascii_lowercase()),
        host => (host, path.to_owned()),
    };
    let query = parsed.query().filter(|query| !query.is_empty());
    format!("{host}{path}?{}", query.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::rubric::Rubric;

    fn now() -> Timestamp {
        "2026-11-01T12:00:00Z".parse().unwrap()
    }

    fn by(name: &str) -> Signature {
        signed(name, now()).unwrap()
    }

    fn kinds() -> Reviewed {
        Rubric::embedded("doctoral-dl-radiology").unwrap().reviewed
    }

    fn paper() -> Typed<'static> {
        Typed {
            kind: "publication",
            amount: 1,
            url: "https://doi.example.org/10.1000/182",
            reason: "MICCAI paper",
            date: date(2025, 3, 1),
        }
    }

    #[test]
    fn points_are_read_to_the_cent_or_refused() {
        for (text, cents) in [
            ("+2.5", 250),
            ("-1", -100),
            ("0.25", 25),
            ("007.05", 705),
            ("100", 10_000),
            ("-100.00", -10_000),
            (" +1.1 ", 110),
        ] {
            assert_eq!(points(text), Ok(Points::from_cents(cents)), "{text}");
        }
        for text in [
            "", "0", "-0.00", "1.005", "100.01", "101", "1,5", "1e1", "--1", "+-1", ".5", "1.",
            "NaN", "\u{661}", "1000",
        ] {
            assert_eq!(points(text), Err(Refused::Points(text.to_owned())));
        }
    }

    proptest! {
        #[test]
        fn every_number_of_cents_is_read_back_exactly(cents in -10_000_i64..=10_000) {
            let printed = Points::from_cents(cents).to_string();
            prop_assert_eq!(points(&printed).ok(), (cents != 0).then_some(Points::from_cents(cents)));
        }

        #[test]
        fn no_text_makes_the_reading_of_points_panic(text in ".*") {
            let _ = points(&text);
        }
    }

    #[test]
    fn evidence_that_nobody_could_follow_is_refused_with_the_reason() {
        let review = Review::default();
        let try_out = |typed: Typed<'_>| review.with_evidence(typed, &kinds(), by("Dr Example"));
        for (typed, said) in [
            (
                Typed {
                    kind: "publicaton",
                    ..paper()
                },
                "did you mean \"publication\"?",
            ),
            (
                Typed {
                    kind: "patent-of-nobody",
                    ..paper()
                },
                "the rubric has co_publication, industry, publication",
            ),
            (
                Typed {
                    url: "doi.org/10.1000/182",
                    ..paper()
                },
                "is no URL",
            ),
            (
                Typed {
                    url: "ftp://example.org/x",
                    ..paper()
                },
                "is no URL",
            ),
            (
                Typed {
                    url: "javascript:alert(1)",
                    ..paper()
                },
                "is no URL",
            ),
            (
                Typed {
                    url: "https://name:word@example.org/",
                    ..paper()
                },
                "is no URL",
            ),
            (
                Typed {
                    date: date(2026, 11, 2),
                    ..paper()
                },
                "in the future",
            ),
            (
                Typed {
                    reason: " \u{200B} ",
                    ..paper()
                },
                "the reason is empty",
            ),
            (
                Typed {
                    reason: &"x".repeat(201),
                    ..paper()
                },
                "201 characters",
            ),
        ] {
            let refused = try_out(typed).unwrap_err().to_string();
            assert!(refused.contains(said), "{refused}");
        }
        assert_eq!(signed(" ", now()), Err(Refused::Empty("name after --by")));
        let kept = try_out(Typed {
            kind: "Publication",
            ..paper()
        })
        .unwrap();
        assert_eq!((kept.revision, kept.evidence[0].number), (1, 1));
        assert_eq!(kept.evidence[0].kind, "publication");
        let twice = kept.with_evidence(paper(), &kinds(), by("Somebody Else"));
        assert_eq!(twice, Err(Refused::Twice(1)));
    }

    #[test]
    fn the_same_address_in_another_spelling_is_the_same_work() {
        for (one, other, same) in [
            ("https://example.org/A", "http://www.example.org/A/#x", true),
            ("https://example.org/A", "https://EXAMPLE.org/%41?", true),
            (
                "https://doi.org/10.1000/ABC",
                "http://dx.doi.org/10.1000/abc",
                true,
            ),
            ("https://example.org/A", "https://example.org/a", false),
            (
                "https://example.org/?id=1",
                "https://example.org/?id=2",
                false,
            ),
        ] {
            assert_eq!(place(one) == place(other), same, "{one} {other}");
        }
    }

    #[test]
    fn what_is_withdrawn_stays_with_its_mark_and_its_number() {
        let review = Review::default()
            .with_evidence(paper(), &kinds(), by("Dr Example"))
            .and_then(|one| one.with_note("Seen at MICCAI", by("Dr Example")))
            .and_then(|one| one.with_adjustment(Points::from_cents(250), "x", by("Dr Example")))
            .and_then(|one| one.without_evidence(1, "another person", by("Prof Example")))
            .unwrap();
        assert_eq!((review.revision, review.next_number()), (4, 4));
        assert_eq!(review.standing_evidence().count(), 0);
        assert_eq!(
            review.evidence[0]
                .withdrawn
                .as_ref()
                .map(|one| one.reason.as_str()),
            Some("another person")
        );
        let again = review.without_evidence(1, "again", by("Dr Example"));
        let before = "Prof Example".to_owned();
        assert_eq!(
            again,
            Err(Refused::Withdrawn {
                number: 1,
                by: before
            })
        );
        // A number names an entry of one kind: a note cannot be withdrawn as evidence.
        for number in [2, 3, 9] {
            let refused = review.without_evidence(number, "x", by("Dr Example"));
            assert!(matches!(refused, Err(Refused::NoEntry { .. })));
        }
        // And it may be added anew.
        let anew = review.with_evidence(paper(), &kinds(), by("Dr Example"));
        assert_eq!(anew.unwrap().evidence[1].number, 4);
    }

    #[test]
    fn a_code_is_given_once() {
        let first = Review::default().with_code("plaudit-a".to_owned(), now());
        let second = first.with_code("plaudit-b".to_owned(), now());
        assert_eq!(first.revision, 1);
        assert_eq!(second, first);
    }
}
