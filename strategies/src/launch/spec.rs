//! The configuration of a fleet.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::Duration;

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use rustix::thread::CapabilitySet;

use super::command::WorkerCommand;
use super::confinement::Confinement;
use super::connection_limits::ConnectionLimits;
use super::counter::Counter;
use super::listener;
use super::master::Respawn;
use super::{client_limits::ClientLimits, proxy_protocol::ProxyProtocol, user::User};
use crate::defence::Defences;
use crate::policy;

/// The configuration of a fleet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetSpec {
    /// The evenkeel executable, which dispatchers and workers run. In a test or a bench it is not the running
    /// executable.
    pub executable: PathBuf,
    /// Number of workers, each a process or a thread, with which the fleet starts.
    pub workers: NonZeroUsize,
    /// Number of places for workers: how many there can be later. At least as many as workers.
    pub places: NonZeroUsize,
    /// Whether workers that crash are replaced, where the strategy can change its workers. If `None`, as in
    /// trials, their places stay empty.
    pub respawn: Option<Respawn>,
    /// The program that each worker runs. If `None`, evenkeel's own.
    pub command: Option<WorkerCommand>,
    /// How its workers count their requests together.
    pub counter: Counter,
    /// Number of dispatcher processes, if the mechanism has dispatchers. Each has its own listener.
    pub dispatchers: NonZeroUsize,
    /// The address to which clients connect. With port 0 the kernel chooses a port.
    pub listen: SocketAddr,
    /// CPUs of all processes of the fleet. If empty, those of the calling process.
    pub cpus: Vec<usize>,
    /// The user that dispatchers and workers become, which only root may choose. If `None`, they stay the
    /// user of the calling process.
    pub user: Option<User>,
    /// Seed of random policies.
    pub seed: u64,
    /// Options of policies.
    pub policy: policy::Options,
    /// Whether connections begin with PROXY headers.
    pub proxy_protocol: ProxyProtocol,
    /// How long clients may keep dispatchers and workers waiting.
    pub client_limits: ClientLimits,
    /// How long clients may keep a connection.
    pub connection_limits: ConnectionLimits,
    /// What the fleet does about ill workers.
    pub defences: Defences,
    /// Time limit until the whole fleet is ready.
    pub ready_within: Duration,
    /// Time limit for a process to drain.
    pub drain_within: Duration,
}

impl FleetSpec {
    /// Creates a configuration for this number of workers and one dispatcher, on a port that the kernel
    /// chooses.
    pub fn new(executable: impl Into<PathBuf>, workers: NonZeroUsize) -> Self {
        Self {
            executable: executable.into(),
            workers,
            places: workers,
            respawn: None,
            command: None,
            counter: Counter::None,
            dispatchers: NonZeroUsize::MIN,
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
            cpus: Vec::new(),
            user: None,
            seed: 0,
            policy: policy::Options::default(),
            proxy_protocol: ProxyProtocol::default(),
            client_limits: ClientLimits::default(),
            connection_limits: ConnectionLimits::default(),
            defences: Defences::default(),
            ready_within: READY_WITHIN,
            drain_within: DRAIN_WITHIN,
        }
    }

    /// Returns the number of workers and of places.
    pub(crate) fn size(&self) -> Size {
        Size {
            workers: self.workers,
            places: self.places.max(self.workers),
        }
    }

    /// Returns how the listener of a single worker is opened. A program of the user opens its own.
    pub(crate) fn open_of_worker(&self) -> listener::Open {
        match self.command {
            None => listener::open,
            Some(_) => listener::reserve,
        }
    }

    /// Makes listeners fit for the workers that inherit them. A program of the user may expect that accept(2)
    /// waits, as on the sockets of systemd. All processes share that setting, so it is made before the first
    /// one starts.
    pub(crate) fn fit_to_workers(&self, listeners: &[OwnedFd]) -> io::Result<()> {
        let waits = |listener: &OwnedFd| fcntl(listener, FcntlArg::F_SETFL(OFlag::empty()));
        if self.command.is_some() {
            listeners
                .iter()
                .try_for_each(|listener| waits(listener).map(drop))?;
        }
        Ok(())
    }

    /// Returns what workers give up. A program of the user gives up nothing unless it has a user of its own:
    /// it runs as from the user's shell.
    pub(crate) fn confinement_of_workers(&self) -> Option<Confinement> {
        let none = CapabilitySet::empty();
        let Some(command) = &self.command else {
            return Some(Confinement::new(self.user.as_ref(), none));
        };
        let user = command.user.as_ref().or(self.user.as_ref());
        user.map(|user| Confinement::new(Some(user), none))
    }
}

/// The number of workers with which a fleet starts, and how many there can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) workers: NonZeroUsize,
    pub(crate) places: NonZeroUsize,
}

impl Size {
    /// Returns the size of a fleet that can have no more workers than this.
    pub(crate) fn fixed(workers: NonZeroUsize) -> Self {
        Self {
            workers,
            places: workers,
        }
    }
}

/// Generous: a process is ready in milliseconds, but a busy machine may stall for seconds.
const READY_WITHIN: Duration = Duration::from_secs(10);

/// As long as the slowest request in a realistic study.
const DRAIN_WITHIN: Duration = Duration::from_secs(2);

/// Time limit for the end of a process that has drained.
pub(crate) const CLEAN_UP: Duration = Duration::from_millis(500);
