//! What a place decides, and the rules by which it does.

use std::time::Duration;

use super::change::Overlap;
use super::respawn::Respawn;
use crate::share::Share;

/// What holds for all places of a fleet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// Time limit until a new life is ready.
    pub(super) ready_within: Duration,
    /// Time that a life has to end, in addition to its drain time.
    pub(super) clean_up: Duration,
    /// Whether a life that crashed is followed by another one.
    pub(super) respawn: Option<Respawn>,
}

/// How one life replaces another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Replacement {
    pub(super) overlap: Overlap,
    pub(super) drain_within: Duration,
}

/// What must be done next, with the life of a generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Start it.
    Start(u32),
    /// Let it serve.
    Admit(u32),
    /// Give it nothing new, and ask it to end within a time.
    Retire(u32, Duration),
    /// Let it end this share of its connections.
    CloseShare(u32, Share),
    /// Kill it, since it is not needed.
    Kill(u32),
    /// Kill it, since it was not ready in time.
    KillLate(u32),
}

/// What the end of a life leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AfterEnd {
    /// It was to end, or another life of the place serves or is about to start.
    Nothing,
    /// Another one starts after this time.
    Respawn(Duration),
    /// Nobody takes the place.
    Lost,
    /// It has crashed too often, so nobody takes the place.
    GaveUp,
}
