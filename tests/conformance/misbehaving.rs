//! Workers that misbehave: it shows as long as it lasts, the others answer, and afterwards all do.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Duration, Instant};

use evenkeel_strategies::worker::{WORK_FIELD, WORKER_FIELD};
use evenkeel_strategies::{Deployment, Fault, Layer, Misbehaviour, Role, Slowness, Strategy};

use crate::support::client::{Answer, Client};
use crate::support::processes::{eventually, is_alive};
use crate::support::{for_each_at_once, launch, slot, supported_strategies};
use crate::{WORKERS, workers_of};

const SLOW: Duration = Duration::from_millis(20);

/// From one byte of an answer to the next.
const DRIP: Duration = Duration::from_millis(50);

/// The least time of an answer of three bytes, of which the first comes at once.
const DRIPPED: Duration = Duration::from_millis(100);

const ALL: [Misbehaviour; 7] = [
    Misbehaviour::Slow(Slowness::Fixed(SLOW)),
    Misbehaviour::Refuse,
    Misbehaviour::Reset,
    Misbehaviour::FailFast,
    Misbehaviour::Lie,
    Misbehaviour::Drip { every: DRIP },
    Misbehaviour::Leak,
];

/// Clients at the same time, each with an address of its own.
const CLIENTS: u8 = 24;

/// It occupies a worker, so that others get some of the clients.
const TARGET: &str = "/block/2000";

/// A fleet with a worker that misbehaves.
struct Fleet<'a> {
    key: &'a str,
    layer: Layer,
    deployment: Deployment,
    /// The number of the worker.
    ill: usize,
}

/// What clients got that came at the same time.
struct Round {
    /// The connections, which are still open.
    clients: Vec<Client>,
    answers: Vec<Answer>,
    took: Duration,
}

impl Fleet<'_> {
    fn ask(&self) -> Round {
        let began = Instant::now();
        let clients = (1..=CLIENTS).filter_map(|number| {
            let address = IpAddr::V4(Ipv4Addr::new(127, 0, 4, number));
            let mut client = Client::connect_from(address, self.deployment.address()).ok()?;
            client.send(TARGET).ok().map(|()| client)
        });
        let mut clients: Vec<Client> = clients.collect();
        let answers = clients.iter_mut().filter_map(|it| it.read_answer().ok());
        Round {
            answers: answers.collect(),
            took: began.elapsed(),
            clients,
        }
    }

    /// Whether what clients got shows what the worker does wrong.
    fn shows(&self, how: Misbehaviour, round: Round) -> bool {
        let mut of_ill = round
            .answers
            .iter()
            .filter(|it| worker(it) == Some(self.ill));
        // The connections of a proxy to its workers, which clients do not see, are kept.
        let is_kept = self.layer == Layer::Requests;
        match how {
            Misbehaviour::Slow(_) => of_ill.any(|it| work(it) >= Some(SLOW)),
            Misbehaviour::Drip { .. } => of_ill.next().is_some() && round.took >= DRIPPED,
            Misbehaviour::FailFast => of_ill.any(|it| it.status == 500),
            Misbehaviour::Refuse | Misbehaviour::Reset => is_kept || of_ill.next().is_none(),
            Misbehaviour::Lie => is_kept || (of_ill.next().is_some() && self.open(self.ill) == 0),
            Misbehaviour::Leak => {
                let is_served = of_ill.next().is_some();
                drop(round);
                is_kept || (is_served && self.keeps_connections())
            }
        }
    }

    /// Whether only this worker has connections when all clients have left.
    fn keeps_connections(&self) -> bool {
        let mut others = (0..self.deployment.workers()).filter(|it| *it != self.ill);
        others.all(|other| {
            eventually(self.key, || self.open(other) == 0);
            true
        });
        self.open(self.ill) > 0
    }

    fn open(&self, worker: usize) -> u64 {
        slot(&self.deployment, worker).connections_open()
    }

    /// Checks that the worker does this wrong as long as it lasts, and nothing afterwards.
    fn check(&self, how: Misbehaviour) {
        let (key, fault) = (self.key, Fault::Misbehave(how));
        let role = Role::Worker(self.ill);
        if let Err(unmet) = self.deployment.can_inject(&fault, role) {
            eprintln!("not injected: {key}: {unmet}");
            assert_eq!(how, Misbehaviour::Refuse, "{key}: {unmet}");
            return;
        }
        let active = self.deployment.inject(&fault, role).expect(key);
        let mut others_answer = self.deployment.workers() == 1;
        eventually(&format!("{key}: {how:?} shows, and others answer"), || {
            let round = self.ask();
            others_answer |= is_answered_by_others(&round, self.ill);
            self.shows(how, round) && others_answer
        });
        drop(active);
        eventually(&format!("{key}: all answer after {how:?}"), || {
            let Round {
                answers, clients, ..
            } = self.ask();
            let workers: BTreeSet<_> = answers.iter().filter_map(worker).collect();
            clients.len() == answers.len()
                && answers.len() == usize::from(CLIENTS)
                && answers.iter().all(|it| it.status == 200)
                && workers.contains(&self.ill)
        });
    }
}

fn is_answered_by_others(round: &Round, ill: usize) -> bool {
    let mut answers = round.answers.iter();
    answers.any(|it| it.status == 200 && worker(it) != Some(ill))
}

/// The number of the worker; `None` of an answer of a dispatcher.
fn worker(answer: &Answer) -> Option<usize> {
    answer.field(WORKER_FIELD)?.parse().ok()
}

fn work(answer: &Answer) -> Option<Duration> {
    let nanoseconds = answer.field(WORK_FIELD)?.parse().ok()?;
    Some(Duration::from_nanos(nanoseconds))
}

/// Returns the first strategy of each mechanism: faults are the same under all policies.
fn one_of_each_mechanism() -> Vec<&'static dyn Strategy> {
    let mut strategies = supported_strategies();
    let mut known = BTreeSet::new();
    strategies.retain(|strategy| known.insert(strategy.profile().mechanism.to_owned()));
    strategies
}

#[test]
fn a_worker_misbehaves_as_long_as_it_is_told_to_and_the_others_answer() {
    for_each_at_once(&one_of_each_mechanism(), |strategy| {
        let fleet = Fleet {
            key: strategy.key(),
            layer: strategy.profile().layer,
            deployment: launch(*strategy, WORKERS),
            ill: workers_of(*strategy) - 1,
        };
        ALL.into_iter().for_each(|how| fleet.check(how));
        let mut deployment = fleet.deployment;
        assert_eq!(deployment.deaths(), [""; 0], "{}", fleet.key);
        let processes: Vec<_> = deployment.processes().collect();
        drop(deployment);
        assert!(processes.iter().all(|(_, pid)| !is_alive(*pid)));
    });
}

#[test]
fn a_dispatcher_does_not_misbehave() {
    for strategy in one_of_each_mechanism() {
        if strategy.profile().policy.is_some() {
            let fleet = launch(strategy, 1);
            let fault = Fault::Misbehave(Misbehaviour::Leak);
            let unmet = fleet.can_inject(&fault, Role::Dispatcher(0));
            let said = unmet.expect_err(strategy.key()).to_string();
            assert!(said.contains("only a worker misbehaves"), "{said}");
            break;
        }
    }
}
