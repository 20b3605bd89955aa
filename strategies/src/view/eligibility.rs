//! Why a worker may not be picked.

/// A reason why a worker may not be picked. Each part of a dispatcher sets and clears its own, so that none
/// undoes what another has decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nobody is in its place, or it gets nothing new any more.
    Absent,
    /// Its channel has no room.
    Full,
    /// It has refused a connection a moment ago.
    Refuses,
    /// It has failed the arrival that a worker is picked for.
    Excluded,
    /// It does not turn its event loop.
    Stalled,
    /// It has failed too often.
    Ejected,
}

/// The reasons of one worker. Without any it is available.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reasons(u8);

impl Reasons {
    pub(super) fn are_none(self) -> bool {
        self.0 == 0
    }

    pub(super) fn has(self, reason: Reason) -> bool {
        self.0 & bit(reason) != 0
    }

    /// Returns these with or without one of them.
    pub(super) fn set(self, reason: Reason, applies: bool) -> Self {
        match applies {
            true => Self(self.0 | bit(reason)),
            false => Self(self.0 & !bit(reason)),
        }
    }
}

const fn bit(reason: Reason) -> u8 {
    1 << reason as u8
}
