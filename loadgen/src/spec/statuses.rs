//! Sets of statuses.

use std::ops::RangeInclusive;

/// Statuses of HTTP/1.1 have three digits.
const MOST: u16 = 999;

/// Statuses below this are no errors (RFC 9110, section 15).
const FIRST_ERROR: u16 = 400;

const BITS: usize = u64::BITS as usize;

/// A set of statuses, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusSet([u64; (MOST as usize + 1).div_ceil(BITS)]);

impl StatusSet {
    /// Returns the set of these ranges. Statuses above 999 do not exist and are left out.
    pub fn of(ranges: impl IntoIterator<Item = RangeInclusive<u16>>) -> Self {
        let mut set = Self([0; _]);
        for status in ranges.into_iter().flatten().filter(|it| *it <= MOST) {
            set.0[usize::from(status) / BITS] |= 1 << (usize::from(status) % BITS);
        }
        set
    }

    /// Whether the status is in the set.
    #[must_use]
    pub fn contains(&self, status: u16) -> bool {
        let word = self.0.get(usize::from(status) / BITS);
        word.is_some_and(|word| word >> (usize::from(status) % BITS) & 1 == 1)
    }
}

/// All statuses that are no errors.
impl Default for StatusSet {
    fn default() -> Self {
        Self::of([0..=FIRST_ERROR - 1])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn by_default_every_status_below_400_is_in_the_set() {
        let set = StatusSet::default();
        assert!(
            [100, 200, 302, 399]
                .iter()
                .all(|status| set.contains(*status))
        );
        assert!(
            [400, 404, 503, 999]
                .iter()
                .all(|status| !set.contains(*status))
        );
    }

    proptest! {
        #[test]
        fn a_set_has_the_statuses_of_its_ranges_and_no_others(
            from in 0u16..1_100, length in 0u16..300, other in 0u16..1_100, status: u16,
        ) {
            let set = StatusSet::of([from..=from + length, other..=other]);
            let is_in = (from..=from + length).contains(&status) || status == other;
            prop_assert_eq!(set.contains(status), is_in && status <= MOST);
        }
    }
}
