//! A dispatcher process: it chooses who gets the next connection or request.

use std::io;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::dispatch::{
    channel::{CHANNEL, Sender},
    wake_up::WAKE_UP,
};
use crate::launch::{
    ChildControl, ChildError, ChildSetup, Deployment, Fleet, FleetSpec, Inherited, LISTENER,
    LaunchError, ProxyProtocol, Role, SCOREBOARD, child_setup, listener,
};
use crate::mechanism::handoff::{self, PendingHeaders, WorkerChannels};
use crate::mechanism::proxy;
use crate::mechanism::splice::{self, Pipes};
use crate::mechanism::splice_sockmap::Sockmap;
use crate::policy::{self, Setup};
use crate::view::Scoreboard;

/// What a dispatcher process is told.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DispatcherConfig {
    pub(crate) child_setup: ChildSetup,
    /// Name of the policy.
    pub(crate) policy: String,
    pub(crate) seed: u64,
    pub(crate) options: policy::Options,
    pub(crate) workers: NonZeroUsize,
    pub(crate) proxy_protocol: ProxyProtocol,
    pub(crate) drain_within: Duration,
    pub(crate) passes: Passes,
}

impl DispatcherConfig {
    pub(crate) fn new(
        fleet: &Fleet<'_>,
        policy: &policy::PolicyInfo,
        number: usize,
        passes: Passes,
    ) -> Self {
        let spec = fleet.spec();
        Self {
            child_setup: fleet.child_setup(),
            policy: policy.name.to_owned(),
            // Dispatchers side by side must not draw the same numbers.
            seed: spec.seed.wrapping_add(number as u64),
            options: spec.policy.clone(),
            workers: spec.workers,
            proxy_protocol: spec.proxy_protocol,
            drain_within: spec.drain_within,
            passes,
        }
    }
}

/// What a dispatcher passes on.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Passes {
    /// Connections, over one inherited channel per worker.
    Connections,
    /// Requests, to the workers' own listeners.
    Requests(Vec<SocketAddr>),
    /// The bytes of connections, to the workers' own listeners.
    Bytes(Vec<SocketAddr>),
    /// The same, by a program of the kernel.
    BytesWithinTheKernel(Vec<SocketAddr>),
}

/// Starts dispatchers in front of workers that each have a listener of their own. `passes` says
/// what is passed on to the addresses of these listeners, `header_within` for how long workers
/// wait for the PROXY header that comes before it, if one does.
pub(crate) fn launch(
    spec: &FleetSpec,
    policy: &policy::PolicyInfo,
    header_within: Option<Duration>,
    passes: fn(Vec<SocketAddr>) -> Passes,
) -> Result<Deployment, LaunchError> {
    let (listeners, address) = listener::open_some(spec.listen, spec.dispatchers)?;
    let mut fleet = Fleet::muster(spec, spec.workers)?;
    let upstreams = fleet.start_workers_that_listen(header_within)?;
    for (number, listener) in listeners.into_iter().enumerate() {
        let config = DispatcherConfig::new(&fleet, policy, number, passes(upstreams.clone()));
        fleet.start(
            Role::Dispatcher(number),
            &config,
            Inherited::default().with(LISTENER, listener),
        )?;
    }
    fleet.go(address)
}

/// The `dispatcher` subcommand: dispatches until SIGTERM, then finishes what it holds.
///
/// # Errors
/// [`ChildError`] if the argument or the inherited descriptors are not as a parent leaves
/// them, or the operating system refuses something.
pub fn run(config: &str) -> Result<(), ChildError> {
    let config: DispatcherConfig = serde_json::from_str(config)?;
    let prepare = |inherited: &mut Inherited| Prepared::new(&config, inherited);
    child_setup::run(&config.child_setup, prepare, |prepared, control| {
        prepared.dispatch(&config, control)
    })
}

/// What a dispatcher has in hand when it is ready.
enum Prepared {
    Handoff(Box<handoff::Dispatcher>),
    Proxy(proxy::Dispatcher),
    Splice(splice::Dispatcher<Pipes>),
    SpliceSockmap(splice::Dispatcher<Sockmap>),
}

impl Prepared {
    fn new(config: &DispatcherConfig, inherited: &mut Inherited) -> io::Result<Self> {
        let kind = kind(&config.policy)?;
        let policy = (kind.make)(&Setup {
            workers: config.workers.get(),
            seed: config.seed,
            options: config.options.clone(),
        });
        let listener = inherited.one(LISTENER)?;
        let headers = config.proxy_protocol;
        match &config.passes {
            Passes::Connections => {
                let scoreboard = Scoreboard::join(&inherited.one(SCOREBOARD)?, config.workers)?;
                let channels = inherited.all(CHANNEL).into_iter().map(Sender::new);
                let roster = WorkerChannels::new(channels, scoreboard, kind.feedback);
                let bell = inherited.one(WAKE_UP).ok();
                let reception = headers.clients_header_within().map(PendingHeaders::new);
                handoff::Dispatcher::new(listener, bell, roster, policy, reception)
                    .map(|dispatcher| Self::Handoff(Box::new(dispatcher)))
            }
            Passes::Requests(upstreams) => {
                let header_within = headers.clients_header_within();
                proxy::Dispatcher::new(listener, upstreams.clone(), policy, header_within)
                    .map(Self::Proxy)
            }
            Passes::Bytes(upstreams) => {
                splice::Dispatcher::new(listener, upstreams.clone(), policy, headers)
                    .map(Self::Splice)
            }
            Passes::BytesWithinTheKernel(upstreams) => {
                splice::Dispatcher::new(listener, upstreams.clone(), policy, headers)
                    .map(Self::SpliceSockmap)
            }
        }
    }

    /// The end of `control` says that no more is given to the workers.
    fn dispatch(self, config: &DispatcherConfig, control: ChildControl) -> io::Result<()> {
        match self {
            Self::Handoff(dispatcher) => dispatcher.run(config.drain_within),
            Self::Proxy(proxy) => proxy.run(config.drain_within),
            Self::Splice(splice) => splice.run(config.drain_within, control),
            Self::SpliceSockmap(splice) => splice.run(config.drain_within, control),
        }
    }
}

fn kind(name: &str) -> io::Result<&'static policy::PolicyInfo> {
    let found = policy::all().find(|kind| kind.name == name);
    found.ok_or_else(|| io::Error::other(format!("no policy `{name}` in the catalogue")))
}
