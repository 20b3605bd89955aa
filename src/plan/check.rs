//! Whether a plan can be carried out on a machine.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;

use super::{Machine, Plan, PlanError};
use crate::cpus::CpuSet;
use crate::scenario::Scenario;

/// Descriptors beside the connections: pipes, listeners, epoll, channels to workers.
const SPARE_FILES: u64 = 64;

/// A proxy holds two descriptors per connection: the client's, and the worker's.
const FILES_PER_CONNECTION: u64 = 2;

impl Plan {
    /// Whether it can be carried out on this machine.
    ///
    /// # Errors
    /// [`PlanError`] for the first thing that stands against it.
    pub(super) fn check(&self, machine: &Machine) -> Result<(), PlanError> {
        self.check_amounts()?;
        machine.check_cpus("--server-cpus", &self.server_cpus)?;
        machine.check_cpus("--load-cpus", &self.load_cpus)?;
        let shared = self.server_cpus.intersection(&self.load_cpus);
        if !shared.is_empty() && machine.cpus.len() > 1 {
            return Err(PlanError::SharedCpus(shared));
        }
        for scenario in &self.scenarios {
            scenario.check()?;
            self.check_load(scenario)?;
            check_room(scenario, machine)?;
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
}

fn check_room(scenario: &Scenario, machine: &Machine) -> Result<(), PlanError> {
    let connections = u64::from(scenario.connections);
    let needed = connections * FILES_PER_CONNECTION + SPARE_FILES;
    if needed > machine.open_files {
        return Err(PlanError::OpenFiles {
            scenario: scenario.name.clone(),
            needed,
            limit: machine.open_files,
        });
    }
    let ports = u64::from(scenario.client_addresses) * u64::from(machine.local_ports);
    if connections > ports {
        return Err(PlanError::Ports {
            scenario: scenario.name.clone(),
            needed: connections,
            addresses: scenario.client_addresses,
            ports: machine.local_ports,
        });
    }
    Ok(())
}
