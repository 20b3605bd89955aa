//! Workers that are threads of one process have separate figures.

mod support;

use std::time::Duration;

use evenkeel_strategies::{CpuTime, Deployment, Role, catalog};
use support::client::Client;
use support::launch;
use support::processes::eventually;

const WORKERS: usize = 3;

#[test]
fn cpu_time_is_reported_for_the_thread_that_used_it() {
    for fleet in fleets() {
        let mut client = Client::connect(fleet.address()).expect("the fleet listens");
        let mut asked = [Duration::ZERO; WORKERS];
        for _ in 0..5 {
            let answer = client.get("/spin/20000").expect("an answer");
            asked[answer.worker()] += Duration::from_millis(20);
        }
        eventually("each thread has used what its requests burnt", || {
            let used = cpu_of_workers(&fleet);
            used.iter().zip(asked).all(|(used, asked)| *used >= asked)
        });
        let workers: Duration = cpu_of_workers(&fleet).iter().sum();
        assert!(workers <= fleet.cpu_time());
    }
}

fn cpu_of_workers(fleet: &Deployment) -> Vec<Duration> {
    let total = |cpu: Option<CpuTime>| cpu.expect("its thread runs").total;
    let workers = fleet.snapshot().workers;
    workers.iter().map(|worker| total(worker.cpu)).collect()
}

#[test]
fn a_fleet_of_threads_is_one_process() {
    for fleet in fleets() {
        let roles: Vec<_> = fleet.processes().map(|(role, _)| role).collect();
        assert_eq!(roles, [Role::Server]);
        assert_eq!((fleet.workers(), fleet.threads()), (WORKERS, WORKERS));
    }
}

fn fleets() -> [Deployment; 2] {
    ["threads:work-stealing", "threads:per-core"].map(|key| {
        let strategy = catalog::select(&[key]).expect("it is in the catalogue")[0];
        launch(strategy, WORKERS)
    })
}
