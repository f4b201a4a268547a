//! Chance without memory: every number has its own toss, and every list its own order.

/// A table of quantiles: (share in 10,000, amount that so many do not exceed).
pub(super) type Quantiles = [(u64, u64)];

/// The toss of `number` in one of the seed's streams. All 64 bits are good.
pub(super) fn toss(seed: u64, stream: u64, number: u64) -> u64 {
    // The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
    let mut mixed = seed
        ^ stream.wrapping_mul(0xD6E8_FEB8_6659_FD93)
        ^ number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// The amount at the toss's place of the table.
pub(super) fn draw(toss: u64, table: &Quantiles) -> u64 {
    let place = toss % 10_000;
    let above = table.partition_point(|(share, _)| *share <= place);
    match (
        above.checked_sub(1).and_then(|below| table.get(below)),
        table.get(above),
    ) {
        (Some((from, low)), Some((to, high))) => low + (high - low) * (place - from) / (to - from),
        (Some((_, amount)), None) | (None, Some((_, amount))) => *amount,
        (None, None) => 0,
    }
}

/// An order of `count` things, to be walked both ways.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shuffle {
    count: u64,
    factor: u64,
    inverse: u64,
    shift: u64,
}

impl Shuffle {
    /// An order of `count` things, of which there are fewer than 2³².
    pub(super) fn new(count: u64, toss: u64) -> Self {
        if count < 2 {
            return Self {
                count,
                factor: 1,
                inverse: 1,
                shift: 0,
            };
        }
        let mut factor = (toss >> 20) % count;
        loop {
            if let Some(inverse) = inverse(factor, count) {
                return Self {
                    count,
                    factor,
                    inverse,
                    shift: toss % count,
                };
            }
            // One more than a multiple of the count has an inverse, so the search ends.
            factor = (factor + 1) % count;
        }
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The thing at a place below `count`.
    pub(super) fn at(&self, place: u64) -> u64 {
        (place * self.factor + self.shift) % self.count
    }

    /// The place of a thing below `count`.
    pub(super) fn place_of(&self, thing: u64) -> u64 {
        (thing + self.count - self.shift) % self.count * self.inverse % self.count
    }
}

/// What times `number` leaves 1 of `count`, if the two have no common divisor.
fn inverse(number: u64, count: u64) -> Option<u64> {
    let (mut old_rest, mut rest) = (i128::from(number), i128::from(count));
    let (mut old_factor, mut factor) = (1_i128, 0_i128);
    while rest != 0 {
        let quotient = old_rest / rest;
        (old_rest, rest) = (rest, old_rest - quotient * rest);
        (old_factor, factor) = (factor, old_factor - quotient * factor);
    }
    if old_rest != 1 {
        return None;
    }
    u64::try_from(old_factor.rem_euclid(i128::from(count))).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shuffle_names_each_thing_once_and_finds_it_again() {
        for count in [0, 1, 2, 3, 8, 97, 1_000, 4_096] {
            let shuffle = Shuffle::new(count, toss(7, 1, count));
            let mut things: Vec<u64> = (0..count).map(|place| shuffle.at(place)).collect();
            for (place, thing) in (0..).zip(&things) {
                assert_eq!(shuffle.place_of(*thing), place, "{count}");
            }
            things.sort_unstable();
            assert!(things.into_iter().eq(0..count), "{count}");
        }
    }

    #[test]
    fn a_draw_stays_within_its_table() {
        let table = [(0, 3), (5_000, 10), (10_000, 100)];
        let mut drawn: Vec<u64> = (0..10_000).map(|number| draw(number, &table)).collect();
        drawn.sort_unstable();
        assert_eq!((drawn[0], drawn[5_000]), (3, 10));
        assert!(drawn[9_999] < 100 && drawn[9_999] > 98);
    }
}
