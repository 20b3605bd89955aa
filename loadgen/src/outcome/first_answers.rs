//! First answers of workers that replaced others, as these workers say.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::MAX_LATER_WORKERS;
use crate::http1::Answer;

/// The first answer of a worker that replaced another one. It gives its generation, in the field
/// `x-evenkeel-generation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstAnswer {
    /// Number of the worker.
    pub worker: u32,
    /// How many workers had this number before.
    pub generation: u32,
    /// When its client had the whole answer.
    pub at: Instant,
}

/// Number of a worker, its generation and the time of its first answer, in nanoseconds since the load began.
type Noted = (u32, u32, u64);

/// What load threads note of first answers. A worker gives its generation once, so this costs other answers
/// nothing.
#[derive(Debug, Default)]
pub(crate) struct FirstAnswers(Mutex<Vec<Noted>>);

impl FirstAnswers {
    /// Notes an answer that gives a generation. A server which gives one in every answer costs no more memory
    /// than the most workers that can be told apart.
    pub(crate) fn note(&self, answer: &Answer, generation: u32, now: u64) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(worker) = answer.worker
            && noted.len() < MAX_LATER_WORKERS
        {
            noted.push((worker, generation, now));
        }
    }

    /// Returns all of them. `instant` is the moment of a time.
    pub(crate) fn all(&self, instant: impl Fn(u64) -> Instant) -> Vec<FirstAnswer> {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first_answer = |&(worker, generation, at): &Noted| FirstAnswer {
            worker,
            generation,
            at: instant(at),
        };
        noted.iter().map(first_answer).collect()
    }
}
