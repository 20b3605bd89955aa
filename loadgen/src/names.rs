//! Workers that are known by other names than their numbers, such as by those of their processes.

use crate::http1::Answer;

/// The numbers of workers by their names. There are few: a search among them, in a cache line or two,
/// takes nanoseconds and allocates nothing.
#[derive(Debug)]
pub(crate) struct Names {
    /// Name and number, in the order of names.
    by_name: Box<[(u32, u32)]>,
}

impl Names {
    /// `names` are those of the workers in the order of their numbers; `None` if there are none, so
    /// that each worker says its number.
    pub(crate) fn new(names: &[u32]) -> Option<Self> {
        let mut by_name: Box<[_]> = names.iter().copied().zip(0..).collect();
        by_name.sort_unstable();
        (!by_name.is_empty()).then_some(Self { by_name })
    }

    /// The answer with the number of its worker instead of the name.
    pub(crate) fn renumber(&self, answer: &Answer) -> Answer {
        Answer {
            worker: answer.worker.map(|name| self.number_of(name)),
            ..*answer
        }
    }

    /// The number of the worker with this name. A stranger, whatever it is called, has the number
    /// behind the last: it is told from the others, and makes nobody count up to its name.
    fn number_of(&self, name: u32) -> u32 {
        let found = self
            .by_name
            .binary_search_by_key(&name, |(known, _)| *known);
        found.map_or(self.by_name.len() as u32, |at| self.by_name[at].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_have_the_numbers_of_their_places_and_strangers_the_one_behind_the_last() {
        let names = Names::new(&[4_194_304, 17, 900]).expect("some");
        let numbers = [17, 900, 4_194_304, 0, 2, u32::MAX].map(|name| names.number_of(name));
        assert_eq!(numbers, [1, 2, 0, 3, 3, 3]);
    }

    #[test]
    fn without_names_there_is_nothing_to_search() {
        assert!(Names::new(&[]).is_none());
    }
}
