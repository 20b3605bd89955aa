//! A listening socket per worker, all on one port.

mod steering;

use crate::deployment::Deployment;
use crate::fleet::{Fleet, FleetSpec, LaunchError};
use crate::host::{Host, Unmet};
use crate::inherited::Inherited;
use crate::listener::{self, LISTENER};
use crate::strategy::Strategy;
use crate::worker::{Accept, Taking};
use steering::Steering;

/// Each worker has a listening socket of its own on the common port (SO_REUSEPORT), and the
/// kernel spreads connections over them.
#[derive(Debug)]
pub struct Reuseport {
    key: &'static str,
    steering: Option<Steering>,
}

impl Reuseport {
    /// By a hash of both ends: nginx's `reuseport`, Envoy.
    pub const HASH: Self = Self::new("reuseport", None);
    /// By the CPU that takes in the connection, so that a worker has the connections of its CPU:
    /// nginx's `reuseport_bpf` proposals, Seastar.
    pub const CPU: Self = Self::new("reuseport:cpu", Some(Steering::Cpu));
    /// By chance.
    pub const RANDOM: Self = Self::new("reuseport:random", Some(Steering::Random));

    const fn new(key: &'static str, steering: Option<Steering>) -> Self {
        Self { key, steering }
    }
}

impl Strategy for Reuseport {
    fn key(&self) -> &str {
        self.key
    }

    fn summary(&self) -> String {
        let chooses = match self.steering {
            None => "the kernel's hash chooses",
            Some(Steering::Cpu) => {
                "a BPF program chooses by the CPU on which the connection comes in"
            }
            Some(Steering::Random) => "a BPF program chooses by chance",
        };
        format!("each worker has its own SO_REUSEPORT listener, and {chooses}")
    }

    fn check(&self, host: &Host) -> Result<(), Unmet> {
        match self.steering {
            None => host.needs_kernel((3, 9), "SO_REUSEPORT"),
            Some(_) => host.needs_kernel((4, 5), "SO_ATTACH_REUSEPORT_CBPF for TCP"),
        }
    }

    fn launch(&self, spec: &FleetSpec) -> Result<Deployment, LaunchError> {
        let (listeners, address) = listener::open_group(spec.listen, spec.workers.get())?;
        if let (Some(steering), Some(first)) = (&self.steering, listeners.first()) {
            // The program is the group's, whichever socket it is attached to.
            steering.attach(first, spec.workers)?;
        }
        let mut fleet = Fleet::muster(spec, spec.workers)?;
        for listener in listeners {
            fleet.start_worker(
                Taking::Listener(Accept::Edge),
                Inherited::default().with(LISTENER, listener),
            )?;
        }
        fleet.go(address)
    }
}
