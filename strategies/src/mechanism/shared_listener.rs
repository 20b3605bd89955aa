//! One listening socket, inherited by all workers.

use crate::child::share;
use crate::deployment::Deployment;
use crate::fleet::{Fleet, FleetSpec, LaunchError};
use crate::host::{Host, Unmet};
use crate::inherited::Inherited;
use crate::listener::{self, LISTENER};
use crate::strategy::Strategy;

/// All workers wait with epoll on one inherited listening socket, and whoever the kernel wakes
/// first accepts: Node's cluster under `SCHED_NONE`, gunicorn, uvicorn.
#[derive(Debug)]
pub struct SharedListener;

impl Strategy for SharedListener {
    fn key(&self) -> &str {
        "shared-listener"
    }

    fn summary(&self) -> String {
        "all workers wait on one inherited listening socket, and the first to wake accepts"
            .to_owned()
    }

    fn check(&self, _host: &Host) -> Result<(), Unmet> {
        Ok(())
    }

    fn launch(&self, spec: &FleetSpec) -> Result<Deployment, LaunchError> {
        let (listener, address) = listener::open(spec.listen)?;
        let mut fleet = Fleet::muster(spec, spec.workers)?;
        for _ in fleet.workers() {
            fleet.start_worker(
                false,
                Inherited::default().with(LISTENER, share(&listener)?),
            )?;
        }
        fleet.go(address)
    }
}
