//! How many answers had which status.

use std::collections::BTreeMap;
use std::mem::take;

/// One counter for each status of three digits.
const STATUSES: usize = 1_000;

/// Numbers of answers by status: an array, so that counting allocates nothing.
#[derive(Debug)]
pub(super) struct StatusCounts(Vec<u64>);

impl Default for StatusCounts {
    fn default() -> Self {
        Self(vec![0; STATUSES])
    }
}

impl StatusCounts {
    pub(super) fn count(&mut self, status: u16) {
        if let Some(count) = self.0.get_mut(usize::from(status)) {
            *count += 1;
        }
    }

    /// Adds the counts of another, and leaves that one empty.
    pub(super) fn absorb(&mut self, other: &mut Self) {
        let counts = self.0.iter_mut().zip(&mut other.0);
        for (own, others) in counts.filter(|(_, others)| **others > 0) {
            *own += take(others);
        }
    }

    /// Returns the statuses that occurred.
    pub(super) fn to_map(&self) -> BTreeMap<u16, u64> {
        let counts = (0..).zip(self.0.iter().copied());
        counts.filter(|(_, count)| *count > 0).collect()
    }
}
