//! Scenarios as specifications for the load generator.

use std::net::SocketAddr;
use std::num::NonZeroU64;

use evenkeel_loadgen::{LoadSpec, Offer};
use evenkeel_reports::LoopKind;

use super::{Arrivals, InvalidScenario, Scenario};

impl Scenario {
    /// Returns the load for a fleet with this number of workers at this address. The caller sets
    /// threads, CPUs, times and the seed.
    ///
    /// # Errors
    /// [`InvalidScenario`] if its work cannot be drawn; its [check](Self::check) finds that, too.
    pub(crate) fn load_spec(
        &self,
        address: SocketAddr,
        workers: usize,
    ) -> Result<LoadSpec, InvalidScenario> {
        let mut spec = LoadSpec::new(address);
        spec.request.work = self
            .work
            .to_load()
            .map_err(|problem| self.invalid("work", problem))?;
        spec.offer = self.offer(workers)?;
        spec.connections = self.connections as usize;
        spec.requests_per_connection = self
            .requests_per_connection
            .map(u64::from)
            .and_then(NonZeroU64::new);
        spec.websocket.clone_from(&self.websocket);
        spec.timeout = self.timeout();
        spec.repeat = self.repeat;
        spec.client_addresses = self.client_addresses;
        spec.proxy_header = self.send_proxy;
        Ok(spec)
    }

    fn offer(&self, workers: usize) -> Result<Offer, InvalidScenario> {
        if self.loop_kind == LoopKind::Closed {
            return Ok(Offer::Closed);
        }
        let arrivals = self.arrivals.as_ref().unwrap_or(&Arrivals::Poisson);
        arrivals
            .offer(self.offered_rps(workers))
            .map_err(|problem| self.invalid("arrivals", problem))
    }
}
