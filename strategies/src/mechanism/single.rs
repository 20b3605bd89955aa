//! One worker with nothing in front of it, as the reference.

use std::num::NonZeroUsize;
use std::slice;

use crate::launch::{
    CommonListener, Deployment, Fleet, FleetSpec, Host, LaunchError, Size, UnmetRequirement,
    listener,
};
use crate::policy::Basis;
use crate::profile::{CommandContract, Profile, Retirement, TOLERANCE_OF_ONE, WorkerKind};
use crate::strategy::Strategy;

/// One worker with its own listener, whatever number is requested.
#[derive(Debug)]
pub struct Single;

impl Strategy for Single {
    fn key(&self) -> &str {
        "single"
    }

    fn profile(&self) -> Profile<'_> {
        Profile {
            summary: "one worker, whatever number is requested: the reference",
            mechanism: "single",
            basis: Basis::CommonQueue,
            chooser: "nobody",
            sticky: Some("there is only one worker"),
            known_from: "any server with one process",
            workers: WorkerKind::OneProcess,
            command: CommandContract::InheritsSocket,
            retirement: Some(Retirement::PassesListenerOn),
            queueing_tolerance: Some(TOLERANCE_OF_ONE),
            ..Profile::OURS
        }
    }

    fn check(&self, _host: &Host) -> Result<(), UnmetRequirement> {
        Ok(())
    }

    fn launch(&self, spec: &FleetSpec) -> Result<Deployment, LaunchError> {
        let (listener, address) = listener::open(spec.listen)?;
        spec.fit_to_workers(slice::from_ref(&listener))?;
        let header_within = spec.proxy_protocol.clients_header_within();
        let mut fabric = CommonListener::new(listener, header_within);
        let mut fleet = Fleet::new(spec, Size::fixed(NonZeroUsize::MIN))?;
        fleet.start_workers(&mut fabric)?;
        fleet.release(address, Box::new(fabric))
    }
}
