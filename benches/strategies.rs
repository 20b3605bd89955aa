//! Time per request of each of evenkeel's own strategies, end to end, under the load of a scenario.
//!
//! Groups are scenarios and functions are keys, so benchmarks have the same names as in the output of
//! `evenkeel report --format critcmp`: `short-lived/reuseport`.

#[path = "../tests/support/mod.rs"]
mod support;

use std::net::SocketAddr;
use std::num::NonZeroU64;
use std::panic::resume_unwind;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use evenkeel_loadgen::{LoadSpec, Work};
use evenkeel_strategies::{Deployment, Host, catalog};
use serde::Deserialize;
use support::fleet_spec;

/// The closed-loop scenarios of a study without arguments.
const SCENARIOS: [&str; 2] = [
    include_str!("../studies/short-lived.toml"),
    include_str!("../studies/keep-alive.toml"),
];

/// Number of workers that a study has on a small machine.
const WORKERS: usize = 4;

#[derive(Deserialize)]
struct Scenario {
    name: String,
    connections: usize,
    requests_per_connection: Option<NonZeroU64>,
    client_addresses: u32,
    work: String,
}

fn strategies(criterion: &mut Criterion) {
    let host = Host::probe();
    for text in SCENARIOS {
        let scenario: Scenario = toml::from_str(text).expect("a scenario with one kind of work");
        let mut group = criterion.benchmark_group(&scenario.name);
        for strategy in catalog::OURS.iter() {
            if let Err(unmet) = strategy.check(&host) {
                eprintln!("{}/{}: skipped: {unmet}", scenario.name, strategy.key());
                continue;
            }
            let fleet = strategy.launch(&fleet_spec(WORKERS)).expect("a fleet");
            group.bench_function(strategy.key(), |bencher| {
                bencher.iter_custom(|requests| scenario.offer_from_within(&fleet, requests));
            });
        }
    }
}

impl Scenario {
    /// Runs [`offer`](Self::offer) in the fleet's network namespace. A thread that enters a namespace stays
    /// there, and the next fleet must start outside, so this uses another thread.
    fn offer_from_within(&self, fleet: &Deployment, requests: u64) -> Duration {
        std::thread::scope(|scope| {
            let there = scope.spawn(|| {
                fleet
                    .enter()
                    .expect("a process may enter its own namespace");
                self.offer(fleet.address(), requests)
            });
            there.join().unwrap_or_else(|panic| resume_unwind(panic))
        })
    }

    /// Returns the time that a fleet takes to answer this number of requests.
    fn offer(&self, fleet: SocketAddr, requests: u64) -> Duration {
        let mut spec = LoadSpec::new(fleet);
        spec.request.work = Work::Target(self.work.clone());
        spec.connections = self.connections;
        spec.requests_per_connection = self.requests_per_connection;
        spec.client_addresses = self.client_addresses;
        spec.requests = NonZeroU64::new(requests);
        spec.duration = Duration::MAX;
        let outcome = evenkeel_loadgen::run(&spec, &AtomicBool::new(false), &mut ());
        let outcome = outcome.expect("the load can be offered");
        assert_eq!(outcome.failures(), 0, "{:?}", outcome.errors);
        outcome.duration
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_secs(1));
    targets = strategies
}
criterion_main!(benches);
