//! Whether another system does what our worker does, so that their figures can stand side by side.

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

use super::Peer;
use crate::launch::{Deployment, FleetSpec, LaunchError};
use crate::mechanism::single::Single;
use crate::profile::Layer;
use crate::strategy::Strategy;
use crate::view::Scoreboard;
use crate::worker::WORKER_FIELD;

/// What is asked for, as far as it is served: every kind of work, and bodies up to one that takes
/// several reads and repeats what the pattern of our worker repeats.
const TARGETS: [&str; 7] = [
    "/",
    "/bytes/0",
    "/bytes/1024",
    "/bytes/262144",
    "/spin/1000",
    "/block/1000",
    // Timers of event loops tick in milliseconds, and one that has begun counts as a whole one.
    "/sleep/5000",
];

/// Who ends a connection after more requests than these spends less than a hundredth of what a
/// request costs on new ones. At a tenth of a millisecond each they take 10 ms.
const REQUESTS: usize = 100;

/// All of it takes some tens of milliseconds. Who needs as long as this is not waited for.
const PATIENCE: Duration = Duration::from_secs(5);

impl Peer {
    /// In what a fleet of it, as it was ordered, differs from our own worker where both should be
    /// alike: one sentence each, none if it is in parity. To hold it against that, `single` is
    /// launched for a moment. The fleet gets some hundred requests over one connection.
    ///
    /// # Errors
    /// [`LaunchError`] if our worker cannot be started.
    pub fn differences(
        &self,
        fleet: &Deployment,
        order: &FleetSpec,
    ) -> Result<Vec<String>, LaunchError> {
        let Some(running) = fleet.peer() else {
            return Ok(Vec::new());
        };
        let mut order_of_one = FleetSpec::new(&order.executable, order.workers);
        order_of_one.cpus.clone_from(&order.cpus);
        let reference = Single.launch(&order_of_one)?;
        let numbers = || (0..fleet.workers() as u32).collect();
        let names = |pids: Vec<i32>| pids.into_iter().map(|pid| pid as u32).collect();
        let is_per_request = self.recipe.layer == Layer::Requests;
        let subject = Subject {
            address: fleet.address(),
            folder: running.folder(),
            serves: &|target| self.serves(target),
            ordered: order.workers.get(),
            workers: fleet.worker_pids().map_or_else(numbers, names),
            upstream: fleet.scoreboard().filter(|_| is_per_request),
        };
        Ok(differences(&subject, reference.address()))
    }
}

/// A system that is ready to be asked.
struct Subject<'a> {
    /// Where it is asked.
    address: SocketAddr,
    /// Where it keeps its files.
    folder: &'a Path,
    /// Whether it serves a target.
    serves: &'a dyn Fn(&str) -> bool,
    /// How many workers were ordered.
    ordered: usize,
    /// The names of its workers, as they stand in answers.
    workers: BTreeSet<u32>,
    /// Where our workers count what comes through it, if each request is given to one of them.
    upstream: Option<&'a Scoreboard>,
}

/// In what a system differs from our worker, which is to be asked at `reference`: one sentence
/// each. It sends some hundred requests over one connection, and ends that before it returns.
fn differences(subject: &Subject<'_>, reference: SocketAddr) -> Vec<String> {
    let deadline = Instant::now() + PATIENCE;
    let mut theirs = Client::new(subject.address, deadline);
    let mut ours = Client::new(reference, deadline);
    let mut check = Check {
        subject,
        asked: 0,
        strangers: 0,
        stranger: None,
        differs: Vec::new(),
    };
    check.count_workers();
    if let Err((target, error)) = check.ask(&mut theirs, &mut ours) {
        check.differs.push(format!(
            "`{target}` got no whole answer, so no more was compared: {error}"
        ));
    }
    check.tell_strangers();
    theirs.finish();
    ours.finish();
    check.differs
}

/// What has come of it so far.
struct Check<'a> {
    subject: &'a Subject<'a>,
    asked: usize,
    /// Answers that none of its workers gave, and the first name among them.
    strangers: usize,
    stranger: Option<String>,
    differs: Vec<String>,
}

/// What was asked for in vain, and why.
type InVain = (String, io::Error);

impl Check<'_> {
    fn count_workers(&mut self) {
        let (ordered, there) = (self.subject.ordered, self.subject.workers.len());
        if there != ordered {
            self.differs.push(format!(
                "it has {there} worker processes, and {ordered} were ordered"
            ));
        }
    }

    fn ask(&mut self, theirs: &mut Client, ours: &mut Client) -> Result<(), InVain> {
        let folder = self.subject.folder;
        let before = Sizes::of(folder);
        for target in TARGETS {
            if (self.subject.serves)(target) {
                let answer = self.get(theirs, target)?;
                let expected = ours.get(target).map_err(|error| in_vain(target, error))?;
                let differs = answers::differences(target, &answer, &expected);
                self.differs.extend(differs);
            }
        }
        let on_the_way = Sizes::of(folder);
        self.ask_on_and_on(theirs)?;
        // What happens to be written once, such as on the start of a process, is no access log.
        let after = Sizes::of(folder);
        let once = on_the_way.grown_since(&before);
        for file in after.grown_since(&on_the_way) {
            if once.contains(&file) {
                let name = file.strip_prefix(folder).unwrap_or(file).display();
                self.differs
                    .push(format!("requests are logged: `{name}` grows with them"));
            }
        }
        Ok(())
    }

    /// Whether connections are kept, those of clients and those to workers.
    fn ask_on_and_on(&mut self, theirs: &mut Client) -> Result<(), InVain> {
        let requests = REQUESTS.max(3 * self.subject.ordered);
        let accepted = || self.subject.upstream.map_or(0, accepted);
        let before = accepted();
        for _ in 0..requests {
            self.get(theirs, "/")?;
        }
        let (ends, asked) = (theirs.connects() - 1, self.asked);
        if ends > 0 {
            self.differs.push(format!(
                "connections are not kept: after {ends} of {asked} requests it ended theirs"
            ));
        }
        // Round robin may open one to each worker, which is a third of the requests at most.
        let opened = accepted() - before;
        if opened > requests as u64 / 2 {
            self.differs.push(format!(
                "connections to workers are not kept: for {requests} requests it opened {opened}"
            ));
        }
        Ok(())
    }

    fn get(&mut self, client: &mut Client, target: &str) -> Result<Answer, InVain> {
        let answer = client.get(target).map_err(|error| in_vain(target, error))?;
        self.asked += 1;
        let name = answer.fields.get(WORKER_FIELD);
        let name = name.and_then(|name| name.to_str().ok()).unwrap_or("nobody");
        let is_known = |name: u32| self.subject.workers.contains(&name);
        if !name.parse().is_ok_and(is_known) {
            self.strangers += 1;
            self.stranger.get_or_insert_with(|| name.to_owned());
        }
        Ok(answer)
    }

    fn tell_strangers(&mut self) {
        let (strangers, asked) = (self.strangers, self.asked);
        if let Some(name) = &self.stranger {
            self.differs.push(format!(
                "{strangers} of {asked} answers came from none of its workers: the first has `{name}` \
                 in {WORKER_FIELD}"
            ));
        }
    }
}

fn in_vain(target: &str, error: io::Error) -> InVain {
    (target.to_owned(), error)
}

/// Connections that all workers have taken in.
fn accepted(scoreboard: &Scoreboard) -> u64 {
    let workers = 0..scoreboard.workers();
    let accepted = workers.map(|worker| scoreboard.slot(worker).connections_accepted());
    accepted.sum()
}

#[cfg(test)]
mod tests;
