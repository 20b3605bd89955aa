//! Local ports of short-lived connections.

use evenkeel_loadgen::{Arrivals, LoadSpec, Offer};

use crate::machine::Machine;

/// Most connections that a load thread opens per second in a closed loop: each takes the thread
/// more than 20 microseconds on loopback.
const MOST_OPENED_PER_THREAD: f64 = 50_000.0;

/// Share of ports in use up to which the kernel finds a port quickly: it searches half of them first.
const FILLED: f64 = 0.5;

impl Machine {
    /// Returns the most ports in use at the same time, by open and by recently closed connections.
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

    /// Returns the default number of client addresses for a load; only IPv4 loopback has more than
    /// one.
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

/// Returns the most requests per second.
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
    fn there_are_enough_addresses_to_keep_half_of_the_ports_free() {
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
    fn a_short_run_uses_at_most_a_port_per_connection() {
        let machine = machine(60);
        let mut load = load("127.0.0.1:80", 10_000.0, 1);
        load.duration = Duration::from_secs(1);
        assert_eq!(machine.client_addresses(&load), 1);
        load.duration = Duration::MAX;
        load.requests = NonZeroU64::new(100);
        assert_eq!(machine.client_addresses(&load), 1);
    }

    #[test]
    fn only_ipv4_loopback_has_several_addresses() {
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
