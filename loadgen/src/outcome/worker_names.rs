//! Workers that give names instead of numbers, such as their process IDs.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::http1::Answer;

/// Numbers of workers by their names. There are few, so a search in some cache lines takes nanoseconds,
/// and room for all is allocated before the load.
pub(crate) struct WorkerNames {
    /// Name and number, sorted by name.
    by_name: Vec<(u32, u32)>,
    /// How many were given; those that come later have the numbers after them.
    given: u32,
}

/// Names of workers that were not given, in the order in which any load thread first saw them, with the
/// times of these answers in nanoseconds since the load began.
pub(crate) struct LaterNames(Mutex<Vec<(u32, u64)>>);

/// A worker whose name was not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaterWorker {
    /// Its name.
    pub name: u32,
    /// When a client first had an answer of it.
    pub answered_at: Instant,
}

/// Most names that are not given: more than the workers that come while a fleet changes all the time, and
/// so few that a server with random names costs nothing.
pub const MAX_LATER_WORKERS: usize = 1024;

impl WorkerNames {
    /// `names` are those of the workers in the order of their numbers. `None` if there are none: each
    /// worker then gives its number.
    pub(crate) fn new(names: &[u32]) -> Option<Self> {
        let mut by_name = Vec::with_capacity(names.len() + MAX_LATER_WORKERS);
        by_name.extend(names.iter().copied().zip(0..));
        by_name.sort_unstable();
        (!by_name.is_empty()).then_some(Self {
            by_name,
            given: names.len() as u32,
        })
    }

    /// Replaces the name of the worker by its number.
    pub(crate) fn renumber(&mut self, answer: &Answer, now: u64, later: &LaterNames) -> Answer {
        Answer {
            worker: answer.worker.map(|name| self.number_of(name, now, later)),
            ..*answer
        }
    }

    /// Returns the number of the worker with this name; `None` for a name that was never seen.
    pub(crate) fn find(&self, name: u32) -> Option<u32> {
        self.search(name).ok().map(|at| self.by_name[at].1)
    }

    fn search(&self, name: u32) -> Result<usize, usize> {
        (self.by_name).binary_search_by_key(&name, |(known, _)| *known)
    }

    fn number_of(&mut self, name: u32, now: u64, later: &LaterNames) -> u32 {
        match self.search(name) {
            Ok(at) => self.by_name[at].1,
            Err(at) => {
                let number = self.given + later.number_of(name, now);
                if self.by_name.len() < self.by_name.capacity() {
                    self.by_name.insert(at, (name, number));
                }
                number
            }
        }
    }
}

impl LaterNames {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Vec::with_capacity(MAX_LATER_WORKERS)))
    }

    /// Returns the position of a name, which is added if there is room. All others have the position after
    /// the last.
    fn number_of(&self, name: u32, now: u64) -> u32 {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = names.iter().position(|(known, _)| *known == name);
        let position = known.unwrap_or(names.len());
        if known.is_none() && names.len() < MAX_LATER_WORKERS {
            names.push((name, now));
        }
        position as u32
    }

    /// Returns all of them. `instant` is the moment of a time.
    pub(crate) fn all(&self, instant: impl Fn(u64) -> Instant) -> Vec<LaterWorker> {
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let later = |&(name, at): &(u32, u64)| LaterWorker {
            name,
            answered_at: instant(at),
        };
        names.iter().map(later).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Names and when they were first seen, in nanoseconds.
    fn seen(later: &LaterNames) -> Vec<(u32, u128)> {
        let began = Instant::now();
        let all = later.all(|at| began + Duration::from_nanos(at));
        let since = |it: Instant| it.duration_since(began).as_nanos();
        all.iter()
            .map(|it| (it.name, since(it.answered_at)))
            .collect()
    }

    #[test]
    fn given_names_have_their_numbers_and_others_the_next_ones_in_every_thread() {
        let (given, later) = ([4_194_304, 17, 900], LaterNames::new());
        let mut threads = [(); 2].map(|()| WorkerNames::new(&given).expect("some"));
        let first = [17, 0, 900, u32::MAX].map(|name| threads[0].number_of(name, 10, &later));
        let second = [u32::MAX, 5, 4_194_304, 0].map(|name| threads[1].number_of(name, 20, &later));
        assert_eq!((first, second), ([1, 3, 2, 4], [4, 5, 0, 3]));
        assert_eq!(seen(&later), [(0, 10), (u32::MAX, 10), (5, 20)]);
        assert_eq!((threads[0].find(0), threads[0].find(5)), (Some(3), None));
    }

    #[test]
    fn names_without_end_are_counted_together_after_the_last() {
        let later = LaterNames::new();
        let mut names = WorkerNames::new(&[7]).expect("some");
        let most = MAX_LATER_WORKERS as u32;
        let numbers = (100..100 + most + 9).map(|name| names.number_of(name, 0, &later));
        assert_eq!(numbers.max(), Some(1 + most));
        assert_eq!(seen(&later).len(), MAX_LATER_WORKERS);
        assert_eq!(names.number_of(7, 0, &later), 0);
    }

    #[test]
    fn no_names_need_no_search() {
        assert!(WorkerNames::new(&[]).is_none());
    }
}
