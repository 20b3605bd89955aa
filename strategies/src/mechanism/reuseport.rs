//! A listening socket per worker, all on one port.

#[cfg(test)]
mod closing;
mod least;
mod steering;

use std::io;
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;

use crate::launch::{
    Deployment, Fleet, FleetSpec, Host, LaunchError, OwnListeners, UnmetRequirement, listener,
};
use crate::policy::Basis;
use crate::profile::{Privileges, Profile};
use crate::strategy::Strategy;
use steering::Steering;

/// Each worker has a listening socket of its own on the common port (SO_REUSEPORT), and the
/// kernel spreads connections over them.
#[derive(Debug)]
pub struct Reuseport {
    key: &'static str,
    choice: Choice,
    profile: Profile<'static>,
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

/// What all of them have in common.
const PROFILE: Profile<'static> = Profile {
    mechanism: "reuseport",
    ..Profile::OURS
};

impl Reuseport {
    /// By a hash of both ends: nginx's `reuseport`, Envoy.
    pub const HASH: Self = Self {
        key: "reuseport",
        choice: Choice::Hash,
        profile: Profile {
            summary: "each worker has its own SO_REUSEPORT listener, and the kernel's hash chooses",
            chooser: "the kernel, by a hash of both ends",
            known_from: "nginx (reuseport), Envoy",
            ..PROFILE
        },
    };
    /// By the CPU on which the connection comes in, so that a worker has the connections of its
    /// CPU: Seastar, and what is proposed for nginx.
    pub const CPU: Self = Self {
        key: "reuseport:cpu",
        choice: Choice::Steered(Steering::Cpu),
        profile: Profile {
            summary: "each worker has its own SO_REUSEPORT listener, and a BPF program chooses by \
                      the CPU on which the connection comes in",
            chooser: "a BPF program in the kernel, by CPU",
            needs: Some("Linux 4.5"),
            known_from: "Seastar",
            may_leave_workers_out: true,
            ..PROFILE
        },
    };
    /// By chance.
    pub const RANDOM: Self = Self {
        key: "reuseport:random",
        choice: Choice::Steered(Steering::Random),
        profile: Profile {
            summary: "each worker has its own SO_REUSEPORT listener, and a BPF program chooses by \
                      chance",
            basis: Basis::Chance,
            chooser: "a BPF program in the kernel, by chance",
            needs: Some("Linux 4.5"),
            known_from: "the kernel's own example of such a program",
            ..PROFILE
        },
    };
    /// A worker that is not busy, by what the workers count themselves: Hermes.
    pub const LEAST: Self = Self {
        key: "reuseport:least",
        choice: Choice::NotBusy,
        profile: Profile {
            summary: "each worker has its own SO_REUSEPORT listener, and a BPF program chooses one \
                      whose worker is not busy",
            basis: Basis::Load,
            chooser: "a BPF program in the kernel, by the workers' counters",
            needs: Some("Linux 5.5; root, or CAP_BPF and CAP_NET_ADMIN"),
            known_from: "Hermes (Alibaba Cloud, SIGCOMM 2025)",
            privileges: Privileges::Bpf,
            ..PROFILE
        },
    };
}

impl Strategy for Reuseport {
    fn key(&self) -> &str {
        self.key
    }

    fn profile(&self) -> Profile<'_> {
        self.profile
    }

    fn check(&self, host: &Host) -> Result<(), UnmetRequirement> {
        match self.choice {
            Choice::Hash => host.needs_kernel((3, 9), "SO_REUSEPORT"),
            Choice::Steered(_) => host.needs_kernel((4, 5), "SO_ATTACH_REUSEPORT_CBPF for TCP"),
            Choice::NotBusy => {
                host.needs_kernel((5, 5), "a BPF map that processes share")?;
                least::check_support().map_err(|error| {
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
            _ => Fleet::new(spec, spec.workers)?,
        };
        self.attach(&listeners, spec.workers, fleet.scoreboard())?;
        let header_within = spec.proxy_protocol.clients_header_within();
        fleet.start_workers(&mut OwnListeners::new(listeners, header_within))?;
        fleet.release(address)
    }
}

impl Reuseport {
    /// Attaches the program by which the kernel chooses. It is the group's, whichever socket it is
    /// attached to.
    fn attach(
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
