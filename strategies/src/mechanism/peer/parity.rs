//! Whether a peer behaves like our own worker, so that their figures can be compared.

mod answers;
mod client;
mod files;

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use client::{Answer, Client};
use files::Sizes;

use crate::launch::{Deployment, FleetSpec, LaunchError};
use crate::mechanism::single::Single;
use crate::profile::{Layer, Profile};
use crate::strategy::Strategy;
use crate::view::Scoreboard;
use crate::worker::WORKER_FIELD;

/// The targets that are requested, as far as the peer serves them: every kind of work, and bodies
/// up to one that takes several reads and repeats the pattern.
const TARGETS: [&str; 7] = [
    "/",
    "/bytes/0",
    "/bytes/1024",
    "/bytes/262144",
    "/spin/1000",
    "/block/1000",
    // Timers of event loops tick in milliseconds, and the first tick may come early.
    "/sleep/5000",
];

/// Requests on one connection. A system that closes connections after more requests than these
/// spends less than a hundredth of the cost of a request on new connections. They take about 10 ms.
const REQUESTS: usize = 100;

/// Time limit for the comparison, which takes some tens of milliseconds.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// Compares a fleet of a peer, which has this profile, with our own worker. Returns a sentence for
/// each difference that makes their figures incomparable, none if the peer is in parity. It launches
/// `single` for a moment, and sends some hundred requests over one connection to the fleet.
///
/// # Errors
/// [`LaunchError`] if our worker cannot be started.
pub fn differences(
    profile: &Profile<'_>,
    fleet: &Deployment,
    spec: &FleetSpec,
) -> Result<Vec<String>, LaunchError> {
    let Some(system) = fleet.system() else {
        return Ok(Vec::new());
    };
    let mut single = FleetSpec::new(&spec.executable, spec.workers);
    single.cpus.clone_from(&spec.cpus);
    let reference = Single.launch(&single)?;
    let numbers = || (0..fleet.workers() as u32).collect();
    let names = |pids: Vec<i32>| pids.into_iter().map(|pid| pid as u32).collect();
    let is_per_request = profile.layer == Layer::Requests;
    let subject = Subject {
        address: fleet.address(),
        folder: &system.folder,
        serves: &|target| profile.targets.include(target),
        requested_workers: spec.workers.get(),
        workers: fleet.worker_pids().map_or_else(numbers, names),
        upstream: fleet.scoreboard().filter(|_| is_per_request),
    };
    Ok(compare(&subject, reference.address()))
}

/// A running system that is compared with our worker.
struct Subject<'a> {
    address: SocketAddr,
    folder: &'a Path,
    serves: &'a dyn Fn(&str) -> bool,
    requested_workers: usize,
    /// Names of its workers, as they appear in answers.
    workers: BTreeSet<u32>,
    /// The counters of our workers behind it, if it gives each request to one of them.
    upstream: Option<&'a Scoreboard>,
}

/// Compares a system with our worker at `reference`. Returns one sentence per difference.
fn compare(system: &Subject<'_>, reference: SocketAddr) -> Vec<String> {
    let deadline = Instant::now() + TIME_LIMIT;
    let mut theirs = Client::new(system.address, deadline);
    let mut ours = Client::new(reference, deadline);
    let mut comparison = Comparison {
        system,
        answers: 0,
        unknown_answers: 0,
        first_unknown: None,
        differences: Vec::new(),
    };
    comparison.count_workers();
    if let Err((target, error)) = comparison.compare(&mut theirs, &mut ours) {
        comparison.differences.push(format!(
            "`{target}` got no complete answer, so the comparison ended there: {error}"
        ));
    }
    comparison.report_unknown_workers();
    theirs.finish();
    ours.finish();
    comparison.differences
}

struct Comparison<'a> {
    system: &'a Subject<'a>,
    /// Answers received so far.
    answers: usize,
    /// How many of them name none of the system's workers, and the first such name.
    unknown_answers: usize,
    first_unknown: Option<String>,
    differences: Vec<String>,
}

/// The target that got no answer, and why.
type RequestError = (String, io::Error);

impl Comparison<'_> {
    fn count_workers(&mut self) {
        let (requested, found) = (self.system.requested_workers, self.system.workers.len());
        if found != requested {
            self.differences.push(format!(
                "it has {found} worker processes, but {requested} were requested"
            ));
        }
    }

    fn compare(&mut self, theirs: &mut Client, ours: &mut Client) -> Result<(), RequestError> {
        let folder = self.system.folder;
        let before = Sizes::of(folder);
        for target in TARGETS {
            if (self.system.serves)(target) {
                let answer = self.get(theirs, target)?;
                let expected = ours.get(target).map_err(|error| failed(target, error))?;
                let differences = answers::differences(target, &answer, &expected);
                self.differences.extend(differences);
            }
        }
        let between = Sizes::of(folder);
        self.check_keep_alive(theirs)?;
        // Only an access log grows twice. What is written once, such as at the start of a process,
        // does not.
        let after = Sizes::of(folder);
        let grown_before = between.grown_since(&before);
        for file in after.grown_since(&between) {
            if grown_before.contains(&file) {
                let name = file.strip_prefix(folder).unwrap_or(file).display();
                self.differences
                    .push(format!("requests are logged: `{name}` grows with them"));
            }
        }
        Ok(())
    }

    /// Checks whether connections are kept open, both those of clients and those to workers.
    fn check_keep_alive(&mut self, theirs: &mut Client) -> Result<(), RequestError> {
        let requests = REQUESTS.max(3 * self.system.requested_workers);
        let accepted = || self.system.upstream.map_or(0, accepted);
        let before = accepted();
        for _ in 0..requests {
            self.get(theirs, "/")?;
        }
        let (closed, answers) = (theirs.connects - 1, self.answers);
        if closed > 0 {
            self.differences.push(format!(
                "connections are not kept open: it closed {closed} in {answers} requests"
            ));
        }
        // Round robin may open one to each worker, which is at most a third of the requests.
        let opened = accepted() - before;
        if opened > requests as u64 / 2 {
            self.differences.push(format!(
                "connections to workers are not kept open: it opened {opened} for {requests} requests"
            ));
        }
        Ok(())
    }

    fn get(&mut self, client: &mut Client, target: &str) -> Result<Answer, RequestError> {
        let answer = client.get(target).map_err(|error| failed(target, error))?;
        self.answers += 1;
        let name = answer.head.fields.get(WORKER_FIELD);
        let name = name.and_then(|name| name.to_str().ok()).unwrap_or("none");
        let is_known = |name: u32| self.system.workers.contains(&name);
        if !name.parse().is_ok_and(is_known) {
            self.unknown_answers += 1;
            self.first_unknown.get_or_insert_with(|| name.to_owned());
        }
        Ok(answer)
    }

    fn report_unknown_workers(&mut self) {
        let (unknown, answers) = (self.unknown_answers, self.answers);
        if let Some(name) = &self.first_unknown {
            self.differences.push(format!(
                "{unknown} of {answers} answers name none of its workers: the first has `{name}` in \
                 {WORKER_FIELD}"
            ));
        }
    }
}

fn failed(target: &str, error: io::Error) -> RequestError {
    (target.to_owned(), error)
}

/// Returns the number of connections that all workers have accepted.
fn accepted(scoreboard: &Scoreboard) -> u64 {
    let workers = 0..scoreboard.workers();
    let accepted = workers.map(|worker| scoreboard.slot(worker).connections_accepted());
    accepted.sum()
}

#[cfg(test)]
mod tests;
