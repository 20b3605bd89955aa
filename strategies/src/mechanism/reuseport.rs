//! A listening socket per worker, all on one port.

#[cfg(test)]
mod closing;
mod least;
mod steering;

use std::io;
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;

use crate::launch::{
    Accept, ConnectionSource, Deployment, Fleet, FleetSpec, Host, Inherited, LISTENER, LaunchError,
    UnmetRequirement, listener,
};
use crate::profile::{Layer, Profile};
use crate::strategy::Strategy;
use steering::Steering;

/// Each worker has a listening socket of its own on the common port (SO_REUSEPORT), and the
/// kernel spreads connections over them.
#[derive(Debug)]
pub struct Reuseport {
    key: &'static str,
    choice: Choice,
}

/// What the kernel goes by.
#[derive(Debug)]
enum Choice {
    /// Its own hash.
    Hash,
    /// A classic BPF program.
    Steered(Steering),
    /// An extended BPF program that sees the scoreboard.
    NotBusy,
}

impl Reuseport {
    /// By a hash of both ends: nginx's `reuseport`, Envoy.
    pub const HASH: Self = Self::new("reuseport", Choice::Hash);
    /// By the CPU that takes in the connection, so that a worker has the connections of its CPU:
    /// Seastar, and what is proposed for nginx.
    pub const CPU: Self = Self::new("reuseport:cpu", Choice::Steered(Steering::Cpu));
    /// By chance.
    pub const RANDOM: Self = Self::new("reuseport:random", Choice::Steered(Steering::Random));
    /// A worker that is not busy, by what the workers count themselves: Hermes.
    pub const LEAST: Self = Self::new("reuseport:least", Choice::NotBusy);

    const fn new(key: &'static str, choice: Choice) -> Self {
        Self { key, choice }
    }
}

impl Strategy for Reuseport {
    fn key(&self) -> &str {
        self.key
    }

    fn summary(&self) -> String {
        let chooses = match self.choice {
            Choice::Hash => "the kernel's hash chooses",
            Choice::Steered(Steering::Cpu) => {
                "a BPF program chooses by the CPU on which the connection comes in"
            }
            Choice::Steered(Steering::Random) => "a BPF program chooses by chance",
            Choice::NotBusy => "a BPF program chooses one whose worker is not busy",
        };
        format!("each worker has its own SO_REUSEPORT listener, and {chooses}")
    }

    fn needs_rights(&self) -> bool {
        matches!(self.choice, Choice::NotBusy)
    }

    fn profile(&self) -> Profile<'_> {
        let (chooser, needs, known_from) = match self.choice {
            Choice::Hash => (
                "the kernel, by a hash of both ends",
                None,
                "nginx (reuseport), Envoy",
            ),
            Choice::Steered(Steering::Cpu) => (
                "a BPF program in the kernel, by CPU",
                Some("Linux 4.5"),
                "Seastar",
            ),
            Choice::Steered(Steering::Random) => (
                "a BPF program in the kernel, by chance",
                Some("Linux 4.5"),
                "the kernel's own example of such a program",
            ),
            Choice::NotBusy => (
                "a BPF program in the kernel, by the workers' counters",
                Some("Linux 5.5; root, or CAP_BPF and CAP_NET_ADMIN"),
                "Hermes (Alibaba Cloud, SIGCOMM 2025)",
            ),
        };
        Profile {
            layer: Layer::Connections,
            chooser,
            sticky: None,
            needs,
            known_from,
        }
    }

    fn check(&self, host: &Host) -> Result<(), UnmetRequirement> {
        match self.choice {
            Choice::Hash => host.needs_kernel((3, 9), "SO_REUSEPORT"),
            Choice::Steered(_) => host.needs_kernel((4, 5), "SO_ATTACH_REUSEPORT_CBPF for TCP"),
            Choice::NotBusy => {
                host.needs_kernel((5, 5), "a BPF map that processes share")?;
                least::try_out().map_err(|error| {
                    UnmetRequirement(format!(
                        "the kernel does not take its BPF program ({error}); run it as root, or \
                         with CAP_BPF and CAP_NET_ADMIN"
                    ))
                })
            }
        }
    }

    fn launch(&self, spec: &FleetSpec) -> Result<Deployment, LaunchError> {
        let (listeners, address) = listener::open_group(spec.listen, spec.workers.get())?;
        let mut fleet = match self.choice {
            Choice::NotBusy => Fleet::counting_on(spec, least::scoreboard(spec.workers)?),
            _ => Fleet::muster(spec, spec.workers)?,
        };
        self.program(&listeners, spec.workers, fleet.scoreboard())?;
        for listener in listeners {
            fleet.start_worker(
                ConnectionSource::Listener(Accept::Edge),
                Inherited::default().with(LISTENER, listener),
            )?;
        }
        fleet.go(address)
    }
}

impl Reuseport {
    /// FeedbackMode the kernel how to choose. A program is the group's, whichever socket it is attached
    /// to.
    fn program(
        &self,
        listeners: &[OwnedFd],
        workers: NonZeroUsize,
        scoreboard: &OwnedFd,
    ) -> io::Result<()> {
        match (&self.choice, listeners.first()) {
            (Choice::Steered(steering), Some(first)) => steering.attach(first, workers),
            (Choice::NotBusy, _) => least::attach(listeners, scoreboard),
            _ => Ok(()),
        }
    }
}
