//! From what people have looked up to evidence.

use jiff::SignedDuration;

use super::{Judge, Valued, factors, midnight};
use crate::domain::review::{Found, Review};

impl Judge<'_> {
    /// Evidence of the component `reviewed`. A kind that the rubric does not name is worth nothing.
    pub fn reviewed(&self, review: &Review) -> Vec<Valued> {
        let standing = review.standing_evidence();
        standing.filter_map(|found| self.found(found)).collect()
    }

    fn found(&self, found: &Found) -> Option<Valued> {
        let rubric = &self.rubric.reviewed;
        let weight = *rubric.kinds.get(&found.kind)?;
        // Noon of the day, which is all that is known.
        let date = midnight(found.date) + SignedDuration::from_hours(12);
        if !self.has_happened(date) {
            return None;
        }
        Some(Valued {
            url: found.url.clone(),
            title: format!(
                "{}: {} (looked up by {})",
                found.kind, found.reason, found.signature.by
            ),
            kind: "reviewed.found",
            project: None,
            date,
            fetched_at: found.signature.at,
            factors: factors([
                ("weight", weight),
                ("amount", f64::from(found.amount)),
                ("recency", self.recency(date, rubric.half_life_years)),
            ]),
        })
    }
}
