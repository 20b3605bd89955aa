//! A scenario as the load generator takes it.

use std::net::SocketAddr;
use std::num::NonZeroU64;

use evenkeel_loadgen::{LoadSpec, Offer};
use evenkeel_reports::LoopKind;

use super::{Arrivals, InvalidScenario, Scenario};

impl Scenario {
    /// The load to offer to a fleet of so many workers at this address. Threads, CPUs, times
    /// and the seed are left to the caller.
    ///
    /// # Errors
    /// [`InvalidScenario`] if its work cannot be drawn from; its [check](Self::check) finds that too.
    pub(crate) fn load_spec(
        &self,
        address: SocketAddr,
        workers: usize,
    ) -> Result<LoadSpec, InvalidScenario> {
        let mut spec = LoadSpec::new(address);
        spec.request.work = self
            .work
            .to_load()
            .map_err(|problem| self.nonsense(problem))?;
        spec.offer = self.offer(workers)?;
        spec.connections = self.connections as usize;
        spec.requests_per_connection = self
            .requests_per_connection
            .map(u64::from)
            .and_then(NonZeroU64::new);
        spec.client_addresses = self.client_addresses;
        spec.proxy_header = self.send_proxy.map(Into::into);
        Ok(spec)
    }
    fn offer(&self, workers: usize) -> Result<Offer, InvalidScenario> {
        if self.loop_kind == LoopKind::Closed {
            return Ok(Offer::Closed);
        }
        let arrivals = self.arrivals.as_ref().unwrap_or(&Arrivals::Poisson);
        arrivals
            .offer(self.offered_rps(workers))
            .map_err(|problem| self.nonsense(problem))
    }
}
