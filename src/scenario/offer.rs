//! A scenario as the load generator takes it.

use std::net::SocketAddr;
use std::num::NonZeroU64;

use evenkeel_loadgen::{self as loadgen, LoadSpec, Offer};

use super::{Arrivals, Nonsense, Scenario};

impl Scenario {
    /// The load to offer to a fleet of so many workers at this address. Threads, CPUs, times
    /// and the seed are left to the caller.
    ///
    /// # Errors
    /// [`Nonsense`] if its work cannot be drawn from; its [check](Self::check) finds that too.
    pub(crate) fn load_spec(
        &self,
        address: SocketAddr,
        workers: usize,
    ) -> Result<LoadSpec, Nonsense> {
        let mut spec = LoadSpec::new(address);
        spec.request.work = self
            .work
            .to_load()
            .map_err(|problem| self.nonsense(problem))?;
        spec.offer = self
            .offered_rps(workers)
            .map_or(Offer::Closed, |rate_rps| Offer::Open {
                rate_rps,
                arrivals: self.arrivals.unwrap_or(Arrivals::Poisson).into(),
            });
        spec.connections = self.connections as usize;
        spec.requests_per_connection = self
            .requests_per_connection
            .map(u64::from)
            .and_then(NonZeroU64::new);
        spec.client_addresses = self.client_addresses;
        Ok(spec)
    }
}

impl From<Arrivals> for loadgen::Arrivals {
    fn from(arrivals: Arrivals) -> Self {
        match arrivals {
            Arrivals::Poisson => Self::Poisson,
            Arrivals::Constant => Self::Constant,
        }
    }
}
