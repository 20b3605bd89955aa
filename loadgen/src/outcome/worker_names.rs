//! Workers that give names instead of numbers, such as their process IDs.

use crate::http1::Answer;

/// Numbers of workers by their names. There are few, so a search in one or two cache lines takes
/// nanoseconds and allocates nothing.
pub(crate) struct WorkerNames {
    /// Name and number, sorted by name.
    by_name: Box<[(u32, u32)]>,
}

impl WorkerNames {
    /// `names` are those of the workers in the order of their numbers. `None` if there are none: each
    /// worker then gives its number.
    pub(crate) fn new(names: &[u32]) -> Option<Self> {
        let mut by_name: Box<[_]> = names.iter().copied().zip(0..).collect();
        by_name.sort_unstable();
        (!by_name.is_empty()).then_some(Self { by_name })
    }

    /// Replaces the name of the worker by its number.
    pub(crate) fn renumber(&self, answer: &Answer) -> Answer {
        Answer {
            worker: answer.worker.map(|name| self.number_of(name)),
            ..*answer
        }
    }

    /// Returns the number of the worker with this name; `None` for any other name.
    pub(crate) fn find(&self, name: u32) -> Option<u32> {
        let found = (self.by_name).binary_search_by_key(&name, |(known, _)| *known);
        found.ok().map(|at| self.by_name[at].1)
    }

    /// Returns the number of the worker with this name. Any other name has the number after the last:
    /// it is counted separately, and needs no counters up to its name.
    fn number_of(&self, name: u32) -> u32 {
        self.find(name).unwrap_or(self.by_name.len() as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_names_have_their_numbers_and_all_others_the_number_after_the_last() {
        let names = WorkerNames::new(&[4_194_304, 17, 900]).expect("some");
        let numbers = [17, 900, 4_194_304, 0, 2, u32::MAX].map(|name| names.number_of(name));
        assert_eq!(numbers, [1, 2, 0, 3, 3, 3]);
    }

    #[test]
    fn no_names_need_no_search() {
        assert!(WorkerNames::new(&[]).is_none());
    }
}
