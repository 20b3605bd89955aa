//! The record of a peer before it is measured.

use evenkeel_reports::PeerRecord;
use evenkeel_strategies::mechanism::peer::differences;
use evenkeel_strategies::{Deployment, FleetSpec, Strategy};

/// Returns versions and configuration of a peer, and how it differs from our worker; `None` for
/// strategies of ours.
pub(super) fn record(
    strategy: &dyn Strategy,
    fleet: &Deployment,
    spec: &FleetSpec,
) -> Option<PeerRecord> {
    let system = fleet.system()?;
    let differs = differences(&strategy.profile(), fleet, spec);
    Some(PeerRecord {
        versions: system.versions.clone(),
        configuration: system.configuration.clone(),
        differs: differs
            .unwrap_or_else(|error| vec![format!("it was not compared with our worker: {error}")]),
    })
}
