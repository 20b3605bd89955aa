//! Signals that ask for a change of the fleet, as gunicorn, unicorn and nginx know them.

use std::fmt::{self, Display, Formatter};

use evenkeel_strategies::{Change, Reload};
use signal_hook::consts::{SIGHUP, SIGTTIN, SIGTTOU, SIGUSR2};
use signal_hook::iterator::Signals;

use crate::failure::Failure;

/// What a signal asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    /// SIGHUP: replace all workers.
    Reload,
    /// SIGTTIN: add a worker.
    OneMore,
    /// SIGTTOU: take a worker out.
    OneLess,
    /// SIGUSR2: replace all dispatchers.
    NewDispatchers,
}

/// The signals that have come. One that comes twice before it is looked at counts once.
#[derive(Debug)]
pub(super) struct Wishes(Signals);

impl Wishes {
    /// Catches the signals.
    ///
    /// # Errors
    /// [`Failure`] if the kernel refuses.
    pub(super) fn catch() -> Result<Self, Failure> {
        let signals = Signals::new([SIGHUP, SIGTTIN, SIGTTOU, SIGUSR2]);
        let failed = |error| Failure::Failed(format!("signals cannot be caught: {error}"));
        signals.map(Self).map_err(failed)
    }

    /// Returns what was asked for since the last call.
    pub(super) fn take(&mut self) -> Vec<Wish> {
        let wish = |signal| match signal {
            SIGHUP => Wish::Reload,
            SIGTTIN => Wish::OneMore,
            SIGUSR2 => Wish::NewDispatchers,
            _ => Wish::OneLess,
        };
        self.0.pending().map(wish).collect()
    }
}

impl Wish {
    /// Returns the change of a fleet with this many workers, or why there is none.
    pub(super) fn change(self, workers: usize) -> Result<Change, String> {
        let wanted = match self {
            Self::Reload => return Ok(Change::Reload(Reload::default())),
            Self::NewDispatchers => {
                return Ok(Change::ReplaceDispatcher {
                    dispatcher: None,
                    drain_within: None,
                });
            }
            Self::OneMore => workers + 1,
            Self::OneLess => workers.saturating_sub(1),
        };
        let workers = wanted.try_into();
        workers
            .map(|workers| Change::Scale {
                workers,
                close: None,
            })
            .map_err(|_| "one worker is left, and a fleet needs one".to_owned())
    }
}

impl Display for Wish {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Reload => "SIGHUP",
            Self::OneMore => "SIGTTIN",
            Self::OneLess => "SIGTTOU",
            Self::NewDispatchers => "SIGUSR2",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scaled_to(wish: Wish, workers: usize) -> Option<usize> {
        match wish.change(workers) {
            Ok(Change::Scale { workers, .. }) => Some(workers.get()),
            _ => None,
        }
    }

    #[test]
    fn the_last_worker_is_not_taken_out() {
        assert_eq!(scaled_to(Wish::OneLess, 2), Some(1));
        assert_eq!(scaled_to(Wish::OneLess, 1), None);
        assert_eq!(scaled_to(Wish::OneMore, 1), Some(2));
    }
}
