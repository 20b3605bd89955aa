//! Whether a plan can be carried out on a machine.

use std::net::{Ipv4Addr, SocketAddr};

use evenkeel_loadgen::{Address, LoadSpec, Offer, SpecError};

use super::{Plan, PlanError};
use crate::machine::Machine;
use crate::scenario::Scenario;

/// Descriptors of any process in addition to those that are counted: standard streams, the
/// record, listeners, epoll, pipes of its runtime.
const SPARE_FILES: u64 = 64;

/// A proxy holds two descriptors per connection: the client's and the worker's.
const FILES_PER_PROXIED_CONNECTION: u64 = 2;

impl Plan {
    /// Checks that the plan can be carried out on this machine.
    pub(super) fn check(&self, machine: &Machine) -> Result<(), PlanError> {
        self.config.check(machine)?;
        self.check_goal()?;
        self.check_expectations()?;
        self.check_defences()?;
        for scenario in &self.scenarios {
            scenario.check()?;
            self.check_load(scenario)?;
            let (workers, dispatchers) = (self.workers(scenario), self.most_dispatchers());
            scenario.check_changes(self.duration(scenario), workers.get(), dispatchers)?;
            scenario.check_faults(self.duration(scenario), self.hit(scenario))?;
            self.check_weights(scenario)?;
            let place = scenario.place("connections");
            let load = format!("{place}scenario `{}`", scenario.name);
            let connections = u64::from(scenario.connections);
            machine.check_open_files(&load, self.most_open_files(scenario))?;
            machine.check_ports(&load, connections, scenario.client_addresses)?;
        }
        Ok(())
    }

    fn check_goal(&self) -> Result<(), PlanError> {
        let Some(goal) = self.config.goal else {
            return Ok(());
        };
        if self.contestants.len() < 2 {
            return Err(PlanError::NothingToCompare);
        }
        let least = self.time_for(self.trials());
        if least <= goal.max_time {
            return Ok(());
        }
        Err(PlanError::TooLittleTime {
            max_time: goal.max_time,
            blocks: self.config.blocks,
            least,
        })
    }

    /// Returns the number of dispatchers of the fleet or variant that has the most.
    fn most_dispatchers(&self) -> usize {
        let variants = self.config.variants.iter().map(|variant| &variant.fleet);
        let fleets = variants.chain([&self.config.fleet]);
        fleets.fold(1, |most, fleet| most.max(fleet.dispatchers.get()))
    }

    /// Most open files that a single process needs: limits are per process.
    fn most_open_files(&self, scenario: &Scenario) -> u64 {
        let fleet = &self.config.fleet;
        let connections = u64::from(scenario.connections);
        let workers = scenario.most_workers(self.workers(scenario).get()) as u64;
        let dispatchers = fleet.dispatchers.get() as u64;
        let dispatching = self
            .contestants
            .iter()
            .any(|contestant| contestant.strategy.profile().policy.is_some());
        // During a launch, this process holds a socket to each child, and the channels between
        // every dispatcher and every worker.
        let study = if dispatching {
            workers * dispatchers + workers + dispatchers
        } else {
            workers * 2
        };
        let worker = connections + dispatchers;
        let dispatcher = connections * FILES_PER_PROXIED_CONNECTION + workers;
        let of_fleet = if dispatching {
            worker.max(dispatcher)
        } else {
            worker
        };
        let load_threads = self.config.load.load_cpus.len();
        study
            .max(of_fleet)
            .max(files_of_load(connections, load_threads))
    }

    /// Weights are those of the workers of the study, so there can be no others.
    fn check_weights(&self, scenario: &Scenario) -> Result<(), PlanError> {
        let workers = self.config.fleet.workers.get();
        let has_weights = !self.config.fleet.policy().weights.is_empty();
        let most = scenario.most_workers(self.workers(scenario).get());
        match has_weights && most != workers {
            true => Err(PlanError::WeightsOfMore(scenario.name.clone())),
            false => Ok(()),
        }
    }

    fn check_load(&self, scenario: &Scenario) -> Result<(), PlanError> {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut spec = scenario.load_spec(anywhere, self.workers(scenario).get())?;
        spec.duration = self.duration(scenario);
        spec.threads = self.config.load.load_cpus.len();
        spec.validate()
            .map_err(|error| scenario.invalid(key_of(&error), error).into())
    }
}

impl Machine {
    /// Checks that load without a study can be offered from here.
    pub(crate) fn check_load_alone(&self, load: &LoadSpec) -> Result<(), PlanError> {
        let connections = load.most_connections() as u64;
        self.check_open_files("this load", files_of_load(connections, load.threads))?;
        if matches!(load.target.address, Address::Unix(_)) {
            return Ok(());
        }
        // How fast a closed loop opens connections is not known before it runs.
        let taken = match load.offer {
            Offer::Open { .. } => self.ports_taken(load).ceil() as u64,
            Offer::Closed | Offer::Trace(_) => connections,
        };
        let name = match taken > connections {
            true => "this load, with connections whose ports are not free again yet,",
            false => "this load",
        };
        self.check_ports(name, taken, load.client_addresses)
    }

    fn check_open_files(&self, load: &str, needed: u64) -> Result<(), PlanError> {
        let needed = needed + SPARE_FILES;
        if needed <= self.open_files {
            return Ok(());
        }
        Err(PlanError::OpenFiles {
            load: load.to_owned(),
            needed,
            limit: self.open_files,
        })
    }

    fn check_ports(&self, load: &str, connections: u64, addresses: u32) -> Result<(), PlanError> {
        if connections <= u64::from(addresses) * u64::from(self.local_ports) {
            return Ok(());
        }
        Err(PlanError::Ports {
            load: load.to_owned(),
            needed: connections,
            addresses,
            ports: self.local_ports,
        })
    }
}

/// Returns the key of a scenario that an error of its load is about.
fn key_of(error: &SpecError) -> &'static str {
    match error {
        SpecError::Work(_) | SpecError::Unsendable { .. } => "work",
        SpecError::ClientAddresses(_) => "client_addresses",
        SpecError::Rate(_) | SpecError::RateTooHigh(_) => "rate_rps",
        SpecError::NoTimeout => "timeout",
        SpecError::TooManyConnections(_) | SpecError::NoConnections => "connections",
        _ => "arrivals",
    }
}

/// Descriptors of the load: connections, and an epoll instance per thread.
fn files_of_load(connections: u64, threads: usize) -> u64 {
    connections + threads as u64
}
