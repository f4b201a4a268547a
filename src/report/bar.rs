//! An interval at a glance: solid for what is proven, light up to what may be.

use crate::domain::score::Points;

/// A bar of `columns` characters for `low..high` of `max`. Anything above nothing shows, and so does any gap
/// between `low` and `high`: a bar must never look more certain than its numbers.
pub(super) fn bar(low: Points, high: Points, max: Points, columns: usize) -> String {
    let columns_of = |points: Points| -> usize {
        let (points, max) = (points.cents().max(0), max.cents().max(1));
        let columns = i64::try_from(columns).unwrap_or(i64::MAX);
        // Rounded half up, in whole numbers, so that every machine draws the same.
        let cells = (points.saturating_mul(columns).saturating_mul(2) + max) / (2 * max);
        usize::try_from(cells.min(columns)).unwrap_or(0)
    };
    let mut solid = columns_of(low);
    if low > Points::default() {
        solid = solid.max(1);
    }
    let mut light = columns_of(high).saturating_sub(solid);
    if high > low && light == 0 {
        light = 1;
        solid = solid.min(columns.saturating_sub(1));
    }
    let rest = columns.saturating_sub(solid + light);
    format!(
        "{}{}{}",
        "█".repeat(solid),
        "░".repeat(light),
        "·".repeat(rest)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_shows_what_is_proven_what_may_be_and_what_is_left() {
        for (low, high, max, expected) in [
            (0, 0, 10_000, "··········"),
            (10_000, 10_000, 10_000, "██████████"),
            (5_000, 5_000, 10_000, "█████·····"),
            (5_000, 8_000, 10_000, "█████░░░··"),
            (0, 10_000, 10_000, "░░░░░░░░░░"),
            (1, 1, 10_000, "█·········"),
            (5_000, 5_001, 10_000, "█████░····"),
            (9_999, 10_000, 10_000, "█████████░"),
            (0, 0, 0, "··········"),
            (20_000, 20_000, 10_000, "██████████"),
            (-5, 3, 10_000, "░·········"),
        ] {
            let drawn = bar(
                Points::from_cents(low),
                Points::from_cents(high),
                Points::from_cents(max),
                10,
            );
            assert_eq!(drawn, expected, "{low}..{high} of {max}");
        }
    }
}
