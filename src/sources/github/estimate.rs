//! What a crawl is expected to take, before anything is asked.
//!
//! Batches, and so the queries that every applicant takes part in, follow from the number of applicants.
//! What depends on the person (further pages, proofs, former logins, the stars of own repositories that have
//! fifty, first authors) is not known before it is asked. Where the store holds enough profiles, the mean of what
//! they took is used; else the means here, measured over four worlds of 1,000 generated applicants with a latency of
//! 50 ms (`tests/estimate.rs`, seeds 1 to 4): 0.39, 0.39, 0.41 and 0.39 further requests, 0.65, 0.68, 0.69 and 0.62
//! further points. Two thirds of those points are for stars, because a third of the generated applicants have a
//! repository with fifty. Their numbers are heavy-tailed as real ones are, but real applicants may differ.

use crate::config::GitHub;
use crate::domain::profile::Cost;

/// Requests for each applicant beside the three shared queries: pages, proofs, former logins, stars. Mean count.
const FURTHER_REQUESTS: f64 = 0.396;

/// Points for each applicant beside one for each shared query. Mean count.
const FURTHER_POINTS: f64 = 0.66;

/// Profiles whose cost is known, from which on their mean is better than that of a made-up world. Count.
const ENOUGH: usize = 20;

/// Seconds that a query of GitHub's takes, for the expected time. Inferred: GitHub gives up at 10.
const SECONDS_PER_REQUEST: f64 = 1.5;

/// Requests for each applicant without a token: account, repositories, search.
const REQUESTS_WITHOUT_TOKEN: f64 = 3.0;

/// What a crawl is expected to take.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// HTTP requests. Count.
    pub requests: f64,
    /// GraphQL points. Count.
    pub points: f64,
    /// Wall time, waits for limits included. Seconds.
    pub seconds: f64,
    /// Where the numbers come from, for people.
    pub basis: &'static str,
}

impl Estimate {
    /// With a token.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a list has at most 100,000 applicants"
    )]
    pub fn with_token(applicants: usize, projects: usize, settings: &GitHub) -> Self {
        let batches = applicants.div_ceil(settings.batch.max(1)) as f64;
        // Without a watched project the query for them is not sent.
        let (queries, watched) = if projects == 0 {
            (2.0, 0.0)
        } else {
            let watched = super::queries::points(settings.batch * projects);
            (3.0, f64::from(watched))
        };
        let requests = queries * batches + FURTHER_REQUESTS * applicants as f64;
        let points = (2.0 + watched) * batches + FURTHER_POINTS * applicants as f64;
        let busy = requests * SECONDS_PER_REQUEST / settings.in_flight.max(1) as f64;
        let hourly = f64::from(settings.points_per_hour.get());
        let waits = 3_600.0 * (points / hourly - 1.0).max(0.0);
        Self {
            requests,
            points,
            seconds: busy.max(waits),
            basis: "expected for typical applicants, at 1.5 s a request and one token",
        }
    }

    /// So many questions whether anything has changed.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "100,000 applicants are some 1,400 questions"
    )]
    pub fn of_probe(questions: usize, points: f64, settings: &GitHub) -> Self {
        let requests = questions as f64;
        Self {
            requests,
            points,
            seconds: requests * SECONDS_PER_REQUEST / settings.in_flight.max(1) as f64,
            basis: "74 accounts a point, at 1.5 s a request",
        }
    }

    /// The same number of people, at the mean of what earlier profiles took.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "a list has at most 100,000 applicants"
    )]
    pub fn at_the_mean_of(self, earlier: &[Cost], applicants: usize) -> Self {
        if earlier.len() < ENOUGH {
            return self;
        }
        let scale = applicants as f64 / earlier.len() as f64;
        let requests = scale * earlier.iter().map(|cost| cost.requests).sum::<f64>();
        let points = scale * earlier.iter().map(|cost| cost.points).sum::<f64>();
        let seconds = self.seconds * (requests / self.requests.max(1.0)).max(0.0);
        Self {
            requests,
            points,
            seconds,
            basis: "expected at the mean of what earlier profiles took",
        }
    }

    /// Without a token.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a list has at most 100,000 applicants"
    )]
    pub fn without_token(applicants: usize, settings: &GitHub) -> Self {
        let requests = REQUESTS_WITHOUT_TOKEN * applicants as f64;
        let hourly = f64::from(settings.requests_per_hour_without_token.get());
        // One of the three is a search, which has a budget of its own.
        let waits = 3_600.0 * (requests * 2.0 / 3.0 / hourly - 1.0).max(0.0);
        let searches = f64::from(settings.searches_per_minute_without_token.get());
        let searching = 60.0 * (applicants as f64 / searches - 1.0).max(0.0);
        Self {
            requests,
            points: 0.0,
            seconds: (requests * SECONDS_PER_REQUEST).max(waits).max(searching),
            basis: "three requests an applicant, 60 an hour without a token",
        }
    }
}
