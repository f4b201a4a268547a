//! Sentences and figures that several pages use.

use jiff::Timestamp;

use crate::domain::job::{Job, JobState};
use crate::report::clean;

/// What has just been done, by the word in the address.
pub(super) fn done(word: &str) -> Option<&'static str> {
    Some(match word {
        "note" => "The note is kept.",
        "looked-through" => "That there is no more to be found is kept.",
        "not-through" => "That there may be more to be found is kept.",
        "adjustment" => "The adjustment is kept. It stands beside the computed score.",
        "evidence" => "The evidence is kept, and the profile is judged with it.",
        "withdrawn" => "The entry is withdrawn. It stays, marked.",
        "erased" => {
            "The applicant is erased for good. What stays is a tombstone that names nobody."
        }
        "asked" => "The sources are asked again. This page follows.",
        "refresh" => "A refresh begins as soon as may be.",
        "revoked" => "The token is revoked. Whoever signed in with it is signed out.",
        _ => return None,
    })
}

/// `2026-11-24 12:30 UTC`.
pub(super) fn moment(at: Timestamp) -> String {
    at.strftime("%F %H:%M UTC").to_string()
}

/// `12:30:05 UTC`, with the day in front when it is another one.
pub(super) fn soon(at: Timestamp, now: Timestamp) -> String {
    let day = |at: Timestamp| at.strftime("%F").to_string();
    if day(at) == day(now) {
        at.strftime("%H:%M:%S UTC").to_string()
    } else {
        moment(at)
    }
}

/// Where a job stands.
pub(super) fn job(job: &Job, now: Timestamp) -> String {
    let note = job.note.as_deref().map(clean);
    match &job.state {
        JobState::Ready => "It waits for its turn.".to_owned(),
        JobState::Leased { .. } => "The sources are being asked now.".to_owned(),
        JobState::Deferred { until } => {
            let until = soon(*until, now);
            match note {
                Some(note) => format!("It is put off until {until}: {note}"),
                None => format!("It is put off until {until}."),
            }
        }
    }
}

/// With a capital at its beginning.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// So much of a whole, in whole percent, never rounded up to all.
pub(super) fn share(part: u64, whole: u64) -> u64 {
    if whole == 0 {
        return 0;
    }
    part.min(whole) * 100 / whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_words_say_what_was_done() {
        assert!(done("note").is_some());
        for other in ["", "Note", "note ", "<b>", "you have been hacked"] {
            assert_eq!(done(other), None, "{other}");
        }
    }

    #[test]
    fn a_time_of_another_day_bears_its_day() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = at("2026-11-24T23:00:00Z");
        assert_eq!(soon(at("2026-11-24T23:30:05Z"), now), "23:30:05 UTC");
        assert_eq!(
            soon(at("2026-11-25T00:30:00Z"), now),
            "2026-11-25 00:30 UTC"
        );
    }

    #[test]
    fn all_but_one_is_not_all() {
        assert_eq!(share(199, 200), 99);
        assert_eq!(share(200, 200), 100);
        assert_eq!(share(1, 0), 0);
    }
}
