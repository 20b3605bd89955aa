//! Launching a peer.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

use super::recipe::{PeerKind, Recipe};
use super::requirements::Installed;
use super::roster::{Roster, Rule};
use super::running::{Plan, RunningPeer};
use super::source::Source;
use super::supervisor::{Instructions, Supervisor};
use super::variables::{Address, Variables, Worker};
use super::watcher::Watcher;
use super::{configuration::Configuration, readiness::Readiness};
use crate::launch::{
    Deployment, Fleet, FleetSpec, LaunchError, System, Upstreams, descriptors::max_open_files,
    listener,
};

/// Starts a peer by its recipe. The files of the recipe come from `source`. A balancer gets evenkeel
/// workers that each have a listener, as our own proxies do.
pub(crate) fn launch(
    recipe: &Recipe,
    source: &Source,
    installed: &Installed,
    spec: &FleetSpec,
) -> Result<Deployment, LaunchError> {
    // The peer binds the port too, which the kernel allows as long as nobody listens on it.
    let (reserved, address) = listener::reserve(spec.listen)?;
    let launch = Launch {
        recipe,
        source,
        installed,
        spec,
        address,
    };
    match recipe.kind {
        PeerKind::Balancer => {
            let mut upstreams = Upstreams::new(spec, None).kept();
            let mut fleet = Fleet::new(spec, spec.size())?;
            fleet.start_workers(&mut upstreams)?;
            let addresses = upstreams.addresses();
            let deployment = fleet.release(address, Box::new(upstreams))?;
            let balancer = launch.start(&addresses)?;
            Ok(deployment.behind(balancer).keep(reserved))
        }
        PeerKind::Server => {
            let (ports, workers) = reserve_ports(spec.workers.get())?;
            let running = launch.start(&workers)?;
            let deployment = Deployment::new(address, spec.workers.get(), running, spec);
            Ok(deployment.keep((ports, reserved)))
        }
    }
}

fn reserve_ports(count: usize) -> Result<(Vec<OwnedFd>, Vec<SocketAddr>), LaunchError> {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let reserved = (0..count).map(|_| listener::reserve(any));
    let reserved: Vec<_> = reserved.collect::<Result<_, _>>()?;
    Ok(reserved.into_iter().unzip())
}

struct Launch<'a> {
    recipe: &'a Recipe,
    source: &'a Source,
    installed: &'a Installed,
    spec: &'a FleetSpec,
    /// The address to which clients connect.
    address: SocketAddr,
}

impl Launch<'_> {
    /// Starts the peer with workers at these addresses, and waits until it is ready.
    fn start(&self, workers: &[SocketAddr]) -> Result<RunningPeer, LaunchError> {
        let open_files = max_open_files()?;
        let mut supervisor = Supervisor::start(self.spec, open_files)?;
        let variables = self.variables(&supervisor.folder, workers, open_files);
        let configuration = Configuration::render(self.recipe, self.source, &variables)?;
        configuration.write(self.recipe, self.source, &supervisor.folder)?;
        supervisor.run(&Instructions {
            commands: configuration.commands.clone(),
            stop_signal: self.recipe.stop_signal as i32,
            drain_within: self.spec.drain_within,
        })?;
        let rule = Rule {
            supervisor: supervisor.pid(),
            workers: self.recipe.workers.clone(),
        };
        let launched = self.readiness(&rule).wait(&mut supervisor)?;
        let watcher = Watcher::start(rule.supervisor, Roster::new(rule, launched))?;
        let system = System {
            folder: supervisor.folder.clone(),
            configuration: configuration.into_record(),
            versions: self.installed.versions.clone(),
        };
        let plan = Plan {
            recipe: self.recipe.clone(),
            source: self.source.clone(),
            variables,
        };
        let choosers = self.choosers();
        Ok(RunningPeer::new(
            supervisor, watcher, plan, choosers, system,
        ))
    }

    fn variables(&self, folder: &Path, workers: &[SocketAddr], open_files: u64) -> Variables {
        let numbered = workers.iter().enumerate();
        let worker = |(number, address): (usize, &SocketAddr)| Worker {
            number,
            address: Address::from(*address),
        };
        Variables {
            folder: folder.to_owned(),
            address: Address::from(self.address),
            dispatchers: self.spec.dispatchers.get(),
            workers: numbered.map(worker).collect(),
            worker_count: workers.len(),
            open_files,
            installed: self.installed.clone(),
            set: self.recipe.set.clone(),
        }
    }

    fn readiness<'r>(&self, rule: &'r Rule) -> Readiness<'r> {
        let own = self.recipe.ready_within_s.map(Duration::from_secs_f64);
        Readiness {
            address: self.address,
            rule,
            requested: self.spec.workers.get(),
            within: self.spec.ready_within.max(own.unwrap_or_default()),
        }
    }

    fn choosers(&self) -> usize {
        match self.recipe.kind {
            PeerKind::Balancer => self.spec.dispatchers.get(),
            PeerKind::Server => self.recipe.choosers,
        }
    }
}
