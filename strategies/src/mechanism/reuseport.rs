//! A listening socket per worker, all on one port.

use crate::deployment::Deployment;
use crate::fleet::{Fleet, FleetSpec, LaunchError};
use crate::host::{Host, Unmet};
use crate::inherited::Inherited;
use crate::listener::{self, LISTENER};
use crate::strategy::Strategy;

/// Each worker has a listening socket of its own on the common port (SO_REUSEPORT), and the
/// kernel spreads connections by a hash of both ends: nginx's `reuseport`, Envoy.
#[derive(Debug)]
pub struct Reuseport;

impl Strategy for Reuseport {
    fn key(&self) -> &str {
        "reuseport"
    }

    fn summary(&self) -> String {
        "each worker has its own SO_REUSEPORT listener, and the kernel's hash chooses".to_owned()
    }

    fn check(&self, host: &Host) -> Result<(), Unmet> {
        host.needs_kernel((3, 9), "SO_REUSEPORT")
    }

    fn launch(&self, spec: &FleetSpec) -> Result<Deployment, LaunchError> {
        let (listeners, address) = listener::open_group(spec.listen, spec.workers.get())?;
        let mut fleet = Fleet::muster(spec, spec.workers)?;
        for listener in listeners {
            fleet.start_worker(false, Inherited::default().with(LISTENER, listener))?;
        }
        fleet.go(address)
    }
}
