//! How many workers a refresh may have, so that nobody whom a person waits for waits behind it.

/// Requests in flight that are left to those whom a person waits for. Count.
const PLACES_KEPT: usize = 2;

/// Of so many `workers`, those that take jobs of a refresh as well, where `in_flight` requests go to a host at once
/// and up to `batch` applicants share one.
///
/// An applicant waits for one request at a time, most of the way. So these many workers fill all places but two with
/// whole batches; more of them would only queue for a place, and whoever a person waits for behind them. Where
/// batches are not whole, as at the beginning, a refresh may have every place for the time of one answer; then the
/// first place that is given back takes along whoever waits.
///
/// A quarter of the workers, rounded up, is left to those whom a person waits for in any case, so that their jobs are
/// taken at once; and one takes jobs of a refresh, however few requests go out.
#[must_use]
pub fn refresh_workers(workers: usize, in_flight: usize, batch: usize) -> usize {
    let filling = in_flight
        .saturating_sub(PLACES_KEPT)
        .saturating_mul(batch)
        .max(1);
    let left = workers.saturating_sub(workers.div_ceil(4)).max(1);
    filling.min(left).min(workers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_fills_all_places_but_two_and_leaves_workers_to_people() {
        for ((workers, in_flight, batch), expected) in [
            // As shipped.
            ((96, 8, 4), 24),
            ((96, 8, 1), 6),
            ((96, 40, 10), 72),
            // Few places: one worker goes on.
            ((96, 2, 4), 1),
            ((96, 1, 4), 1),
            // Few workers: one is left to people, as long as there are two.
            ((8, 8, 4), 6),
            ((2, 8, 4), 1),
            ((1, 8, 4), 1),
            ((0, 8, 4), 0),
            ((96, usize::MAX, usize::MAX), 72),
        ] {
            assert_eq!(
                refresh_workers(workers, in_flight, batch),
                expected,
                "{workers} workers, {in_flight} in flight, batches of {batch}"
            );
        }
    }
}
