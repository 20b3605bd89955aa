//! The trait of all strategies.

use std::fmt::Debug;
use std::panic::resume_unwind;
use std::thread;

use crate::launch::{Deployment, FleetSpec, Host, LaunchError, UnmetRequirement};
use crate::profile::Profile;

/// One way in which a client's connection or request reaches a worker, which is a process or a thread.
///
/// A strategy is a profile and two operations. It has no state: `launch` may be called again while an
/// earlier deployment runs, and each call starts new processes.
///
/// The catalogue ([`crate::catalog::ALL`]) lists all strategies. The command line, the conformance
/// suite, the benches and the reports iterate over it.
pub trait Strategy: Debug + Send + Sync {
    /// Returns the stable key, `mechanism` or `mechanism:policy`, such as `handoff:sticky`. The command line,
    /// the record and the charts use it.
    fn key(&self) -> &str;

    /// Returns the description of the strategy.
    fn profile(&self) -> Profile<'_>;

    /// Checks the requirements of the strategy on this host.
    ///
    /// # Errors
    /// [`UnmetRequirement`] with the reason. It becomes a recorded skip. Errors of processes that are
    /// started later are [`LaunchError`]s.
    fn check(&self, host: &Host) -> Result<(), UnmetRequirement>;

    /// Starts dispatchers and workers, and returns when all are ready.
    ///
    /// No connection is accepted before that. If it fails, nothing is left behind.
    ///
    /// # Errors
    /// [`LaunchError`] with the process or socket that failed, and the reason.
    fn launch(&self, spec: &FleetSpec) -> Result<Deployment, LaunchError>;
}

/// [Checks](Strategy::check) several strategies at the same time, since programs of peers are slow to print
/// their versions. The results are in the order of the strategies.
pub fn check_all(
    strategies: &[&'static dyn Strategy],
    host: &Host,
) -> Vec<Result<(), UnmetRequirement>> {
    thread::scope(|scope| {
        let checks = strategies
            .iter()
            .map(|strategy| scope.spawn(|| strategy.check(host)));
        let checks: Vec<_> = checks.collect();
        let results = checks.into_iter();
        results
            .map(|check| check.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    })
}
