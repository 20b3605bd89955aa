//! The profile of a strategy: its description as data.

use std::fmt::{self, Display, Formatter};

use rustix::thread::CapabilitySet;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::defence::DefenceKind;
use crate::policy::{Basis, PolicyInfo};

/// The description of a strategy. Lists, checks and reports use it, and no other code depends on which
/// strategy it is.
#[derive(Clone, Copy, Debug)]
pub struct Profile<'a> {
    /// One sentence, without a full stop, for `evenkeel list` and for reports.
    pub summary: &'a str,
    /// Name of the mechanism, the first part of the key.
    pub mechanism: &'a str,
    /// The policy, if our own code picks workers.
    pub policy: Option<&'static PolicyInfo>,
    /// What is distributed over the workers.
    pub layer: Layer,
    /// What the choice depends on.
    pub basis: Basis,
    /// What chooses the worker.
    pub chooser: &'a str,
    /// What keeps a client at the same worker, if anything does.
    pub sticky: Option<&'a str>,
    /// Requirements beyond what Linux 3.9 offers to every user.
    pub needs: Option<&'a str>,
    /// Systems with the same mechanism. Those with the same policy are in
    /// [`PolicyInfo::known_from`].
    pub known_from: &'a str,
    /// Privileges that an ordinary user may lack.
    pub privileges: Privileges,
    /// What its workers are.
    pub workers: WorkerKind,
    /// How one worker is taken out while the others go on. `None` if evenkeel cannot take out one worker,
    /// since workers belong to a peer.
    pub retirement: Option<Retirement>,
    /// Whether it is known to close connections early, for example after each answer.
    pub closes_connections: bool,
    /// Whether some workers may get no connections even from many clients, such as the workers of CPUs on
    /// which no connection arrives.
    pub may_leave_workers_out: bool,
    /// Whether a dead worker may be chosen for a moment, until rules are updated.
    pub notices_deaths_late: bool,
    /// Whether it is a peer, described by a recipe.
    pub is_peer: bool,
    /// For a peer: its software, such as `nginx`.
    pub software: Option<&'a str>,
    /// Whether it can send a PROXY header to workers, like a layer-4 proxy.
    pub sends_proxy_header: bool,
    /// For a peer: keys of our strategies with the same design.
    pub counterparts: &'a [String],
    /// The targets that its workers serve.
    pub targets: Targets<'a>,
    /// How a program of the user gets its connections, if it can serve in place of evenkeel's own worker.
    pub command: CommandContract,
    /// The defences that it can use.
    pub defences: &'a [DefenceKind],
    /// Allowed relative difference between the mean wait and the prediction of queueing theory for the
    /// [basis](Self::basis). `None` if there is no prediction.
    pub queueing_tolerance: Option<f64>,
}

impl Profile<'_> {
    /// Defaults for our own strategies: worker processes, a choice per connection, and no policy.
    pub(crate) const OURS: Profile<'static> = Profile {
        summary: "",
        mechanism: "",
        policy: None,
        layer: Layer::Connections,
        basis: Basis::Other,
        chooser: "",
        sticky: None,
        needs: None,
        known_from: "",
        privileges: Privileges::None,
        workers: WorkerKind::Processes,
        retirement: None,
        closes_connections: false,
        may_leave_workers_out: false,
        notices_deaths_late: false,
        is_peer: false,
        software: None,
        sends_proxy_header: false,
        counterparts: &[],
        targets: Targets::All,
        command: CommandContract::None(
            "its workers get their connections in a way that only evenkeel's own worker knows",
        ),
        defences: &[],
        queueing_tolerance: None,
    };

    /// Returns what similar strategies share, so that reports show them alike: the mechanism, and for a
    /// peer also its software.
    pub fn family(&self) -> String {
        match self.software {
            Some(software) => format!("{}:{software}", self.mechanism),
            None => self.mechanism.to_owned(),
        }
    }

    /// Returns the queueing model that predicts the waits, and the tolerance.
    pub fn queueing(&self) -> Option<(QueueingModel, f64)> {
        let model = match self.basis {
            Basis::CommonQueue => QueueingModel::CommonQueue,
            Basis::Chance => QueueingModel::RandomSplit,
            _ => return None,
        };
        Some((model, self.queueing_tolerance?))
    }
}

/// A model of queueing theory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueingModel {
    /// Workers serve one common queue.
    CommonQueue,
    /// Each worker has its own queue, and a random choice decides.
    RandomSplit,
}

/// The tolerance for several workers. The choice takes time, and the dispatcher learns a moment late that a
/// worker is free.
pub(crate) const TOLERANCE_OF_SEVERAL: f64 = 0.15;

/// The tolerance for one worker. There is no choice, so only the testbed adds an error.
pub(crate) const TOLERANCE_OF_ONE: f64 = 0.10;

/// The layer of the OSI model at which a worker is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// The transport layer: a worker for each connection.
    Connections,
    /// The application layer: a worker for each request.
    Requests,
}

impl Layer {
    /// Returns its number in the OSI model.
    pub fn number(self) -> u8 {
        match self {
            Self::Connections => 4,
            Self::Requests => 7,
        }
    }
}

impl Display for Layer {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::Connections => "a connection",
            Self::Requests => "a request",
        };
        write!(f, "{}: a worker for {what}", self.number())
    }
}

/// Privileges that a strategy needs and an ordinary user may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privileges {
    /// None.
    None,
    /// Loading BPF programs: CAP_BPF and CAP_NET_ADMIN.
    Bpf,
    /// Creating a network namespace. Each fleet has its own, and only a thread that
    /// [enters](crate::Deployment::enter) it can reach the fleet.
    NetworkNamespace,
}

impl Privileges {
    /// Returns the capabilities that a dispatcher needs as long as it runs. Everything else that a strategy
    /// needs is done by the process that launches the fleet. Workers need none.
    pub(crate) fn of_dispatchers(self) -> CapabilitySet {
        match self {
            Self::Bpf => CapabilitySet::BPF.union(CapabilitySet::NET_ADMIN),
            Self::None | Self::NetworkNamespace => CapabilitySet::empty(),
        }
    }
}

/// What the workers of a fleet are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerKind {
    /// One evenkeel process, whatever number is requested.
    OneProcess,
    /// Evenkeel processes.
    Processes,
    /// Threads of one evenkeel process.
    Threads,
    /// Processes of a peer.
    Foreign,
}

/// How one worker is taken out while the others go on: what keeps new connections or requests away from
/// it, and what becomes of those that it has not taken yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retirement {
    /// It stops accepting from the common queue.
    StopsAccepting,
    /// It closes its own listener.
    ClosesListener,
    /// It closes its own listener, and the kernel gives what waits there to another one.
    ClosesListenerThatMigrates,
    /// Its successor inherits its listener.
    PassesListenerOn,
    /// A new process takes all listeners over.
    PassesAllOn,
    /// The dispatcher no longer picks it.
    IsNotPicked,
    /// The rules of the kernel no longer name it.
    IsNotInRules,
}

impl Retirement {
    /// Whether a request may be lost when a worker leaves, with or without another one in its place: the
    /// kernel resets connections that are on their way to a listener that is closed.
    pub fn may_lose(self, has_successor: bool) -> bool {
        match self {
            Self::ClosesListener | Self::ClosesListenerThatMigrates => true,
            Self::PassesListenerOn => !has_successor,
            Self::StopsAccepting | Self::PassesAllOn | Self::IsNotPicked | Self::IsNotInRules => {
                false
            }
        }
    }
}

impl Display for Retirement {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StopsAccepting => {
                "it stops accepting; what waits in the common queue goes to the others"
            }
            Self::ClosesListener => {
                "it closes its own listener; the kernel resets what still waits there"
            }
            Self::ClosesListenerThatMigrates => {
                "it closes its own listener; the kernel gives what still waits there to another"
            }
            Self::PassesListenerOn => {
                "its successor inherits its listener, and what waits there; without a successor it \
                 closes the listener"
            }
            Self::PassesAllOn => {
                "only with all others: a new process inherits the listeners, and what waits there"
            }
            Self::IsNotPicked => "the dispatcher picks others; it finishes what it was given",
            Self::IsNotInRules => {
                "the rules leave it out; the connections that it has stay with it"
            }
        })
    }
}

/// How a program of the user gets its connections when it serves in place of evenkeel's own worker. Both ways
/// are conventions that many programs know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandContract {
    /// It inherits a listening socket as descriptor 3, as under systemd's socket activation: `LISTEN_FDS`,
    /// `LISTEN_PID`, `LISTEN_FDNAMES` (sd_listen_fds(3)).
    InheritsSocket,
    /// It listens on the port in the variable `PORT`, at the address in `HOST`.
    ListensOnPort,
    /// No other program can serve, for this reason: a sentence without a full stop.
    None(&'static str),
}

impl Display for CommandContract {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InheritsSocket => "inherits a listening socket (LISTEN_FDS)",
            Self::ListensOnPort => "listens on PORT",
            Self::None(reason) => reason,
        })
    }
}

/// The targets that workers serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Targets<'a> {
    /// Every target of our worker.
    All,
    /// Only these.
    Listed {
        /// Targets such as `/` and `/spin/US`. A word in capitals stands for a number.
        patterns: &'a [String],
        /// The sizes that `/bytes/N` accepts. If empty, all.
        bodies: &'a [u64],
    },
}

impl Targets<'_> {
    /// Whether a target, such as `/bytes/512`, is served.
    pub fn include(self, target: &str) -> bool {
        match self {
            Self::All => true,
            Self::Listed { patterns, bodies } => {
                let has_size = |size: &str| {
                    bodies.is_empty() || bodies.iter().any(|known| known.to_string() == size)
                };
                patterns.iter().any(|pattern| matches(pattern, target))
                    && target.strip_prefix("/bytes/").is_none_or(has_size)
            }
        }
    }
}

/// Whether a target matches a pattern, in which words in capitals stand for numbers.
fn matches(pattern: &str, target: &str) -> bool {
    let is_placeholder =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let (mut words, mut parts) = (pattern.split('/'), target.split('/'));
    loop {
        match (words.next(), parts.next()) {
            (None, None) => return true,
            (Some(word), Some(part)) if word == part => {}
            (Some(word), Some(part)) if is_placeholder(word) && is_number(part) => {}
            _ => return false,
        }
    }
}
