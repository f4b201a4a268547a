//! Finding a number among sorted ones.

/// Where the numbers with the same upper bits begin, so that few are left to search. The numbers stay with
/// the caller, who may keep more beside each.
pub(super) struct Directory {
    shift: u32,
    starts: Vec<u32>,
}

impl Directory {
    /// Over `count` numbers in ascending order, `at` giving each.
    pub(super) fn new(count: usize, at: impl Fn(usize) -> u32) -> Self {
        let highest = count.checked_sub(1).map_or(0, &at);
        // As many starts as numbers, about; half of that would do as well.
        let bits = (count / 8).max(1).ilog2() + 1;
        let shift = (u32::BITS - highest.leading_zeros()).saturating_sub(bits);
        let mut starts = Vec::with_capacity((highest >> shift) as usize + 2);
        for index in 0..count {
            let bucket = (at(index) >> shift) as usize;
            // Numbers of rows are 32 bits here.
            while starts.len() <= bucket {
                starts.push(u32::try_from(index).unwrap_or(u32::MAX));
            }
        }
        starts.push(u32::try_from(count).unwrap_or(u32::MAX));
        Self { shift, starts }
    }

    /// The place of `number`, if it is among them; of several the first.
    #[inline]
    pub(super) fn find(&self, number: u32, at: impl Fn(usize) -> u32) -> Option<u32> {
        let bucket = (number >> self.shift) as usize;
        let (start, end) = (self.starts.get(bucket)?, self.starts.get(bucket + 1)?);
        let (mut low, mut high) = (*start, *end);
        let beyond = high;
        while low < high {
            let middle = low + (high - low) / 2;
            if at(middle as usize) < number {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low < beyond && at(low as usize) == number).then_some(low)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_number_is_found_and_no_other(
            mut numbers in prop::collection::vec(any::<u32>(), 0..200),
            near in prop::collection::vec(0_u32..300, 0..100),
            others in prop::collection::vec(any::<u32>(), 0..50),
        ) {
            numbers.extend(near);
            numbers.sort_unstable();
            numbers.dedup();
            let directory = Directory::new(numbers.len(), |index| numbers[index]);
            for number in (0..310).chain(others).chain(numbers.iter().copied()) {
                let found = directory.find(number, |index| numbers[index]);
                let expected = numbers.binary_search(&number).ok();
                prop_assert_eq!(found.map(|index| index as usize), expected);
            }
        }
    }
}
