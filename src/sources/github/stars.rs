//! What is kept of those who starred a repository: three counts.

use jiff::{SignedDuration, Timestamp};

use super::wire::Star;
use crate::domain::facts::Stargazers;

/// See [`Stargazers::at_once`].
const AT_ONCE: SignedDuration = SignedDuration::from_hours(48);

/// See [`Stargazers::hollow`].
const YOUNG: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Counts them.
pub(super) fn stargazers<'a>(stars: impl Iterator<Item = &'a Star>) -> Stargazers {
    let (mut times, mut hollow) = (Vec::new(), 0);
    for star in stars {
        let age = star.starred_at.duration_since(star.node.created_at);
        times.push(star.starred_at);
        hollow += u32::from(age <= YOUNG && star.node.repositories.total_count == 0);
    }
    Stargazers {
        looked_at: u32::try_from(times.len()).unwrap_or(u32::MAX),
        at_once: most_at_once(times),
        hollow,
    }
}

/// The most of these that lie within one and the same 48 hours.
fn most_at_once(mut times: Vec<Timestamp>) -> u32 {
    times.sort_unstable();
    let (mut first, mut most) = (0, 0);
    for (last, time) in times.iter().enumerate() {
        while time.duration_since(times[first]) > AT_ONCE {
            first += 1;
        }
        most = most.max(last - first + 1);
    }
    u32::try_from(most).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn star(starred: &str, created: &str, repositories: u32) -> Star {
        serde_json::from_value(json!({"starredAt": starred,
            "node": {"createdAt": created, "repositories": {"totalCount": repositories}}}))
        .expect("as GitHub sends it")
    }

    #[test]
    fn the_fullest_two_days_count_wherever_they_lie() {
        let hours = |hours: &[i64]| {
            let at = |hour: &i64| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(*hour);
            most_at_once(hours.iter().map(at).collect())
        };
        assert_eq!(hours(&[]), 0);
        assert_eq!(hours(&[5]), 1);
        assert_eq!(hours(&[0, 100, 200]), 1);
        assert_eq!(hours(&[500, 0, 47, 48, 49, 300]), 3, "0, 47 and 48");
        assert_eq!(hours(&[0, 50, 51, 97, 98]), 4, "50 to 98");
    }

    #[test]
    fn hollow_is_who_came_for_it_and_owns_nothing() {
        let (starred, before) = ("2026-05-08T00:00:00Z", "2026-05-01T00:00:00Z");
        let stars = [
            star(starred, before, 0),
            star(starred, before, 1),
            star(starred, "2026-04-30T23:59:59Z", 0),
        ];
        let counted = stargazers(stars.iter());
        assert_eq!(
            (counted.looked_at, counted.at_once, counted.hollow),
            (3, 3, 1)
        );
    }
}
