//! The first answer of a worker that replaced another one, by which its clients recognise it.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use http::HeaderValue;

/// What the first answer of a worker says of it.
pub(super) struct Introduction {
    /// Its generation; `None` for a worker that replaced none.
    generation: Option<HeaderValue>,
    /// Whether an answer has said so.
    is_made: AtomicBool,
}

impl Introduction {
    pub(super) fn of_generation(generation: u32) -> Self {
        Self {
            generation: (generation > 0).then(|| HeaderValue::from(generation)),
            is_made: AtomicBool::new(false),
        }
    }

    /// Returns the generation for the first answer, and `None` for all others. These cost a read.
    pub(super) fn take(&self) -> Option<HeaderValue> {
        let generation = self.generation.as_ref()?;
        let is_first = !self.is_made.load(Relaxed) && !self.is_made.swap(true, Relaxed);
        is_first.then(|| generation.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_answer_of_a_successor_gives_its_generation() {
        let later = Introduction::of_generation(7);
        assert_eq!(later.take(), Some(HeaderValue::from(7)));
        assert_eq!(later.take(), None);
        assert_eq!(Introduction::of_generation(0).take(), None);
    }
}
