//! What is to be known of another system before it is measured.

use evenkeel_reports::PeerRecord;
use evenkeel_strategies::{Deployment, FleetSpec, Strategy};

/// What the fleet is, and in what it differs from our own worker, if it is another system.
pub(super) fn record(
    strategy: &dyn Strategy,
    fleet: &Deployment,
    spec: &FleetSpec,
) -> Option<PeerRecord> {
    let (peer, running) = (strategy.peer()?, fleet.peer()?);
    let differs = peer.differences(fleet, spec);
    Some(PeerRecord {
        versions: running.versions().clone(),
        configuration: running.configuration().clone(),
        differs: differs
            .unwrap_or_else(|error| vec![format!("it was not compared with our worker: {error}")]),
    })
}
