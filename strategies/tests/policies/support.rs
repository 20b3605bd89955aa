//! Policies from the catalogue, fleets and arrivals.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use evenkeel_strategies::Workers;
use evenkeel_strategies::policy::{self, Arrival, Pick, Policy, PolicyInfo, Setup};
use proptest::prelude::*;

pub(crate) fn kind(name: &str) -> &'static PolicyInfo {
    let policies = policy::all();
    policies
        .into_iter()
        .find(|kind| kind.name == name)
        .expect("a policy of the catalogue")
}

/// Creates a policy for `workers` workers.
pub(crate) fn policy(name: &str, workers: usize) -> Box<dyn Policy> {
    (kind(name).make)(&Setup::new(workers, 1))
}

pub(crate) fn client(number: u32) -> Arrival {
    let client = IpAddr::V4(Ipv4Addr::from_bits(0x7f00_0000 + number));
    Arrival {
        client,
        at: Duration::from_millis(number.into()),
        affinity_key: None,
    }
}

/// Creates a fleet with these loads.
pub(crate) fn loaded(loads: &[u32]) -> Workers {
    let mut workers = Workers::new(loads.len());
    for (worker, load) in loads.iter().enumerate() {
        (0..*load).for_each(|_| workers.begin(worker));
    }
    workers
}

pub(crate) fn picks(policy: &mut dyn Policy, arrivals: u32, workers: &mut Workers) -> Vec<usize> {
    let worker = |pick| match pick {
        Pick::Worker(worker) => worker,
        Pick::Wait => panic!("workers are available"),
    };
    (0..arrivals)
        .map(|number| worker(policy.pick(&client(number), workers)))
        .collect()
}

pub(crate) fn counts(picks: &[usize], workers: usize) -> Vec<usize> {
    (0..workers)
        .map(|worker| picks.iter().filter(|pick| **pick == worker).count())
        .collect()
}

/// Generates fleets: for each worker whether it is available, and its load.
pub(crate) fn any_fleet() -> impl Strategy<Value = Vec<(bool, u32)>> {
    prop::collection::vec((any::<bool>(), 0..4_u32), 1..20)
}

pub(crate) fn fleet(state: &[(bool, u32)]) -> Workers {
    let loads: Vec<u32> = state.iter().map(|(_, load)| *load).collect();
    let mut workers = loaded(&loads);
    for (worker, (available, _)) in state.iter().enumerate() {
        workers.set_available(worker, *available);
    }
    workers
}
