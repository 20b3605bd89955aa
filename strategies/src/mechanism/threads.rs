//! One process with a thread for each worker.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use crate::launch::{
    AcceptMode, ConnectionSource, Deployment, Fabric, Fleet, FleetSpec, Host, Inherited, Intake,
    LISTENER, LaunchError, Scheduling, Size, UnmetRequirement, listener,
};
use crate::profile::{CommandContract, Layer, Profile, Retirement, WorkerKind};
use crate::strategy::Strategy;
use crate::view::{Life, Waiting};

/// The workers are threads of one process, as in most Rust programs. If one worker dies, all do.
#[derive(Debug)]
pub struct Threads {
    key: &'static str,
    scheduling: Scheduling,
    profile: Profile<'static>,
}

const PROFILE: Profile<'static> = Profile {
    mechanism: "threads",
    workers: WorkerKind::Threads,
    command: CommandContract::None("its workers are threads of one evenkeel process"),
    retirement: Some(Retirement::PassesAllOn),
    ..Profile::OURS
};

impl Threads {
    /// Tokio's multi-threaded runtime with one listening socket. A connection belongs to no worker: the
    /// thread that runs the connection's task answers the request.
    pub const WORK_STEALING: Self = Self {
        key: "threads:work-stealing",
        scheduling: Scheduling::WorkStealing,
        profile: Profile {
            summary: "one process: the threads of tokio's work-stealing runtime share one \
                      listening socket",
            layer: Layer::Requests,
            chooser: "any free thread, by work stealing",
            known_from: "tokio's default runtime (axum, hyper), Go's scheduler",
            ..PROFILE
        },
    };
    /// A runtime and a SO_REUSEPORT listener for each thread, and the kernel's hash chooses: glommio, monoio,
    /// similar in actix-web. As with other workers, threads are not bound to CPUs.
    pub const PER_CORE: Self = Self {
        key: "threads:per-core",
        scheduling: Scheduling::Separate,
        profile: Profile {
            summary: "one process: each thread has its own runtime and SO_REUSEPORT listener, and \
                      the kernel's hash chooses",
            chooser: "the kernel, by a hash of both addresses",
            known_from: "glommio, monoio, actix-web (a runtime per thread)",
            ..PROFILE
        },
    };
}

impl Strategy for Threads {
    fn key(&self) -> &str {
        self.key
    }

    fn profile(&self) -> Profile<'_> {
        self.profile
    }

    fn check(&self, host: &Host) -> Result<(), UnmetRequirement> {
        match self.scheduling {
            Scheduling::WorkStealing => Ok(()),
            Scheduling::Separate => host.needs_kernel((3, 9), "SO_REUSEPORT"),
        }
    }

    fn launch(&self, spec: &FleetSpec) -> Result<Deployment, LaunchError> {
        let (listeners, address) = match self.scheduling {
            Scheduling::WorkStealing => {
                let (listener, address) = listener::open(spec.listen)?;
                (vec![listener], address)
            }
            Scheduling::Separate => listener::open_group(spec.listen, spec.workers.get())?,
        };
        let mut fabric = Listeners {
            listeners,
            header_within: spec.proxy_protocol.clients_header_within(),
        };
        // The number of threads stays, so there are no more places.
        let mut fleet = Fleet::new(spec, Size::fixed(spec.workers))?;
        fleet.start_server(self.scheduling, &mut fabric)?;
        fleet.release(address, Box::new(fabric))
    }
}

/// The listeners of all threads, which each new process takes over.
#[derive(Debug)]
struct Listeners {
    listeners: Vec<OwnedFd>,
    header_within: Option<Duration>,
}

impl Fabric for Listeners {
    fn intake(&mut self, _life: Life) -> Result<Intake, LaunchError> {
        let mut inherited = Inherited::default();
        for listener in &self.listeners {
            inherited = inherited.with(LISTENER, listener.try_clone()?);
        }
        Ok(Intake {
            source: ConnectionSource::Listener(AcceptMode::Edge),
            inherited,
            header_within: self.header_within,
            deferred: false,
            has_clients: true,
        })
    }

    fn retire(&mut self, _life: Life, _successor: bool) -> io::Result<Waiting> {
        Ok(Waiting::Left)
    }
}
