//! What a strategy is.

use std::fmt::Debug;
use std::panic::resume_unwind;
use std::thread;

use crate::launch::{Deployment, FleetSpec, Host, LaunchError, UnmetRequirement};
use crate::profile::Profile;

/// One way for a client's connection or request to reach a worker: a process, or a thread of one.
///
/// A strategy is data and two acts, and has no state: `launch` may be called again while an
/// earlier deployment still runs, and each call starts processes of its own.
///
/// The catalogue ([`crate::catalog::ALL`]) lists every strategy; the command line, the
/// conformance suite, the benches and the reports iterate over it.
pub trait Strategy: Debug + Send + Sync {
    /// Stable key, `mechanism` or `mechanism:policy`, such as `handoff:sticky`. It is the
    /// command-line value, the name in the record and the legend of the charts.
    fn key(&self) -> &str;

    /// What describes it.
    fn profile(&self) -> Profile<'_>;

    /// Checks what the strategy needs from this host.
    ///
    /// # Errors
    /// [`UnmetRequirement`] with the reason. It becomes a recorded skip, so it must be known
    /// before anything is started; whatever goes wrong later is a [`LaunchError`].
    fn check(&self, host: &Host) -> Result<(), UnmetRequirement>;

    /// Starts dispatchers and workers and returns once every worker is ready to serve.
    ///
    /// No connection is accepted before that, and nothing is left behind if it fails.
    ///
    /// # Errors
    /// [`LaunchError`] says which process or socket failed, and why.
    fn launch(&self, spec: &FleetSpec) -> Result<Deployment, LaunchError>;
}

/// [Checks](Strategy::check) several strategies at the same time, since programs of peers take
/// their time to report their versions. Results are in the order of the strategies.
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
