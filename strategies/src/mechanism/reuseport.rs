//! A listening socket per worker, all on one port.

mod chooser;
#[cfg(test)]
mod closing;
mod group;
mod least;
mod migration;
mod steering;

use crate::defence::DefenceKind;
use crate::launch::{Deployment, Fleet, FleetSpec, Host, LaunchError, UnmetRequirement, listener};
use crate::policy::Basis;
use crate::profile::{CommandContract, Privileges, Profile, Retirement};
use crate::strategy::Strategy;
use chooser::{Chooser, Program};
pub(super) use group::Group;
use group::Owner;
use least::LeastBusy;
use steering::Steering;

/// Each worker has its own listening socket on a common port (SO_REUSEPORT), and the kernel distributes
/// connections over them.
#[derive(Debug)]
pub struct Reuseport {
    key: &'static str,
    choice: Choice,
    owner: Owner,
    /// Whether the kernel gives what waits in a closed listener to another one.
    migrates: bool,
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
    command: CommandContract::InheritsSocket,
    defences: &[DefenceKind::Stall],
    ..Profile::OURS
};

/// Since this version of Linux, connections of a listener that leaves its group can go to another one.
const MIGRATING: (u32, u32) = (5, 14);

impl Reuseport {
    /// By a hash of both addresses: nginx's `reuseport`, Envoy.
    pub const HASH: Self = Self {
        key: "reuseport",
        choice: Choice::Hash,
        owner: Owner::Worker,
        migrates: false,
        profile: Profile {
            summary: "each worker has its own SO_REUSEPORT listener, and the kernel's hash chooses",
            chooser: "the kernel, by a hash of both addresses",
            known_from: "nginx (reuseport), Envoy",
            ..PROFILE
        },
    };
    /// By a hash of both addresses, and a worker inherits the listener of the one before it: nginx, whose main
    /// process keeps all listeners.
    pub const INHERITED: Self = Self {
        key: "reuseport:inherited",
        choice: Choice::Hash,
        owner: Owner::Master,
        migrates: false,
        profile: Profile {
            summary: "each worker has a SO_REUSEPORT listener that its successor inherits, and the \
                      kernel's hash chooses",
            retirement: Some(Retirement::PassesListenerOn),
            chooser: "the kernel, by a hash of both addresses",
            known_from: "nginx (reuseport), when it reloads",
            notices_deaths_late: true,
            ..PROFILE
        },
    };
    /// By a hash of both addresses, in a network namespace where connections of a closed listener go to another
    /// one of the group.
    pub const MIGRATED: Self = Self {
        key: "reuseport:migrated",
        choice: Choice::Hash,
        owner: Owner::Worker,
        migrates: true,
        profile: Profile {
            summary: "each worker has its own SO_REUSEPORT listener, and the kernel gives what \
                      waits in a closed one to another, in the fleet's own network namespace",
            retirement: Some(Retirement::ClosesListenerThatMigrates),
            chooser: "the kernel, by a hash of both addresses",
            needs: Some("Linux 5.14; root, or a user namespace"),
            known_from: "net.ipv4.tcp_migrate_req",
            privileges: Privileges::NetworkNamespace,
            ..PROFILE
        },
    };
    /// By the CPU on which the connection arrives, so that a worker gets the connections of its CPU: Seastar,
    /// and a proposal for nginx.
    pub const CPU: Self = Self {
        key: "reuseport:cpu",
        choice: Choice::Steered(Steering::Cpu),
        owner: Owner::Worker,
        migrates: false,
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
        owner: Owner::Worker,
        migrates: false,
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
        owner: Owner::Worker,
        migrates: false,
        profile: Profile {
            summary: "each worker has its own SO_REUSEPORT listener, and a BPF program chooses an \
                      idle worker",
            basis: Basis::Load,
            chooser: "a BPF program in the kernel, by the workers' counters",
            needs: Some("Linux 5.5; root, or CAP_BPF and CAP_NET_ADMIN"),
            known_from: "Hermes (Alibaba Cloud, SIGCOMM 2025)",
            privileges: Privileges::Bpf,
            command: CommandContract::None(
                "its BPF program reads counters that only evenkeel's own workers keep",
            ),
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
            Choice::Hash if self.migrates => {
                host.needs_kernel(MIGRATING, "net.ipv4.tcp_migrate_req")?;
                migration::check()
            }
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
        let namespace = self.migrates.then(migration::namespace).transpose()?;
        let open = || listener::open_group(spec.listen, spec.workers.get());
        let (listeners, address) = match &namespace {
            Some(namespace) => namespace.call(open)??,
            None => open()?,
        };
        spec.fit_to_workers(&listeners)?;
        let mut size = spec.size();
        let (mut fleet, program) = match self.choice {
            Choice::Hash => (Fleet::new(spec, size)?, Program::Hash),
            Choice::Steered(steering) => (Fleet::new(spec, size)?, Program::Steered(steering)),
            Choice::NotBusy => {
                size.places = size.places.min(least::MAX_PLACES).max(size.workers);
                let fleet = Fleet::counting_on(spec, size, least::scoreboard(size.places)?)?;
                let migrates = spec.defences.stall.is_some()
                    && Host::probe().needs_kernel(MIGRATING, "").is_ok();
                let program = LeastBusy::new(fleet.scoreboard(), size.places, migrates)?;
                (fleet, Program::LeastBusy(program))
            }
        };
        let chooser = Chooser::launch(program, &listeners)?;
        let mut group = Group::new(address, listeners, self.owner, chooser, spec);
        group.migrates |= self.migrates;
        if let Some(namespace) = namespace {
            group.namespace = Some(namespace.clone());
            fleet = fleet.within(namespace);
        }
        fleet.start_workers(&mut group)?;
        group.launched();
        fleet.release(address, Box::new(group))
    }
}
