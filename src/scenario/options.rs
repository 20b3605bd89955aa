//! The scenario that options describe, without a file.

use evenkeel_common::toml_file::Origin;
use evenkeel_reports::LoopKind;

use super::{Scenario, Work};
use crate::config::LoadOptions;

/// Its name in reports.
const NAME: &str = "custom";

/// Default connections of a closed loop, as in the built-in scenarios, and most connections of an open one.
const CONNECTIONS: u32 = 64;
const MOST_CONNECTIONS: u32 = 1024;

/// Client addresses, as in the built-in scenarios.
const CLIENT_ADDRESSES: u32 = 64;

impl Scenario {
    /// Returns the scenario of this work: connections that stay open, in an open loop if there is a rate.
    pub(crate) fn of_options(work: Work, load: &LoadOptions) -> Self {
        let (loop_kind, usual) = match load.rate {
            None => (LoopKind::Closed, CONNECTIONS),
            Some(_) => (LoopKind::Open, MOST_CONNECTIONS),
        };
        Self {
            name: NAME.to_owned(),
            summary: format!("connections that stay open, and {work}"),
            loop_kind,
            arrivals: None,
            rate_rps: load.rate,
            utilization: None,
            connections: load.connections.map_or(usual, |given| given.u32()),
            requests_per_connection: None,
            websocket: None,
            repeat: true,
            workers: None,
            client_addresses: CLIENT_ADDRESSES,
            send_proxy: None,
            timeout: None,
            duration: None,
            warmup: None,
            work,
            events: Vec::new(),
            overrides: Vec::new(),
            origin: Origin::default(),
        }
    }
}
