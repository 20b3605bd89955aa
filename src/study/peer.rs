//! What is to be known of another system before it is measured.

use evenkeel_reports::PeerRecord;
use evenkeel_strategies::mechanism::peer::differences;
use evenkeel_strategies::{Deployment, FleetSpec, Strategy};

/// What the fleet is, and in what it differs from our own worker, if it is another system.
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
