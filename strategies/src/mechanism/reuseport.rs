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
use crate::profile::{Privileges, Profile, Retirement};
use crate::strategy::Strategy;
use steering::Steering;

/// Each worker has its own listening socket on a common port (SO_REUSEPORT), and the kernel distributes
/// connections over them.
#[derive(Debug)]
pub struct Reuseport {
    key: &'static str,
    choice: Choice,
    profile: Profile<'static>,
}

/// How the kernel chooses a worker.
#[derive(Debug)]
enum Choice {
    /// By its own hash.
    Hash,
    /// By a classic BPF program.
    Steered(Steering),
    /// By an extended BPF program that reads the scoreboard.
    NotBusy,
}

const PROFILE: Profile<'static> = Profile {
    mechanism: "reuseport",
    retirement: Some(Retirement::ClosesListener),
    ..Profile::OURS
};

impl Reuseport {
    /// By a hash of both addresses: nginx's `reuseport`, Envoy.
    pub const HASH: Self = Self {
        key: "reuseport",
        choice: Choice::Hash,
        profile: Profile {
            summary: "each worker has its own SO_REUSEPORT listener, and the kernel's hash chooses",
            chooser: "the kernel, by a hash of both addresses",
            known_from: "nginx (reuseport), Envoy",
            ..PROFILE
        },
    };
    /// By the CPU on which the connection arrives, so that a worker gets the connections of its CPU: Seastar,
    /// and a proposal for nginx.
    pub const CPU: Self = Self {
        key: "reuseport:cpu",
        choice: Choice::Steered(Steering::Cpu),
        profile: Profile {
            summary: "each worker has its own SO_REUSEPORT listener, and a BPF program chooses by \
                      the CPU on which the connection arrives",
            chooser: "a BPF program in the kernel, by CPU",
            needs: Some("Linux 4.5"),
            known_from: "Seastar",
            may_leave_workers_out: true,
            ..PROFILE
        },
    };
    /// At random.
    pub const RANDOM: Self = Self {
        key: "reuseport:random",
        choice: Choice::Steered(Steering::Random),
        profile: Profile {
            summary: "each worker has its own SO_REUSEPORT listener, and a BPF program chooses at \
                      random",
            basis: Basis::Chance,
            chooser: "a BPF program in the kernel, at random",
            needs: Some("Linux 4.5"),
            known_from: "the kernel's own example of such a program",
            ..PROFILE
        },
    };
    /// An idle worker, by the workers' own counters: Hermes.
    pub const LEAST: Self = Self {
        key: "reuseport:least",
        choice: Choice::NotBusy,
        profile: Profile {
            summary: "each worker has its own SO_REUSEPORT listener, and a BPF program chooses an \
                      idle worker",
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
                        "the kernel rejects its BPF program ({error}); run evenkeel as root, or \
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
    /// Attaches the program with which the kernel chooses. It belongs to the whole group, whichever socket
    /// it is attached to.
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
