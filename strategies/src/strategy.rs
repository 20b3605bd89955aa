//! What a strategy is.

use std::fmt::Debug;

use crate::launch::{Deployment, FleetSpec, Host, LaunchError, UnmetRequirement};
use crate::mechanism::peer::Peer;
use crate::policy;
use crate::profile::Profile;

/// One way for a client's connection, or request, to reach a worker: a process, or a thread of one.
///
/// A strategy is a value without state: `launch` may be called again and again, also while
/// an earlier deployment still runs, and each call starts processes of its own.
///
/// The catalogue ([`crate::catalog::ALL`]) lists every strategy; the command line, the
/// conformance suite, the benches and the reports iterate over it.
pub trait Strategy: Debug + Send + Sync {
    /// Stable key, `mechanism` or `mechanism:policy`, such as `handoff:sticky`. It is the
    /// command-line value, the name in the record and the legend of the charts.
    fn key(&self) -> &str;

    /// One sentence, without a full stop, for `evenkeel list` and for reports.
    fn summary(&self) -> String;

    /// The policy by which our own code chooses, where it does.
    fn policy(&self) -> Option<&'static policy::PolicyInfo> {
        None
    }

    /// The other system that it is, if it is none of our own strategies.
    fn peer(&self) -> Option<&Peer> {
        None
    }

    /// Keys of our strategies that stand for it, if it is another system.
    fn counterparts(&self) -> &[String] {
        &[]
    }

    /// Whether its workers serve this target: `/`, `/bytes/512`, `/spin/50` and so on. Those of
    /// evenkeel serve all.
    fn serves(&self, _target: &str) -> bool {
        true
    }

    /// Its layer, who chooses, and what else tells it from others.
    fn profile(&self) -> Profile<'_>;

    /// Whether its fleets are put in a network namespace of their own, where only those reach
    /// them who [enter](Deployment::enter) it.
    fn needs_network_namespace(&self) -> bool {
        false
    }

    /// Whether it takes rights that an ordinary user may not have.
    fn needs_rights(&self) -> bool {
        self.needs_network_namespace()
    }

    /// What this host lacks for the strategy, if anything.
    ///
    /// # Errors
    /// [`UnmetRequirement`] with the reason. It becomes a recorded skip, so it must be known before
    /// anything is started; whatever goes wrong later is a [`LaunchError`].
    fn check(&self, host: &Host) -> Result<(), UnmetRequirement>;

    /// Starts dispatcher and workers and returns once every worker is ready to serve.
    ///
    /// No connection is let in before that, and nothing is left behind if it fails.
    ///
    /// # Errors
    /// [`LaunchError`] says which process or socket could not be had, and why.
    fn launch(&self, spec: &FleetSpec) -> Result<Deployment, LaunchError>;
}

/// The part of a key that names the mechanism: `handoff` of `handoff:sticky`.
pub fn mechanism_of(key: &str) -> &str {
    key.split_once(':').map_or(key, |(mechanism, _)| mechanism)
}

/// The part of a key that names the policy, if there is one: `sticky` of `handoff:sticky`.
pub fn policy_of(key: &str) -> Option<&str> {
    key.split_once(':').map(|(_, policy)| policy)
}
