//! One listening socket, inherited by all workers.

use std::{io, slice};

use nix::sys::memfd::{MFdFlags, memfd_create};

use crate::launch::{
    AcceptMode, CommonListener, Deployment, Fleet, FleetSpec, Host, LaunchError, UnmetRequirement,
    listener,
};
use crate::policy::Basis;
use crate::profile::{CommandContract, Profile, Retirement, TOLERANCE_OF_SEVERAL};
use crate::strategy::Strategy;
use crate::worker::ACCEPT_MUTEX;

/// All workers wait on one inherited listening socket, and the first that wakes accepts: Node's cluster
/// with `SCHED_NONE`, gunicorn, uvicorn. How they wait decides which worker the kernel wakes.
#[derive(Debug)]
pub struct SharedListener {
    key: &'static str,
    accept: AcceptMode,
    profile: Profile<'static>,
}

const PROFILE: Profile<'static> = Profile {
    mechanism: "shared-listener",
    retirement: Some(Retirement::StopsAccepting),
    command: CommandContract::None(
        "it is about how evenkeel's own workers wait for connections, and a program waits in its own way; \
         shared-listener lets it",
    ),
    ..Profile::OURS
};

impl SharedListener {
    /// Edge-triggered epoll, as in tokio: a connection wakes every idle worker once.
    pub const EDGE: Self = Self {
        key: "shared-listener",
        accept: AcceptMode::Edge,
        profile: Profile {
            summary: "all workers wait on one inherited listening socket, and the first to wake \
                      accepts",
            basis: Basis::CommonQueue,
            chooser: "the kernel wakes all idle workers once, and the first one accepts",
            known_from: "Node's cluster with SCHED_NONE, gunicorn, uvicorn",
            queueing_tolerance: Some(TOLERANCE_OF_SEVERAL),
            command: CommandContract::InheritsSocket,
            ..PROFILE
        },
    };
    /// Level-triggered epoll: a connection wakes every idle worker while it is queued.
    pub const HERD: Self = Self {
        key: "shared-listener:herd",
        accept: AcceptMode::Level,
        profile: Profile {
            summary: "all workers wait on one inherited listening socket, level-triggered: a queued \
                connection keeps waking all idle workers",
            chooser: "the kernel wakes all idle workers again and again, and the first one accepts",
            known_from: "nginx before 1.11.3 without accept_mutex",
            ..PROFILE
        },
    };
    /// EPOLLEXCLUSIVE, as in nginx since 1.11.3 and unicorn: a connection wakes the idle worker that
    /// registered first.
    pub const EXCLUSIVE: Self = Self {
        key: "shared-listener:exclusive",
        accept: AcceptMode::Exclusive,
        profile: Profile {
            summary: "all workers wait on one inherited listening socket with EPOLLEXCLUSIVE: a \
                connection wakes one idle worker",
            chooser: "the kernel: it wakes the idle worker that registered first",
            needs: Some("Linux 4.5"),
            known_from: "nginx since 1.11.3, unicorn",
            ..PROFILE
        },
    };
    /// Blocking accept(2), as in Apache's prefork and gunicorn's sync workers: a connection wakes the worker
    /// that has waited longest.
    pub const BLOCKING: Self = Self {
        key: "shared-listener:blocking",
        accept: AcceptMode::Blocking,
        profile: Profile {
            summary: "all workers block in accept(2) on one socket, and the one that has waited \
                      longest wakes",
            chooser: "the kernel: it wakes the worker that has waited longest",
            known_from: "Apache's prefork, gunicorn's sync workers",
            ..PROFILE
        },
    };
    /// A lock that one worker at a time holds while it waits: nginx's `accept_mutex`.
    pub const MUTEX: Self = Self {
        key: "shared-listener:mutex",
        accept: AcceptMode::Mutex,
        profile: Profile {
            summary: "one worker at a time waits on the inherited socket, like nginx's \
                      accept_mutex",
            chooser: "the worker that holds the lock",
            known_from: "nginx with accept_mutex",
            ..PROFILE
        },
    };
}

impl Strategy for SharedListener {
    fn key(&self) -> &str {
        self.key
    }

    fn profile(&self) -> Profile<'_> {
        self.profile
    }

    fn check(&self, host: &Host) -> Result<(), UnmetRequirement> {
        match self.accept {
            AcceptMode::Exclusive => host.needs_kernel((4, 5), "EPOLLEXCLUSIVE"),
            _ => Ok(()),
        }
    }

    fn launch(&self, spec: &FleetSpec) -> Result<Deployment, LaunchError> {
        let (listener, address) = listener::open(spec.listen)?;
        spec.fit_to_workers(slice::from_ref(&listener))?;
        let lock = memfd_create(ACCEPT_MUTEX, MFdFlags::MFD_CLOEXEC).map_err(io::Error::from)?;
        let mut fabric = CommonListener {
            listener,
            accept: self.accept,
            besides: (self.accept == AcceptMode::Mutex).then_some((ACCEPT_MUTEX, lock)),
            header_within: spec.proxy_protocol.clients_header_within(),
        };
        let mut fleet = Fleet::new(spec, spec.size())?;
        fleet.start_workers(&mut fabric)?;
        fleet.release(address, Box::new(fabric))
    }
}
