//! Checks of a [`LoadSpec`] before load is offered.

use std::time::Duration;

use super::{
    LoadSpec, MAX_ARRIVALS, MAX_BYTES_IN_FLIGHT, MAX_CLIENT_ADDRESSES, MAX_CONNECTIONS,
    MAX_PIPELINE, MAX_THREADS, MIN_INTERVAL, Offer, SpecError, WhenBusy, work::validate_target,
};

impl LoadSpec {
    /// Checks everything that can be known before load is offered.
    ///
    /// # Errors
    /// The first problem found.
    pub fn validate(&self) -> Result<(), SpecError> {
        self.validate_amounts()?;
        self.offer.validate(self.warmup, self.duration)?;
        SpecError::OpenPipeline.unless(!self.offer.is_open() || !self.pipelines())?;
        self.validate_end()?;
        self.validate_when_busy()?;
        self.validate_client_addresses()?;
        self.validate_websocket()?;
        self.target.validate()?;
        self.request.validate(&self.target.authority)
    }

    fn validate_amounts(&self) -> Result<(), SpecError> {
        SpecError::NoThreads.unless(self.threads > 0)?;
        SpecError::NoConnections.unless(self.connections > 0)?;
        SpecError::NoDuration.unless(!self.duration.is_zero())?;
        SpecError::NoTimeout.unless(!self.timeout.is_zero())?;
        SpecError::Interval(self.interval).unless(self.interval >= MIN_INTERVAL)?;
        SpecError::TooManyThreads(self.threads).unless(self.threads <= MAX_THREADS)?;
        let connections = self.most_connections();
        SpecError::TooManyConnections(connections).unless(connections <= MAX_CONNECTIONS)?;
        let pipeline = self.pipeline.get();
        SpecError::TooLongPipeline(pipeline).unless(pipeline <= MAX_PIPELINE)?;
        self.validate_in_flight()
    }

    /// Checks the memory of pipelines: each holds a copy of the requests that it has not written.
    fn validate_in_flight(&self) -> Result<(), SpecError> {
        if !self.pipelines() {
            return Ok(());
        }
        let requests = self.connections as u64 * u64::from(self.pipeline.get());
        let bytes = requests.saturating_mul(self.request.least_bytes());
        SpecError::TooMuchInFlight(bytes).unless(bytes <= MAX_BYTES_IN_FLIGHT)
    }

    fn validate_end(&self) -> Result<(), SpecError> {
        if let Offer::Trace(trace) = &self.offer {
            let length = trace.length();
            SpecError::TraceInWarmup(length).unless(length > self.warmup)?;
        } else {
            SpecError::NoEnd.unless(self.duration < Duration::MAX || self.requests.is_some())?;
        }
        let requests = self.requests.map_or(0.0, |requests| requests.get() as f64);
        let is_possible = !self.offer.is_open() || requests <= MAX_ARRIVALS;
        SpecError::TooManyArrivals(requests).unless(is_possible)
    }

    fn validate_when_busy(&self) -> Result<(), SpecError> {
        let WhenBusy::Open { most } = self.when_busy else {
            return Ok(());
        };
        SpecError::WhenBusy(
            "needs an open loop: in a closed loop, requests wait for connections by definition",
        )
        .unless(self.offer.is_open())?;
        SpecError::WhenBusy("needs a limit of at least the number of connections at the start")
            .unless(most >= self.connections)
    }

    fn validate_websocket(&self) -> Result<(), SpecError> {
        let Some(target) = &self.websocket else {
            return Ok(());
        };
        validate_target(target)?;
        SpecError::WebSocket("are not pipelined: leave out the pipeline")
            .unless(!self.pipelines())?;
        SpecError::WebSocket("have neither a method nor a body: leave them out")
            .unless(self.request.is_plain())
    }

    fn validate_client_addresses(&self) -> Result<(), SpecError> {
        let (addresses, target) = (self.client_addresses, &self.target.address);
        let is_possible = (1..=MAX_CLIENT_ADDRESSES).contains(&addresses);
        SpecError::ClientAddresses(addresses).unless(is_possible)?;
        let is_usable = addresses == 1 || target.is_ipv4_loopback();
        SpecError::ClientsOffLoopback(target.clone()).unless(is_usable)
    }
}
