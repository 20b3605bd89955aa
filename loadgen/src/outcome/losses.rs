//! The log of losses: the requests of the window that were not answered as expected, one by one.

use super::ErrorClass;
use crate::clock::Window;

/// Most losses that are logged: of more, the counts by class say enough. An entry has some hundred
/// bytes in a record, so that the losses of a trial take a hundred kilobytes at most.
pub const MAX_LOSSES: usize = 1_000;

/// A request that was not answered as expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// When it ended like that, in nanoseconds since the window opened.
    pub at_ns: i64,
    /// When it was sent, or its connection began to connect for it, in nanoseconds since the window
    /// opened; negative if that was in the warm-up.
    pub sent_ns: i64,
    /// What became of it.
    pub class: ErrorClass,
    /// The worker that gave the last answer on its connection; `None` without one, or if answers do not
    /// name their worker.
    pub worker: Option<u32>,
    /// Whether its connection was open before, idle or with other requests.
    pub is_on_kept: bool,
}

/// The first losses of a run, in the order of their times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Losses {
    /// At most [`MAX_LOSSES`].
    pub first: Vec<Loss>,
    /// Number of those after them.
    pub left_out: u64,
}

impl Losses {
    /// Keeps a loss of one thread, whose times count since the load began, if there is room.
    pub(crate) fn push(&mut self, loss: Loss) {
        if self.first.len() < MAX_LOSSES {
            self.first.push(loss);
        } else {
            self.left_out += 1;
        }
    }

    /// Merges the losses of all threads in the order of their times, which count since `window` opened
    /// from then on.
    pub(crate) fn merge(parts: Vec<Self>, window: Window) -> Self {
        let mut left_out = parts.iter().map(|part| part.left_out).sum();
        let mut first: Vec<Loss> = parts.into_iter().flat_map(|part| part.first).collect();
        first.sort_by_key(|loss| loss.at_ns);
        left_out += first.len().saturating_sub(MAX_LOSSES) as u64;
        first.truncate(MAX_LOSSES);
        let opened = nanos(window.begin);
        for loss in &mut first {
            loss.at_ns -= opened;
            loss.sent_ns -= opened;
        }
        Self { first, left_out }
    }
}

/// A time since the load began; 63 bits hold 292 years of nanoseconds.
pub(crate) fn nanos(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loss(at_ns: i64) -> Loss {
        Loss {
            at_ns,
            sent_ns: at_ns - 5,
            class: ErrorClass::Cut,
            worker: None,
            is_on_kept: true,
        }
    }

    #[test]
    fn losses_of_all_threads_are_in_order_and_count_from_the_opening_of_the_window() {
        let mut parts = vec![Losses::default(), Losses::default()];
        for at in [103, 100, 104, 101, 102] {
            parts[at as usize % 2].push(loss(at));
        }
        let window = Window {
            begin: 101,
            end: 200,
        };
        let merged = Losses::merge(parts, window);
        let times: Vec<_> = (merged.first.iter())
            .map(|loss| (loss.at_ns, loss.sent_ns))
            .collect();
        assert_eq!(times, [(-1, -6), (0, -5), (1, -4), (2, -3), (3, -2)]);
        assert_eq!(merged.left_out, 0);
    }

    #[test]
    fn the_first_ones_are_kept_and_the_others_are_counted() {
        let most = MAX_LOSSES as i64;
        let mut parts = vec![Losses::default(), Losses::default()];
        for at in 0..most + 7 {
            parts[0].push(loss(2 * at));
        }
        parts[1].push(loss(1));
        let window = Window { begin: 0, end: 1 };
        let merged = Losses::merge(parts, window);
        assert_eq!((merged.first.len(), merged.left_out), (MAX_LOSSES, 8));
        assert_eq!(merged.first[1].at_ns, 1);
        assert_eq!(merged.first[MAX_LOSSES - 1].at_ns, 2 * (most - 2));
    }
}
