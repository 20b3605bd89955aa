//! Scenarios: kinds of load, as data.

mod arrivals;
mod builtin;
mod change;
mod distribution;
mod event;
mod fault;
mod forgetting;
mod offer;
mod options;
mod overrides;
mod request_target;
mod select;
mod target;
mod work;

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::time::Duration;

use evenkeel_common::ProxyVersion;
use evenkeel_common::duration;
use evenkeel_common::number::Numbers;
use evenkeel_common::toml_file::Origin;
use evenkeel_loadgen::LoadSpec;
use evenkeel_reports::{LoopKind, Override, ScenarioRecord};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use thiserror::Error;

use crate::values::{ClientAddresses, Connections, Processes, Whole, some_rate};

pub(crate) use arrivals::Arrivals;
pub(crate) use builtin::{BUILT_IN, SETS, built_in};
pub(crate) use change::{PlannedChange, words};
pub(crate) use distribution::Distribution;
pub(crate) use event::Event;
pub(crate) use fault::{Hit, PlannedFault};
pub(crate) use request_target::{RequestTarget, parts};
pub(crate) use select::{ScenarioError, add, is_path, select};
pub(crate) use target::Target;
pub(crate) use work::Work;

/// A kind of load. The keys of its TOML file are these fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    /// Short name, for the command line and reports.
    pub(crate) name: String,
    /// One sentence on what it stands for.
    #[serde(default)]
    pub(crate) summary: String,
    /// Whether arrivals wait for answers.
    #[serde(rename = "loop")]
    pub(crate) loop_kind: LoopKind,
    /// Open loop: arrival process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) arrivals: Option<Arrivals>,
    /// Open loop: arrivals per second.
    #[serde(
        default,
        deserialize_with = "some_rate",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) rate_rps: Option<f64>,
    /// Open loop, instead of a rate: share of the capacity of all workers together.
    #[serde(
        default,
        deserialize_with = "utilization",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) utilization: Option<f64>,
    /// Number of connections; in an open loop, the most.
    #[serde(deserialize_with = "Connections::read")]
    #[schemars(with = "Connections")]
    pub(crate) connections: u32,
    /// Requests after which a connection is closed; if absent, it is kept.
    #[serde(
        default,
        deserialize_with = "Requests::read_some",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<Requests>")]
    pub(crate) requests_per_connection: Option<u32>,
    /// Target of the WebSocket that each connection becomes; then requests are messages. If absent,
    /// connections carry HTTP. The workers' own is `/websocket`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) websocket: Option<String>,
    /// Whether a request whose kept connection the server closed without a byte of an answer is sent
    /// again once, as real clients do. Otherwise it counts as lost.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub(crate) repeat: bool,
    /// Number of workers with which fleets start, if not that of the study.
    #[serde(
        default,
        deserialize_with = "Processes::read_some",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<Processes>")]
    pub(crate) workers: Option<u32>,
    /// Number of client addresses, used in turn.
    #[serde(default = "one", deserialize_with = "ClientAddresses::read")]
    #[schemars(with = "ClientAddresses")]
    pub(crate) client_addresses: u32,
    /// Version of the PROXY header at the start of connections, as behind another balancer; fleets
    /// then expect a header. If absent, connections have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) send_proxy: Option<ProxyVersion>,
    pub(crate) work: Work,
    /// Time after which a client gives up a connect or an answer [default: 5s].
    #[serde(
        default,
        deserialize_with = "duration::deserialize_some",
        serialize_with = "duration::serialize_some",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub(crate) timeout: Option<Duration>,
    /// Measured time of a trial, unless the study sets one.
    #[serde(
        default,
        deserialize_with = "duration::deserialize_some",
        serialize_with = "duration::serialize_some",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub(crate) duration: Option<Duration>,
    /// Load before the measured time, unless the study sets one.
    #[serde(
        default,
        deserialize_with = "duration::deserialize_some",
        serialize_with = "duration::serialize_some",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<String>")]
    pub(crate) warmup: Option<Duration>,
    /// What happens to the fleet while load is offered.
    #[serde(rename = "event", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) events: Vec<Event>,
    /// Fields that the command line or a study file changed; they contain the changed values.
    #[serde(skip)]
    pub(crate) overrides: Vec<Override>,
    /// The table that it was read from.
    #[serde(skip)]
    pub(crate) origin: Origin,
}

/// Numbers of requests after which a connection is closed.
type Requests = Whole<1, { u32::MAX as u64 }>;

/// A scenario that cannot be run.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("{place}scenario `{scenario}`: {problem}")]
pub(crate) struct InvalidScenario {
    /// Where the fault is; empty if it is in no file.
    place: String,
    scenario: String,
    problem: String,
}

/// A key of a scenario, and what is wrong with its value.
type Problem = (&'static str, String);

/// Utilizations. Those above 1 are overload; a hundred times the capacity is a typing error.
const UTILIZATIONS: Numbers = Numbers::above(0.0, 100.0, "a utilization is a share, such as 0.7,");

fn one() -> u32 {
    1
}

fn yes() -> bool {
    true
}

fn is_true(value: &bool) -> bool {
    *value
}

fn utilization<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f64>, D::Error> {
    UTILIZATIONS.deserialize(from).map(Some)
}

impl Scenario {
    /// Returns with how many workers fleets start, in a study with this number.
    pub(crate) fn workers(&self, of_study: NonZeroUsize) -> NonZeroUsize {
        let own = self.workers.and_then(|own| NonZeroUsize::new(own as usize));
        own.unwrap_or(of_study)
    }

    pub(crate) fn check(&self) -> Result<(), InvalidScenario> {
        let problem = self
            .problem_of_name()
            .or_else(|| self.problem_of_duration())
            .or_else(|| self.problem_of_work())
            .or_else(|| self.problem_of_websocket())
            .or_else(|| match self.loop_kind {
                LoopKind::Closed => self.problem_of_closed_loop(),
                LoopKind::Open => self.problem_of_open_loop(),
            });
        match problem {
            Some((key, problem)) => Err(self.invalid(key, problem)),
            None => self.check_events(),
        }
    }

    fn problem_of_work(&self) -> Option<Problem> {
        let undrawable = self.work.to_load().err();
        let problem = undrawable.or_else(|| self.work.problem_of_length(self.timeout()))?;
        Some(("work", problem))
    }

    fn problem_of_websocket(&self) -> Option<Problem> {
        let target = self.websocket.as_ref()?;
        let is_target = target.starts_with('/') && target.bytes().all(|it| it.is_ascii_graphic());
        let problem = format!("`{target}` is not a target; write a path such as \"/websocket\"");
        (!is_target).then_some(("websocket", problem))
    }

    /// Time after which a client gives up.
    fn timeout(&self) -> Duration {
        self.timeout
            .unwrap_or_else(|| LoadSpec::new(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).timeout)
    }

    /// A problem with the value of a key.
    pub(crate) fn invalid(&self, key: &str, problem: impl ToString) -> InvalidScenario {
        InvalidScenario {
            place: self.place(key),
            scenario: self.name.clone(),
            problem: problem.to_string(),
        }
    }

    /// Returns where the value of a key is, for the start of a message. After a change by options the
    /// file is not the whole reason, and nowhere is.
    pub(crate) fn place(&self, key: &str) -> String {
        match self.overrides.is_empty() {
            true => self.origin.place(key),
            false => String::new(),
        }
    }

    fn problem_of_name(&self) -> Option<Problem> {
        let problem = "`name` is empty; reports need one".to_owned();
        (self.name.trim().is_empty()).then_some(("name", problem))
    }

    fn problem_of_duration(&self) -> Option<Problem> {
        let problem = "`duration` is 0; measuring takes time, such as 1s".to_owned();
        let is_zero = self.duration.is_some_and(|duration| duration.is_zero());
        is_zero.then_some(("duration", problem))
    }

    fn problem_of_closed_loop(&self) -> Option<Problem> {
        let open_loop_keys = [
            ("arrivals", self.arrivals.is_some()),
            ("rate_rps", self.rate_rps.is_some()),
            ("utilization", self.utilization.is_some()),
        ];
        let (key, _) = open_loop_keys.into_iter().find(|(_, given)| *given)?;
        let problem = format!(
            "`{key}` needs `loop = \"open\"`; a closed loop sends as fast as it gets answers"
        );
        Some((key, problem))
    }

    fn problem_of_open_loop(&self) -> Option<Problem> {
        if let Some(Arrivals::Trace(_)) = self.arrivals {
            return self.problem_of_trace();
        }
        match (self.rate_rps, self.utilization) {
            (None, Some(_)) if self.work.mean_busy_s().is_none() => {
                let problem = "`utilization` needs work that occupies a worker for a known time \
                     (`/spin/US` or `/block/US`); give `rate_rps` instead (`--rate`)";
                Some(("utilization", problem.into()))
            }
            (Some(_), None) | (None, Some(_)) => None,
            _ => Some((
                "loop",
                "an open loop needs either `rate_rps` or `utilization`".into(),
            )),
        }
    }

    fn problem_of_trace(&self) -> Option<Problem> {
        let given = self.rate_rps.or(self.utilization).is_some();
        let problem = "`arrivals` is a trace, which has its own times; leave out `rate_rps` and \
             `utilization`";
        given.then(|| ("arrivals", problem.into()))
    }

    /// Arrivals per second at a fleet with this number of workers, for a ramp at its start; `None` in
    /// a closed loop and for a trace.
    pub(crate) fn offered_rps(&self, workers: usize) -> Option<f64> {
        let of_utilization = || {
            let capacity_rps = workers as f64 / self.work.mean_busy_s()?;
            Some(self.utilization? * capacity_rps)
        };
        self.rate_rps.or_else(of_utilization)
    }

    /// Returns the scenario as the record of a study with this number of workers stores it.
    pub(crate) fn record(&self, workers: usize) -> ScenarioRecord {
        ScenarioRecord {
            name: self.name.clone(),
            summary: self.summary.clone(),
            loop_kind: self.loop_kind,
            load: self.load(workers),
            overrides: self.overrides.clone(),
            duration_s: self.duration.map(|it| it.as_secs_f64()),
            warmup_s: self.warmup.map(|it| it.as_secs_f64()),
            toml: toml::to_string(self).expect("every value of a scenario exists in TOML"),
        }
    }
}

#[cfg(test)]
mod tests;
