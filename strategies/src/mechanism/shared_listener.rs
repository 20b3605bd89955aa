//! One listening socket, inherited by all workers.

use nix::sys::memfd::{MFdFlags, memfd_create};

use crate::launch::{
    Accept, ConnectionSource, Deployment, Fleet, FleetSpec, Host, Inherited, LISTENER, LaunchError,
    UnmetRequirement, child::share, listener,
};
use crate::profile::{Layer, Profile};
use crate::strategy::Strategy;
use crate::worker::ACCEPT_MUTEX;

/// All workers wait on one inherited listening socket, and whoever the kernel wakes first
/// accepts: Node's cluster under `SCHED_NONE`, gunicorn, uvicorn. How they wait decides whom
/// the kernel wakes.
#[derive(Debug)]
pub struct SharedListener {
    key: &'static str,
    accept: Accept,
}

impl SharedListener {
    /// Edge-triggered epoll, as tokio and libuv's descendants have it: a connection wakes every
    /// idle worker, once.
    pub const EDGE: Self = Self::new("shared-listener", Accept::Edge);
    /// Level-triggered epoll: a connection wakes every idle worker for as long as it is queued.
    pub const HERD: Self = Self::new("shared-listener:herd", Accept::Level);
    /// EPOLLEXCLUSIVE, as nginx since 1.11.3 and unicorn: a connection wakes one idle worker,
    /// the one that registered first.
    pub const EXCLUSIVE: Self = Self::new("shared-listener:exclusive", Accept::Exclusive);
    /// accept(2) blocks, as in Apache's prefork and gunicorn's sync workers: a connection wakes
    /// the worker that has waited longest.
    pub const BLOCKING: Self = Self::new("shared-listener:blocking", Accept::Blocking);
    /// A lock that one worker at a time holds while it waits: nginx's `accept_mutex`.
    pub const MUTEX: Self = Self::new("shared-listener:mutex", Accept::Mutex);

    const fn new(key: &'static str, accept: Accept) -> Self {
        Self { key, accept }
    }
}

impl Strategy for SharedListener {
    fn key(&self) -> &str {
        self.key
    }

    fn summary(&self) -> String {
        let how = match self.accept {
            Accept::Edge => {
                "all workers wait on one inherited listening socket, and the first to \
                             wake accepts"
            }
            Accept::Level => {
                "the same with level-triggered epoll: a queued connection keeps \
                              waking all idle workers"
            }
            Accept::Exclusive => "the same with EPOLLEXCLUSIVE: a connection wakes one idle worker",
            Accept::Blocking => {
                "all workers block in accept(2) on one socket, and the one that \
                                 has waited longest wakes"
            }
            Accept::Mutex => {
                "one worker at a time waits on the inherited socket, as nginx's \
                              accept_mutex has it"
            }
        };
        how.to_owned()
    }

    fn profile(&self) -> Profile<'_> {
        let (chooser, known_from) = match self.accept {
            Accept::Edge => (
                "whoever accepts first of all idle workers, which wake once",
                "Node's cluster under SCHED_NONE, gunicorn, uvicorn",
            ),
            Accept::Level => (
                "whoever accepts first of all idle workers, which wake again and again",
                "nginx before 1.11.3 without accept_mutex",
            ),
            Accept::Exclusive => (
                "the kernel: it wakes the idle worker that registered first",
                "nginx since 1.11.3, unicorn",
            ),
            Accept::Blocking => (
                "the kernel: it wakes the worker that has waited longest",
                "Apache's prefork, gunicorn's sync workers",
            ),
            Accept::Mutex => ("whoever holds the lock", "nginx with accept_mutex"),
        };
        Profile {
            layer: Layer::Connections,
            chooser,
            sticky: None,
            needs: (self.accept == Accept::Exclusive).then_some("Linux 4.5"),
            known_from,
        }
    }

    fn check(&self, host: &Host) -> Result<(), UnmetRequirement> {
        match self.accept {
            Accept::Exclusive => host.needs_kernel((4, 5), "EPOLLEXCLUSIVE"),
            _ => Ok(()),
        }
    }

    fn launch(&self, spec: &FleetSpec) -> Result<Deployment, LaunchError> {
        let (listener, address) = listener::open(spec.listen)?;
        let lock =
            memfd_create(ACCEPT_MUTEX, MFdFlags::MFD_CLOEXEC).map_err(std::io::Error::from)?;
        let mut fleet = Fleet::muster(spec, spec.workers)?;
        for _ in fleet.workers() {
            let mut intake = Inherited::default().with(LISTENER, share(&listener)?);
            if self.accept == Accept::Mutex {
                intake = intake.with(ACCEPT_MUTEX, share(&lock)?);
            }
            fleet.start_worker(ConnectionSource::Listener(self.accept), intake)?;
        }
        fleet.go(address)
    }
}
