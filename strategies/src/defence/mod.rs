//! Defences: what a fleet does about ill workers, beyond its policy.
//!
//! Each file is one defence, and all are off unless the [spec](crate::FleetSpec::defences) of a fleet turns them
//! on. Decisions are pure: time is an argument. What happened reaches the process that launched the fleet through
//! the [`Journal`].

mod allowance;
mod hedging;
mod journal;
mod kind;
mod passive_health;
mod retries;
mod stall;
mod try_timeout;

use serde::{Deserialize, Serialize};

pub use allowance::Budget;
pub use hedging::Hedging;
pub use journal::{DefenceCounts, Journal};
pub use kind::DefenceKind;
pub use passive_health::PassiveHealth;
pub use retries::Retries;
pub use stall::Stall;
pub use try_timeout::TryTimeout;

pub(crate) use hedging::HedgeState;
pub(crate) use journal::{Count, Entry, JOURNAL, What};
pub(crate) use passive_health::HealthState;
pub(crate) use retries::{Retry, RetryState, is_failure};
pub(crate) use stall::{Finding, StallWatch};

/// The defences of a fleet. Each is off if it is `None`. Dispatchers carry them out, each on its own, and the master
/// looks for stalls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Defences {
    /// How long a worker may take for the head of an answer.
    pub try_timeout: Option<TryTimeout>,
    /// Sending a request that has failed once more.
    pub retries: Option<Retries>,
    /// Sending a request that takes long to a second worker.
    pub hedging: Option<Hedging>,
    /// Not picking workers that fail.
    pub passive_health: Option<PassiveHealth>,
    /// Giving nothing to workers that do not turn their event loop, and rescuing what they have not taken in.
    pub stall: Option<Stall>,
}

impl Defences {
    /// Returns those that are on.
    pub fn on(&self) -> impl Iterator<Item = DefenceKind> + use<> {
        let all = [
            self.try_timeout
                .is_some()
                .then_some(DefenceKind::TryTimeout),
            self.retries.is_some().then_some(DefenceKind::Retries),
            self.hedging.is_some().then_some(DefenceKind::Hedging),
            (self.passive_health.is_some()).then_some(DefenceKind::PassiveHealth),
            self.stall.is_some().then_some(DefenceKind::Stall),
        ];
        all.into_iter().flatten()
    }

    /// Returns those of these kinds; the others are off.
    #[must_use]
    pub fn of_kinds(self, kinds: &[DefenceKind]) -> Self {
        let has = |kind| kinds.contains(&kind);
        Self {
            try_timeout: self.try_timeout.filter(|_| has(DefenceKind::TryTimeout)),
            retries: self.retries.filter(|_| has(DefenceKind::Retries)),
            hedging: self.hedging.filter(|_| has(DefenceKind::Hedging)),
            passive_health: (self.passive_health).filter(|_| has(DefenceKind::PassiveHealth)),
            stall: self.stall.filter(|_| has(DefenceKind::Stall)),
        }
    }

    /// Whether all are off.
    pub fn are_off(&self) -> bool {
        *self == Self::default()
    }
}
