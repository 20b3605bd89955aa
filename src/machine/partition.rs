//! Which CPUs serve and which offer load.

use thiserror::Error;

use super::{CpuSet, Machine};

/// CPUs that a study cannot use.
#[derive(Debug, Error)]
pub(crate) enum CpuError {
    #[error(
        "`{option}` names CPUs {missing}, which this process may not use; it may use {allowed}"
    )]
    Unavailable {
        option: &'static str,
        missing: CpuSet,
        allowed: CpuSet,
    },
    #[error("`{option}` takes every CPU ({allowed}) and leaves none for {other}; leave some out")]
    NoneLeft {
        option: &'static str,
        allowed: CpuSet,
        other: &'static str,
    },
    #[error(
        "`--server-cpus` and `--load-cpus` share CPUs {0}; servers and load would disturb each \
         other, so give sets that do not overlap"
    )]
    Shared(CpuSet),
}

const SERVERS: &str = "--server-cpus";
const LOAD: &str = "--load-cpus";

impl Machine {
    /// Returns the CPUs of a fleet without a study: `named`, or the servers' half.
    pub(crate) fn server_cpus(&self, named: Option<&CpuSet>) -> Result<CpuSet, CpuError> {
        match named {
            Some(cpus) => self.available(SERVERS, cpus),
            None => Ok(self.cpus.halves(self.core_of).0),
        }
    }

    /// Returns the CPUs of load without a study: `named`, or the other half.
    pub(crate) fn load_cpus(&self, named: Option<&CpuSet>) -> Result<CpuSet, CpuError> {
        match named {
            Some(cpus) => self.available(LOAD, cpus),
            None => Ok(self.cpus.halves(self.core_of).1),
        }
    }

    /// Returns the CPUs of servers and of load, disjoint unless there is a single CPU. Where one
    /// side is named, the other gets the rest.
    pub(crate) fn split_cpus(
        &self,
        servers: Option<&CpuSet>,
        load: Option<&CpuSet>,
    ) -> Result<(CpuSet, CpuSet), CpuError> {
        match (servers, load) {
            (None, None) => Ok(self.cpus.halves(self.core_of)),
            (Some(servers), None) => {
                Ok((servers.clone(), self.rest(servers, SERVERS, "the load")?))
            }
            (None, Some(load)) => Ok((self.rest(load, LOAD, "the servers")?, load.clone())),
            (Some(servers), Some(load)) => Ok((servers.clone(), load.clone())),
        }
    }

    /// Checks that a study can run on these CPUs.
    pub(crate) fn check_split(&self, servers: &CpuSet, load: &CpuSet) -> Result<(), CpuError> {
        self.available(SERVERS, servers)?;
        self.available(LOAD, load)?;
        let shared = servers.intersection(load);
        match shared.is_empty() || self.cpus.len() == 1 {
            true => Ok(()),
            false => Err(CpuError::Shared(shared)),
        }
    }

    fn rest(
        &self,
        taken: &CpuSet,
        option: &'static str,
        other: &'static str,
    ) -> Result<CpuSet, CpuError> {
        self.available(option, taken)?;
        let rest = self.cpus.difference(taken);
        let allowed = self.cpus.clone();
        match (rest.is_empty(), allowed.len()) {
            (false, _) => Ok(rest),
            (true, 1) => Ok(allowed),
            (true, _) => Err(CpuError::NoneLeft {
                option,
                allowed,
                other,
            }),
        }
    }

    fn available(&self, option: &'static str, cpus: &CpuSet) -> Result<CpuSet, CpuError> {
        let missing = cpus.difference(&self.cpus);
        let allowed = self.cpus.clone();
        match missing.is_empty() {
            true => Ok(cpus.clone()),
            false => Err(CpuError::Unavailable {
                option,
                missing,
                allowed,
            }),
        }
    }
}
