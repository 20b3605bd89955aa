//! Lives: who is, was or will be the worker of a number.

use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Serialize};

/// One life of a worker. The number of a worker is a place, which stays when a worker is replaced; the
/// generation counts the lives in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Life {
    /// The number of the worker, from 0.
    pub place: usize,
    /// How many lives have begun in this place before.
    pub generation: u32,
}

impl Life {
    /// Returns the life in this place with which a fleet starts.
    pub fn first(place: usize) -> Self {
        Self {
            place,
            generation: 0,
        }
    }
}

impl Display for Life {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "worker {} of generation {}", self.place, self.generation)
    }
}
