//! How many requests all lives of all workers have answered, from what each reports.

use std::collections::BTreeMap;

use crate::view::Life;

#[derive(Debug, Default)]
pub(super) struct Totals {
    /// What lives have reported that have not ended.
    of_lives: BTreeMap<Life, u64>,
    /// The sum of what others reported last.
    of_ended: u64,
}

impl Totals {
    /// Takes a report of a life: how many it has answered so far. Threads may report out of order.
    pub(super) fn report(&mut self, life: Life, answered: u64) {
        let known = self.of_lives.entry(life).or_default();
        *known = answered.max(*known);
    }

    /// Notes that a life has ended, so that nothing more comes from it.
    pub(super) fn end(&mut self, life: Life) {
        self.of_ended += self.of_lives.remove(&life).unwrap_or_default();
    }

    pub(super) fn sum(&self) -> u64 {
        self.of_ended + self.of_lives.values().sum::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_neither_falls_nor_doubles_when_a_worker_is_replaced() {
        let mut totals = Totals::default();
        let (old, other) = (Life::first(0), Life::first(1));
        let new = Life {
            generation: 1,
            ..old
        };
        totals.report(old, 10);
        totals.report(other, 5);
        totals.report(new, 1);
        totals.report(old, 11);
        assert_eq!(totals.sum(), 17);
        totals.end(old);
        assert_eq!(totals.sum(), 17);
        totals.report(new, 2);
        assert_eq!(totals.sum(), 18);
    }

    #[test]
    fn an_older_report_that_comes_late_changes_nothing() {
        let mut totals = Totals::default();
        totals.report(Life::first(0), 8);
        totals.report(Life::first(0), 7);
        assert_eq!(totals.sum(), 8);
    }
}
