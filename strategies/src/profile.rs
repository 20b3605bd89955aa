//! What describes a strategy, as data.

use std::fmt::{self, Display, Formatter};

use serde::Deserialize;

use crate::policy::{Basis, PolicyInfo};

/// What describes a strategy. Lists, checks and reports read it; nothing else says what a strategy
/// is like.
#[derive(Clone, Copy, Debug)]
pub struct Profile<'a> {
    /// One sentence, without a full stop, for `evenkeel list` and for reports.
    pub summary: &'a str,
    /// The mechanism, as the key names it.
    pub mechanism: &'a str,
    /// The policy, if our own code chooses.
    pub policy: Option<&'static PolicyInfo>,
    /// What it spreads over the workers.
    pub layer: Layer,
    /// What the choice depends on.
    pub basis: Basis,
    /// What chooses the worker.
    pub chooser: &'a str,
    /// What keeps a client at the same worker, if anything does.
    pub sticky: Option<&'a str>,
    /// What the host must offer, if that is more than Linux 3.9 offers to every user.
    pub needs: Option<&'a str>,
    /// Systems that bring connections or requests to workers in this way. Those known for the
    /// policy are [there](PolicyInfo::known_from).
    pub known_from: &'a str,
    /// Rights that an ordinary user may lack.
    pub privileges: Privileges,
    /// What its workers are.
    pub workers: WorkerKind,
    /// Whether some workers may get nothing however many clients there are: those of CPUs on which
    /// no connection comes in.
    pub may_leave_workers_out: bool,
    /// Whether a worker that has died may be chosen for a moment, until rules are written anew.
    pub notices_deaths_late: bool,
    /// Whether it is another system, described by a recipe.
    pub is_peer: bool,
    /// Whether it can begin its connections to workers with a PROXY header, as a layer-4 proxy can.
    pub sends_proxy_header: bool,
    /// Keys of our strategies that stand for the same design, if it is another system.
    pub counterparts: &'a [String],
    /// The targets that its workers serve.
    pub targets: Targets<'a>,
    /// By how much the mean wait may differ from what queueing theory predicts for the
    /// [basis](Self::basis), as a share of that; `None` if nothing is predicted.
    pub queueing_tolerance: Option<f64>,
}

impl Profile<'_> {
    /// A strategy of ours that chooses per connection among worker processes, without a policy.
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
        may_leave_workers_out: false,
        notices_deaths_late: false,
        is_peer: false,
        sends_proxy_header: false,
        counterparts: &[],
        targets: Targets::All,
        queueing_tolerance: None,
    };

    /// The queueing model that waits ought to follow, and its tolerance.
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
    /// Each worker has a queue of its own, and chance alone chooses among them.
    RandomSplit,
}

/// The tolerance where several workers serve: to choose takes time, and which worker is free is
/// known a moment late.
pub(crate) const TOLERANCE_OF_SEVERAL: f64 = 0.15;

/// The tolerance where one worker serves: there is nothing to choose, so only the testbed itself
/// adds an error.
pub(crate) const TOLERANCE_OF_ONE: f64 = 0.10;

/// The layer of the OSI model at which a worker is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// The transport layer: a worker for each connection.
    Connections,
    /// The application layer: a worker for each request.
    Requests,
}

impl Layer {
    /// Its number in the OSI model.
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

/// Rights that a strategy needs and an ordinary user may lack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privileges {
    /// None.
    None,
    /// To load BPF programs: CAP_BPF and CAP_NET_ADMIN.
    Bpf,
    /// To make a network namespace. Its fleets are in one of their own, where only a thread that
    /// [enters](crate::Deployment::enter) it can reach them.
    NetworkNamespace,
}

/// What the workers of a fleet are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkerKind {
    /// One process of ours, whatever number is requested.
    OneProcess,
    /// Processes of ours.
    Processes,
    /// Threads of one process of ours.
    Threads,
    /// Processes of another system.
    Foreign,
}

/// The targets that workers serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Targets<'a> {
    /// Every target of our worker.
    All,
    /// Some.
    Listed {
        /// Targets such as `/` and `/spin/US`, in which words in capitals stand for numbers.
        patterns: &'a [String],
        /// The sizes of bodies that `/bytes/N` stands for; if empty, all.
        bodies: &'a [u64],
    },
}

impl Targets<'_> {
    /// Whether this target, such as `/bytes/512`, is served.
    pub fn include(self, target: &str) -> bool {
        match self {
            Self::All => true,
            Self::Listed { patterns, bodies } => {
                let is_there = |size: &str| {
                    bodies.is_empty() || bodies.iter().any(|known| known.to_string() == size)
                };
                patterns.iter().any(|pattern| fits(pattern, target))
                    && target.strip_prefix("/bytes/").is_none_or(is_there)
            }
        }
    }
}

/// Whether a target has the form of a pattern.
fn fits(pattern: &str, target: &str) -> bool {
    let stands_for_a_number =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
    let (mut words, mut parts) = (pattern.split('/'), target.split('/'));
    loop {
        match (words.next(), parts.next()) {
            (None, None) => return true,
            (Some(word), Some(part)) if word == part => {}
            (Some(word), Some(part)) if stands_for_a_number(word) && is_number(part) => {}
            _ => return false,
        }
    }
}
