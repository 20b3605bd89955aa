//! The account: what became of every request of the window.

use std::collections::BTreeMap;
use std::mem::take;

use super::ErrorClass;

/// What became of every request of the window. A request is in one class, and the classes add up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Requests of the window, counted as they began and not as they ended.
    pub requests: u64,
    /// Those answered with an expected status.
    pub answered: u64,
    /// Those that failed, by class.
    pub failed: BTreeMap<ErrorClass, u64>,
    /// Those that had no answer when the window closed.
    pub unfinished: u64,
}

impl Account {
    /// Sum of all classes.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.answered + self.failed.values().sum::<u64>() + self.unfinished
    }

    /// Whether each request is in one class. Anything else is a bug of the generator.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        self.requests == self.sum()
    }
}

/// Requests of the window that were sent again on a new connection, and what became of them. Each is
/// one request in the [`Account`], in the class in which it ended at last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repeated {
    /// By the class in which they would have ended otherwise, at a client that does not repeat.
    pub instead_of: BTreeMap<ErrorClass, u64>,
    /// Those answered with an expected status at last. The others failed, or are unfinished.
    pub answered: u64,
}

impl Repeated {
    /// Number of them.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.instead_of.values().sum()
    }

    pub(crate) fn count(&mut self, instead_of: ErrorClass, is_answered: bool) {
        *self.instead_of.entry(instead_of).or_default() += 1;
        self.answered += u64::from(is_answered);
    }

    /// Adds what another one has counted, and leaves that one empty.
    pub(crate) fn absorb(&mut self, other: &mut Self) {
        for (class, count) in take(&mut other.instead_of) {
            *self.instead_of.entry(class).or_default() += count;
        }
        self.answered += take(&mut other.answered);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_adds_up_if_no_request_is_missing_or_counted_twice() {
        let account = |requests| Account {
            requests,
            answered: 5,
            failed: [(ErrorClass::Cut, 2), (ErrorClass::Status(503), 1)].into(),
            unfinished: 4,
        };
        assert_eq!(account(12).sum(), 12);
        assert!(account(12).adds_up());
        assert!(!account(11).adds_up());
        assert!(!account(13).adds_up());
    }

    #[test]
    fn what_would_have_become_of_repeated_requests_is_kept_by_class() {
        let (mut whole, mut part) = (Repeated::default(), Repeated::default());
        whole.count(ErrorClass::Unanswered, true);
        part.count(ErrorClass::ClosedAsItWasSent, true);
        part.count(ErrorClass::ClosedAsItWasSent, false);
        whole.absorb(&mut part);
        assert_eq!((whole.requests(), whole.answered), (3, 2));
        assert_eq!(whole.instead_of[&ErrorClass::ClosedAsItWasSent], 2);
        assert_eq!(part, Repeated::default());
    }
}
