//! Local ports of connections that do not live long.

use evenkeel_loadgen::{Arrivals, LoadSpec, Offer};

use crate::machine::Machine;

/// A connection on loopback costs the load thread alone more than 20 microseconds, so a closed
/// loop opens no more than this per second and thread.
const MOST_OPENED_PER_THREAD: f64 = 50_000.0;

/// The kernel looks for a port among half of them first, and for longer the fuller they are.
const FILLED: f64 = 0.5;

impl Machine {
    /// How many ports are taken at a time at most: by connections, and by those that were
    /// closed not long ago.
    pub(super) fn ports_taken(&self, load: &LoadSpec) -> f64 {
        let held = load.most_connections() as f64;
        let Some(requests) = load.requests_per_connection else {
            return held;
        };
        let opened_per_s = requests_per_s(load) / requests.get() as f64;
        let time = load.warmup.saturating_add(load.duration);
        let by_time = opened_per_s * time.min(self.ports_reused_after).as_secs_f64();
        let most = load
            .requests
            .map_or(f64::INFINITY, |number| number.get() as f64);
        held + by_time.min(most)
    }

    /// How many client addresses a load takes, where they are left to us: only IPv4 loopback
    /// has more than one.
    pub(crate) fn client_addresses(&self, load: &LoadSpec) -> u32 {
        if !load.target.address.is_ipv4_loopback() {
            return 1;
        }
        let ports = f64::from(self.local_ports);
        match self.ports_taken(load) {
            few if few <= ports * FILLED => 1,
            many => (many / (ports * FILLED)).ceil() as u32,
        }
    }
}

/// Requests per second at most.
fn requests_per_s(load: &LoadSpec) -> f64 {
    match &load.offer {
        Offer::Open {
            rate_rps,
            arrivals: Arrivals::Ramp { to_rps },
        } => rate_rps.max(*to_rps),
        Offer::Open { rate_rps, .. } => *rate_rps,
        Offer::Closed | Offer::Trace(_) => load.threads as f64 * MOST_OPENED_PER_THREAD,
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;
    use std::time::Duration;

    use super::*;
    use crate::machine::CpuSet;

    fn machine(reused_after_s: u64) -> Machine {
        Machine {
            cpus: CpuSet::default(),
            core_of: |cpu| cpu,
            open_files: u64::MAX,
            local_ports: 28_232,
            ports_reused_after: Duration::from_secs(reused_after_s),
        }
    }

    fn load(address: &str, rate_rps: f64, per_connection: u64) -> LoadSpec {
        let address: std::net::SocketAddr = address.parse().expect("an address");
        LoadSpec {
            offer: Offer::Open {
                rate_rps,
                arrivals: Arrivals::Poisson,
            },
            connections: 64,
            requests_per_connection: NonZeroU64::new(per_connection),
            duration: Duration::from_secs(300),
            ..LoadSpec::new(address)
        }
    }

    #[test]
    fn addresses_are_as_many_as_keep_their_ports_half_free() {
        for (rate, per_connection, reused_after_s, expected) in [
            (10_000.0, 0, 60, 1),
            (10_000.0, 1, 1, 1),
            (20_000.0, 1, 1, 2),
            (10_000.0, 1, 60, 43),
            (10_000.0, 10, 60, 5),
            (100.0, 1, 60, 1),
        ] {
            let load = load("127.0.0.1:80", rate, per_connection);
            let addresses = machine(reused_after_s).client_addresses(&load);
            assert_eq!(
                addresses, expected,
                "{rate} {per_connection} {reused_after_s}"
            );
        }
    }

    #[test]
    fn a_short_run_takes_no_more_ports_than_it_opens_connections() {
        let machine = machine(60);
        let mut load = load("127.0.0.1:80", 10_000.0, 1);
        load.duration = Duration::from_secs(1);
        assert_eq!(machine.client_addresses(&load), 1);
        load.duration = Duration::MAX;
        load.requests = NonZeroU64::new(100);
        assert_eq!(machine.client_addresses(&load), 1);
    }

    #[test]
    fn only_ipv4_loopback_has_addresses_to_spread_over() {
        let load = load("[::1]:80", 10_000.0, 1);
        assert_eq!(machine(60).client_addresses(&load), 1);
        let refusal = machine(60)
            .check_load_alone(&load)
            .expect_err("too few ports");
        assert!(
            refusal.to_string().contains("28232 ephemeral ports"),
            "{refusal}"
        );
    }
}
