//! Whether a plan can be carried out on a machine.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::{NonZeroU16, NonZeroU32, NonZeroUsize};

use evenkeel_loadgen::{Address, LoadSpec, Offer};
use evenkeel_strategies::policy;

use super::{Plan, PlanError};
use crate::machine::{CpuSet, Machine};
use crate::scenario::Scenario;

/// Descriptors of any process beside those that are counted: standard streams, the record,
/// listeners, epoll, pipes of its runtime.
const SPARE_FILES: u64 = 64;

/// A proxy holds two descriptors per connection: the client's, and the worker's.
const FILES_PER_PROXIED_CONNECTION: u64 = 2;

impl Plan {
    /// Whether it can be carried out on this machine.
    ///
    /// # Errors
    /// [`PlanError`] for the first thing that stands against it.
    pub(super) fn check(&self, machine: &Machine) -> Result<(), PlanError> {
        self.check_amounts()?;
        self.check_goal()?;
        machine.check_cpus("--server-cpus", &self.server_cpus)?;
        machine.check_cpus("--load-cpus", &self.load_cpus)?;
        let shared = self.server_cpus.intersection(&self.load_cpus);
        if !shared.is_empty() && machine.cpus.len() > 1 {
            return Err(PlanError::SharedCpus(shared));
        }
        for scenario in &self.scenarios {
            scenario.check()?;
            self.check_load(scenario)?;
            let load = format!("scenario `{}`", scenario.name);
            let connections = u64::from(scenario.connections);
            machine.check_open_files(&load, self.most_open_files(connections))?;
            machine.check_ports(&load, connections, scenario.client_addresses)?;
        }
        Ok(())
    }

    fn check_amounts(&self) -> Result<(), PlanError> {
        let zero = |option, problem| {
            let value = "0".to_owned();
            Err(PlanError::Amount {
                option,
                value,
                problem,
            })
        };
        if self.blocks == 0 {
            return zero("--blocks", "a study has at least one block");
        }
        if self.duration.is_zero() {
            return zero("--duration", "measuring takes time, such as 1s");
        }
        Ok(())
    }

    /// The most open files that any one process needs: limits are per process.
    fn most_open_files(&self, connections: u64) -> u64 {
        let (workers, dispatchers) = (self.workers.get() as u64, self.dispatchers.get() as u64);
        let dispatching = self
            .strategies
            .iter()
            .any(|contestant| contestant.strategy.policy().is_some());
        // While a fleet comes up, this process holds a socket to each child, and those by
        // which every dispatcher is to reach every worker.
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
        study
            .max(of_fleet)
            .max(files_of_load(connections, self.load_cpus.len()))
    }

    fn check_load(&self, scenario: &Scenario) -> Result<(), PlanError> {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut spec = scenario.load_spec(anywhere, self.workers.get())?;
        spec.duration = self.duration;
        spec.threads = self.load_cpus.len();
        spec.validate().map_err(|source| PlanError::Load {
            scenario: scenario.name.clone(),
            source,
        })
    }
}

/// More is a typing error rather than a wish: the benches of the policies end there, too.
const MOST_PROCESSES: u32 = 1024;

/// The number of processes of a kind, if a fleet can have so many.
///
/// # Errors
/// [`PlanError::Amount`] under the name of the option.
pub(crate) fn process_count(option: &'static str, count: u32) -> Result<NonZeroUsize, PlanError> {
    let problem = match (NonZeroUsize::new(count as usize), count) {
        (None, _) => "a fleet needs at least one",
        (Some(count), ..=MOST_PROCESSES) => return Ok(count),
        _ => "one machine has no use for more than 1024; give fewer",
    };
    let value = count.to_string();
    Err(PlanError::Amount {
        option,
        value,
        problem,
    })
}

/// What is ordered of policies, for so many workers.
///
/// # Errors
/// [`PlanError`] if a worker may do nothing, or weights are not one for each worker.
pub(crate) fn policy_options(
    max_in_flight: Option<u32>,
    weights: &[u32],
    workers: u32,
) -> Result<policy::Options, PlanError> {
    let refused = |option, value: u32, problem| PlanError::Amount {
        option,
        value: value.to_string(),
        problem,
    };
    if !weights.is_empty() && weights.len() != workers as usize {
        let weights = weights.len();
        return Err(PlanError::Weights { weights, workers });
    }
    let weight = |weight: &u32| {
        let problem = match weight {
            0 => "a worker that is to get nothing is none; leave it out and give `-w`",
            _ => "a weight is at most 65535; divide all of them by the same number",
        };
        let weight16 = u16::try_from(*weight).ok().and_then(NonZeroU16::new);
        weight16.ok_or_else(|| refused("--weights", *weight, problem))
    };
    let limit = max_in_flight.unwrap_or(1);
    let problem = "a worker that may have nothing in flight does nothing; give 1 or more";
    Ok(policy::Options {
        max_in_flight: NonZeroU32::new(limit)
            .ok_or_else(|| refused("--max-in-flight", limit, problem))?,
        weights: weights.iter().map(weight).collect::<Result<_, _>>()?,
    })
}

impl Machine {
    /// Whether this process may use these CPUs.
    ///
    /// # Errors
    /// [`PlanError::NoSuchCpus`] with those that it may not.
    pub(super) fn check_cpus(&self, option: &'static str, cpus: &CpuSet) -> Result<(), PlanError> {
        let missing = cpus.difference(&self.cpus);
        if missing.is_empty() {
            return Ok(());
        }
        let allowed = self.cpus.clone();
        Err(PlanError::NoSuchCpus {
            option,
            missing,
            allowed,
        })
    }

    /// Whether load without a study can be offered from here.
    ///
    /// # Errors
    /// [`PlanError::OpenFiles`] or [`PlanError::Ports`].
    pub(crate) fn check_load_alone(&self, load: &LoadSpec) -> Result<(), PlanError> {
        let connections = load.most_connections() as u64;
        self.check_open_files("this load", files_of_load(connections, load.threads))?;
        if matches!(load.target.address, Address::Unix(_)) {
            return Ok(());
        }
        // How fast a closed loop opens connections shows only when it runs.
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

/// Descriptors of the load: connections, and an epoll instance per thread.
fn files_of_load(connections: u64, threads: usize) -> u64 {
    connections + threads as u64
}
