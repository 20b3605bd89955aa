//! How another system comes up.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

use super::configuration::Configuration;
use super::needs::Found;
use super::readiness::Readiness;
use super::recipe::{Kind, Recipe};
use super::running::{About, RunningPeer};
use super::source::Source;
use super::variables::{Place, Variables, Worker};
use crate::launch::{
    Deployment, Fleet, FleetSpec, LaunchError, descriptors::most_open_files, listener,
};
use crate::mechanism::peer::supervisor::{Orders, Supervisor};

/// Starts a system by its recipe, whose files come from `source`, with the programs that were
/// `found`. A balancer gets workers of ours, each with a listener of its own, as our own proxies do.
pub(crate) fn launch(
    recipe: &Recipe,
    source: &Source,
    found: &Found,
    spec: &FleetSpec,
) -> Result<Deployment, LaunchError> {
    // The system binds the port once more, which the kernel allows as long as nobody listens there.
    let (reserved, address) = listener::reserve(spec.listen)?;
    let peer = Peer {
        recipe,
        source,
        found,
        spec,
        address,
    };
    match recipe.kind {
        Kind::Balancer => {
            let mut fleet = Fleet::muster(spec, spec.workers)?;
            let workers = fleet.start_workers_that_listen(None)?;
            let fleet = fleet.go(address)?;
            Ok(fleet.behind(peer.start(&workers)?).keep(reserved))
        }
        Kind::Server => {
            let (ports, workers) = reserve_some(spec.workers.get())?;
            let running = peer.start(&workers)?;
            Ok(Deployment::of_peer(address, running, spec).keep((ports, reserved)))
        }
    }
}

/// Ports for workers that want one each.
fn reserve_some(count: usize) -> Result<(Vec<OwnedFd>, Vec<SocketAddr>), LaunchError> {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let reserved = (0..count).map(|_| listener::reserve(any));
    let reserved: Vec<_> = reserved.collect::<Result<_, _>>()?;
    Ok(reserved.into_iter().unzip())
}

/// A system that is to be started.
struct Peer<'a> {
    recipe: &'a Recipe,
    source: &'a Source,
    found: &'a Found,
    spec: &'a FleetSpec,
    /// Where clients connect.
    address: SocketAddr,
}

impl Peer<'_> {
    /// Starts it with workers at these addresses and waits until it is ready.
    fn start(&self, workers: &[SocketAddr]) -> Result<RunningPeer, LaunchError> {
        let open_files = most_open_files()?;
        let mut supervisor = Supervisor::start(self.spec, open_files)?;
        let variables = self.variables(supervisor.folder(), workers, open_files);
        let configuration = Configuration::render(self.recipe, self.source, &variables)?;
        configuration.lay_out(self.recipe, self.source, supervisor.folder())?;
        supervisor.carry_out(&Orders {
            commands: configuration.commands.clone(),
            stop_signal: self.recipe.stop_signal as i32,
            drain_within: self.spec.drain_within,
        })?;
        let launched = self.readiness().wait(&mut supervisor)?;
        let about = About {
            workers: self.recipe.workers.clone(),
            choosers: self.choosers(),
            configuration: configuration.into_record(),
            versions: self.found.versions.clone(),
        };
        Ok(RunningPeer::new(supervisor, about, launched))
    }

    fn variables(&self, folder: &Path, workers: &[SocketAddr], open_files: u64) -> Variables {
        let numbered = workers.iter().enumerate();
        let worker = |(number, address): (usize, &SocketAddr)| Worker {
            number,
            place: Place::from(*address),
        };
        Variables {
            folder: folder.to_owned(),
            place: Place::from(self.address),
            dispatchers: self.spec.dispatchers.get(),
            workers: numbered.map(worker).collect(),
            worker_count: workers.len(),
            open_files,
            found: self.found.clone(),
            set: self.recipe.set.clone(),
        }
    }

    fn readiness(&self) -> Readiness<'_> {
        let own = self.recipe.ready_within_s.map(Duration::from_secs_f64);
        let workers = self.recipe.workers.as_ref();
        Readiness {
            address: self.address,
            workers: workers.map(|rule| (rule, self.spec.workers.get())),
            within: self.spec.ready_within.max(own.unwrap_or_default()),
        }
    }

    fn choosers(&self) -> usize {
        match self.recipe.kind {
            Kind::Balancer => self.spec.dispatchers.get(),
            Kind::Server => self.recipe.choosers,
        }
    }
}
