//! One worker: the reference that all others are weighed against.

use std::num::NonZeroUsize;

use crate::launch::{
    Accept, ConnectionSource, Deployment, Fleet, FleetSpec, Host, Inherited, LISTENER, LaunchError,
    UnmetRequirement, listener,
};
use crate::profile::{Layer, Profile};
use crate::strategy::Strategy;

/// One worker with a listener of its own, however many are ordered.
#[derive(Debug)]
pub struct Single;

impl Strategy for Single {
    fn key(&self) -> &str {
        "single"
    }

    fn summary(&self) -> String {
        "one worker alone, whatever the number ordered: the reference".to_owned()
    }

    fn profile(&self) -> Profile<'_> {
        Profile {
            layer: Layer::Connections,
            chooser: "nobody",
            sticky: Some("there is but one worker"),
            needs: None,
            known_from: "any server of one process",
        }
    }

    fn check(&self, _host: &Host) -> Result<(), UnmetRequirement> {
        Ok(())
    }

    fn launch(&self, spec: &FleetSpec) -> Result<Deployment, LaunchError> {
        let (listener, address) = listener::open(spec.listen)?;
        let mut fleet = Fleet::muster(spec, NonZeroUsize::MIN)?;
        fleet.start_worker(
            ConnectionSource::Listener(Accept::Edge),
            Inherited::default().with(LISTENER, listener),
        )?;
        fleet.go(address)
    }
}
