//! Checks of a [`LoadSpec`] before load is offered.

use std::time::Duration;

use super::error::SpecError;
use super::limits::{MAX_ARRIVALS, MAX_CLIENT_ADDRESSES, MIN_INTERVAL};
use super::{LoadSpec, Offer, WhenBusy};

impl LoadSpec {
    /// Checks everything that can be known before load is offered.
    ///
    /// # Errors
    /// The first problem found.
    pub fn validate(&self) -> Result<(), SpecError> {
        self.validate_amounts()?;
        self.validate_offer()?;
        self.validate_end()?;
        self.validate_when_busy()?;
        self.validate_client_addresses()?;
        self.target.validate()?;
        self.request.validate(&self.target.authority)
    }

    fn validate_amounts(&self) -> Result<(), SpecError> {
        if self.threads == 0 {
            return Err(SpecError::NoThreads);
        }
        if self.connections == 0 {
            return Err(SpecError::NoConnections);
        }
        if self.duration.is_zero() {
            return Err(SpecError::NoDuration);
        }
        if self.timeout.is_zero() {
            return Err(SpecError::NoTimeout);
        }
        if self.interval < MIN_INTERVAL {
            return Err(SpecError::Interval(self.interval));
        }
        Ok(())
    }

    fn validate_offer(&self) -> Result<(), SpecError> {
        self.offer.validate(self.warmup, self.duration)?;
        if self.offer.is_open() && self.pipeline.get() > 1 {
            return Err(SpecError::OpenPipeline);
        }
        Ok(())
    }

    fn validate_end(&self) -> Result<(), SpecError> {
        if let Offer::Trace(trace) = &self.offer
            && trace.length() <= self.warmup
        {
            return Err(SpecError::TraceInWarmup(trace.length()));
        }
        let requests = self.requests.map_or(0.0, |requests| requests.get() as f64);
        if self.offer.is_open() && requests > MAX_ARRIVALS {
            return Err(SpecError::TooManyArrivals(requests));
        }
        let has_end = matches!(self.offer, Offer::Trace(_))
            || self.duration < Duration::MAX
            || self.requests.is_some();
        has_end.then_some(()).ok_or(SpecError::NoEnd)
    }

    fn validate_when_busy(&self) -> Result<(), SpecError> {
        match self.when_busy {
            WhenBusy::Open { .. } if !self.offer.is_open() => Err(SpecError::WhenBusy(
                "needs an open loop: in a closed loop, requests wait for connections by definition",
            )),
            WhenBusy::Open { most } if most < self.connections => Err(SpecError::WhenBusy(
                "needs a limit of at least the number of connections at the start",
            )),
            WhenBusy::Open { .. } | WhenBusy::Wait => Ok(()),
        }
    }

    fn validate_client_addresses(&self) -> Result<(), SpecError> {
        if self.client_addresses == 0 || self.client_addresses > MAX_CLIENT_ADDRESSES {
            return Err(SpecError::ClientAddresses(self.client_addresses));
        }
        let target = &self.target.address;
        if self.client_addresses > 1 && !target.is_ipv4_loopback() {
            return Err(SpecError::ClientsOffLoopback(target.clone()));
        }
        Ok(())
    }
}
