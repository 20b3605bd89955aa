//! One process, and a thread for each worker.

use crate::launch::{
    Accept, ConnectionSource, Deployment, Fleet, FleetSpec, Host, Inherited, LISTENER, LaunchError,
    Scheduling, UnmetRequirement, listener,
};
use crate::profile::{Layer, Profile};
use crate::strategy::Strategy;

/// The workers are threads of one process: what a program in Rust does that has no reason to be
/// several processes. A worker that dies takes all of them along.
#[derive(Debug)]
pub struct Threads {
    key: &'static str,
    scheduling: Scheduling,
}

impl Threads {
    /// Tokio's multi-threaded runtime over one listening socket. A connection is no worker's own:
    /// each request is taken up by whichever thread runs the connection's task just then.
    pub const WORK_STEALING: Self = Self::new("threads:work-stealing", Scheduling::WorkStealing);
    /// A runtime and a SO_REUSEPORT listener for each thread, and the kernel's hash chooses:
    /// actix-web in its way, glommio, monoio. Threads are not bound to a CPU each,
    /// as other workers are not.
    pub const PER_CORE: Self = Self::new("threads:per-core", Scheduling::Apart);

    const fn new(key: &'static str, scheduling: Scheduling) -> Self {
        Self { key, scheduling }
    }
}

impl Strategy for Threads {
    fn key(&self) -> &str {
        self.key
    }

    fn summary(&self) -> String {
        let how = match self.scheduling {
            Scheduling::WorkStealing => {
                "the threads of tokio's work-stealing runtime share one listening socket"
            }
            Scheduling::Apart => {
                "each thread has its own runtime and SO_REUSEPORT listener, and the kernel's hash \
                 chooses"
            }
        };
        format!("one process: {how}")
    }

    fn profile(&self) -> Profile<'_> {
        match self.scheduling {
            Scheduling::WorkStealing => Profile {
                layer: Layer::Requests,
                chooser: "whichever thread is free, by stealing",
                sticky: None,
                needs: None,
                known_from: "tokio's default runtime (axum, hyper), Go's scheduler",
            },
            Scheduling::Apart => Profile {
                layer: Layer::Connections,
                chooser: "the kernel, by a hash of both ends",
                sticky: None,
                needs: None,
                known_from: "glommio, monoio, actix-web (a runtime per thread)",
            },
        }
    }

    fn check(&self, host: &Host) -> Result<(), UnmetRequirement> {
        match self.scheduling {
            Scheduling::WorkStealing => Ok(()),
            Scheduling::Apart => host.needs_kernel((3, 9), "SO_REUSEPORT"),
        }
    }

    fn launch(&self, spec: &FleetSpec) -> Result<Deployment, LaunchError> {
        let (listeners, address) = match self.scheduling {
            Scheduling::WorkStealing => {
                let (listener, address) = listener::open(spec.listen)?;
                (vec![listener], address)
            }
            Scheduling::Apart => listener::open_group(spec.listen, spec.workers.get())?,
        };
        let intake = Inherited::default();
        let intake = listeners
            .into_iter()
            .fold(intake, |intake, listener| intake.with(LISTENER, listener));
        let mut fleet = Fleet::muster(spec, spec.workers)?;
        fleet.start_server(
            self.scheduling,
            ConnectionSource::Listener(Accept::Edge),
            intake,
        )?;
        fleet.go(address)
    }
}
