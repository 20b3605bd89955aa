//! One process with a thread for each worker.

use std::net::SocketAddr;

use super::reuseport::Group;
use crate::defence::DefenceKind;
use crate::launch::{
    CommonListener, Deployment, Fabric, Fleet, FleetSpec, Host, LaunchError, Scheduling,
    UnmetRequirement, listener,
};
use crate::profile::{CommandContract, Layer, Profile, Retirement, WorkerKind};
use crate::strategy::Strategy;

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
            retirement: Some(Retirement::PassesListenerOn),
            defences: &[DefenceKind::Stall],
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
        let mut fleet = Fleet::new(spec, spec.size())?;
        let (mut fabric, address) = self.open(spec)?;
        fleet.start_server(self.scheduling, &mut *fabric)?;
        fleet.release(address, fabric)
    }
}

impl Threads {
    /// Opens what all threads share, or a listener for each of them. Each new process inherits it.
    fn open(&self, spec: &FleetSpec) -> Result<(Box<dyn Fabric>, SocketAddr), LaunchError> {
        match self.scheduling {
            Scheduling::WorkStealing => {
                let (listener, address) = listener::open(spec.listen)?;
                let header_within = spec.proxy_protocol.clients_header_within();
                let common = CommonListener::new(listener, header_within);
                Ok((Box::new(common), address))
            }
            Scheduling::Separate => {
                let (listeners, address) = listener::open_group(spec.listen, spec.workers.get())?;
                let group = Group::of_one_process(address, listeners, spec)?;
                Ok((Box::new(group), address))
            }
        }
    }
}
