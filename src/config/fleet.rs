//! The fleet of a study or of `evenkeel serve`.

use std::num::{NonZeroU16, NonZeroU32, NonZeroUsize};
use std::path::Path;
use std::time::Duration;

use clap::Args;
use evenkeel_common::duration;
use evenkeel_strategies::{Defences, FleetSpec, User, WorkerCommand, policy};
use nix::unistd::geteuid;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::client_timeouts::ClientTimeouts;
use super::connection_limits::{ConnectionLimits, Requests};
use super::defences::{DefenceOptions, DefencesConfig};
use super::serial::cpu_list;
use super::worker::{WorkerConfig, WorkerOptions};
use super::{Setting, SettingError, either};
use crate::machine::CpuSet;
use crate::values::{CounterName, Processes, Whole};

/// Numbers of connections or requests in flight.
type InFlight = Whole<1, { u32::MAX as u64 }>;

/// Weights, as policies hold them.
type Weight = Whole<1, { u16::MAX as u64 }>;

/// Options of the fleet.
#[derive(Args, Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[command(next_help_heading = "Fleet")]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FleetOptions {
    /// Number of workers: processes, or threads of one process [default: one per server CPU, at
    /// least 4]
    #[arg(short, long, value_name = "N")]
    pub(crate) workers: Option<Processes>,
    /// Number of dispatcher processes, for mechanisms that have dispatchers [default: 1]
    #[arg(long, value_name = "N")]
    pub(crate) dispatchers: Option<Processes>,
    /// Most connections or requests in flight per worker, for policies with such a limit
    /// (late-binding) [default: 1]
    #[arg(hide_short_help = true, long, value_name = "N")]
    pub(crate) max_in_flight: Option<InFlight>,
    /// Weight of each worker, such as 3,1,1, for policies with weights (weighted) [default: equal
    /// weights]
    #[arg(
        hide_short_help = true,
        long,
        value_name = "N,..",
        value_delimiter = ','
    )]
    pub(crate) weights: Vec<Weight>,
    /// How all workers together count the requests that they answer. A request for /total is answered with the
    /// sum [default: none]
    #[arg(hide_short_help = true, long, value_enum, value_name = "HOW")]
    pub(crate) counter: Option<CounterName>,
    /// CPUs of dispatchers and workers, such as 0-3,6 [default: half of the CPUs]
    #[arg(long, value_name = "CPUS")]
    pub(crate) server_cpus: Option<CpuSet>,
    /// User that dispatchers and workers become, which only root may choose. They keep no
    /// capability that they do not need, whatever the user
    #[arg(hide_short_help = true, long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// How long a client may take for the head of a request, and for a PROXY header. Then it gets
    /// 408, or no answer if it has sent nothing [default: 10s]
    #[arg(hide_short_help = true, long, value_name = "DURATION", value_parser = duration::parse, allow_hyphen_values = true)]
    #[serde(deserialize_with = "duration::deserialize_some")]
    #[schemars(with = "Option<String>")]
    pub(crate) head_timeout: Option<Duration>,
    /// How long a connection may be idle between two requests. Then it is closed [default: 75s]
    #[arg(hide_short_help = true, long, value_name = "DURATION", value_parser = duration::parse, allow_hyphen_values = true)]
    #[serde(deserialize_with = "duration::deserialize_some")]
    #[schemars(with = "Option<String>")]
    pub(crate) idle_timeout: Option<Duration>,
    /// How long a body that a client sends, or an answer that it reads, may stand still. Then the
    /// connection ends [default: 10s]
    #[arg(hide_short_help = true, long, value_name = "DURATION", value_parser = duration::parse, allow_hyphen_values = true)]
    #[serde(deserialize_with = "duration::deserialize_some")]
    #[schemars(with = "Option<String>")]
    pub(crate) stall_timeout: Option<Duration>,
    /// How old a connection with a client may become. Then its next answer is the last one on it
    /// [default: no limit]
    #[arg(hide_short_help = true, long, value_name = "DURATION", value_parser = duration::parse, allow_hyphen_values = true)]
    #[serde(deserialize_with = "duration::deserialize_some")]
    #[schemars(with = "Option<String>")]
    pub(crate) max_connection_age: Option<Duration>,
    /// What is added to that age at most, drawn for each connection, so that those that were
    /// opened together do not end together [default: nothing]
    #[arg(hide_short_help = true, long, value_name = "DURATION", value_parser = duration::parse, allow_hyphen_values = true)]
    #[serde(deserialize_with = "duration::deserialize_some")]
    #[schemars(with = "Option<String>")]
    pub(crate) connection_age_jitter: Option<Duration>,
    /// Maximum number of requests on a connection with a client; the answer to the last one ends it
    /// [default: no limit]
    #[arg(hide_short_help = true, long, value_name = "N")]
    pub(crate) max_connection_requests: Option<Requests>,
    #[command(flatten)]
    pub(crate) defences: DefenceOptions,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct FleetConfig {
    pub(crate) workers: NonZeroUsize,
    /// Dispatcher processes per fleet, for mechanisms that have dispatchers.
    pub(crate) dispatchers: NonZeroUsize,
    /// Most in flight per worker, for policies with such a limit.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    max_in_flight: NonZeroU32,
    /// Weight of each worker, for policies with weights; if empty, all are equal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    weights: Vec<NonZeroU16>,
    /// How all workers together count the requests that they answer.
    #[serde(default, skip_serializing_if = "CounterName::is_none")]
    pub(crate) counter: CounterName,
    /// CPUs of dispatchers and workers.
    #[serde(with = "cpu_list")]
    pub(crate) server_cpus: CpuSet,
    /// User that dispatchers and workers become.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<User>,
    /// How long clients may keep dispatchers and workers waiting.
    #[serde(default, skip_serializing_if = "ClientTimeouts::is_default")]
    client_timeouts: ClientTimeouts,
    /// How long clients may keep a connection.
    #[serde(default, skip_serializing_if = "ConnectionLimits::is_default")]
    connection_limits: ConnectionLimits,
    /// What the fleet does about ill workers.
    #[serde(default, skip_serializing_if = "DefencesConfig::are_off")]
    defences: DefencesConfig,
    /// The program that workers run, if it is the user's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    worker: Option<WorkerConfig>,
}

const COUNTER: Setting = Setting {
    option: "--counter",
    key: "fleet.counter",
};

const USER: Setting = Setting {
    option: "--user",
    key: "fleet.user",
};

/// Least default number of workers: fewer show little of how load is balanced, however few CPUs
/// there are.
const LEAST_WORKERS: usize = 4;

impl FleetOptions {
    /// Returns these options, with those of `other` in the gaps.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            workers: self.workers.or(other.workers),
            dispatchers: self.dispatchers.or(other.dispatchers),
            max_in_flight: self.max_in_flight.or(other.max_in_flight),
            weights: either(self.weights, other.weights),
            counter: self.counter.or(other.counter),
            server_cpus: self.server_cpus.or(other.server_cpus),
            user: self.user.or(other.user),
            head_timeout: self.head_timeout.or(other.head_timeout),
            idle_timeout: self.idle_timeout.or(other.idle_timeout),
            stall_timeout: self.stall_timeout.or(other.stall_timeout),
            max_connection_age: self.max_connection_age.or(other.max_connection_age),
            connection_age_jitter: (self.connection_age_jitter).or(other.connection_age_jitter),
            max_connection_requests: (self.max_connection_requests)
                .or(other.max_connection_requests),
            defences: self.defences.or(other.defences),
        }
    }

    /// Returns the configuration of a fleet on these CPUs.
    pub(crate) fn resolve(
        &self,
        worker: &WorkerOptions,
        server_cpus: CpuSet,
    ) -> Result<FleetConfig, SettingError> {
        let default_workers = LEAST_WORKERS.max(server_cpus.len());
        let workers = self.workers.map_or(default_workers, Processes::usize);
        let workers = at_least_one(workers);
        Ok(FleetConfig {
            workers,
            dispatchers: at_least_one(self.dispatchers.map_or(1, Processes::usize)),
            max_in_flight: self.max_in_flight.map_or(one(), InFlight::nonzero_u32),
            weights: weights(&self.weights, workers)?,
            counter: counter(self.counter.unwrap_or_default(), worker)?,
            server_cpus,
            user: self.user.as_deref().map(user).transpose()?,
            client_timeouts: ClientTimeouts::resolve(self)?,
            connection_limits: ConnectionLimits::resolve(self)?,
            defences: self.defences.resolve()?,
            worker: worker.resolve()?,
        })
    }
}

impl FleetConfig {
    /// Returns the fleet to launch from this executable.
    pub(crate) fn spec(&self, executable: &Path) -> FleetSpec {
        let mut spec = FleetSpec::new(executable, self.workers);
        spec.dispatchers = self.dispatchers;
        spec.policy = self.policy();
        spec.counter = self.counter.into();
        spec.cpus = self.server_cpus.to_vec();
        spec.user = self.user.clone();
        spec.client_limits = self.client_timeouts.limits();
        spec.connection_limits = self.connection_limits.limits();
        spec.defences = self.defences();
        spec.proxy_protocol.header_within = spec.client_limits.head;
        spec.command = self.command();
        if let Some(command) = &spec.command {
            // So that a worker can say why it is late.
            spec.ready_within += command.ready_within;
        }
        spec
    }

    /// Returns the program that workers run, if it is the user's.
    pub(crate) fn command(&self) -> Option<WorkerCommand> {
        self.worker.as_ref().map(WorkerConfig::command)
    }

    /// Returns what the fleet does about ill workers.
    pub(crate) fn defences(&self) -> Defences {
        self.defences.defences()
    }

    pub(crate) fn policy(&self) -> policy::Options {
        policy::Options {
            max_in_flight: self.max_in_flight,
            weights: self.weights.clone(),
        }
    }
}

fn counter(counter: CounterName, worker: &WorkerOptions) -> Result<CounterName, SettingError> {
    if worker.command.is_some() && !counter.is_none() {
        let problem = "a program of your own counts its requests itself; leave out one of them";
        return Err(SettingError::value(
            COUNTER,
            "given for a worker command",
            problem,
        ));
    }
    Ok(counter)
}

fn user(name: &str) -> Result<User, SettingError> {
    if !geteuid().is_root() {
        let problem = "only root can change the user of a process; leave it out";
        return Err(SettingError::value(USER, name, problem));
    }
    User::named(name).map_err(|error| SettingError::value(USER, name, error))
}

fn one() -> NonZeroU32 {
    NonZeroU32::MIN
}

fn is_one(limit: &NonZeroU32) -> bool {
    *limit == one()
}

fn at_least_one(processes: usize) -> NonZeroUsize {
    NonZeroUsize::new(processes).unwrap_or(NonZeroUsize::MIN)
}

fn weights(weights: &[Weight], workers: NonZeroUsize) -> Result<Vec<NonZeroU16>, SettingError> {
    let (count, workers) = (weights.len(), workers.get());
    if count != 0 && count != workers {
        return Err(SettingError::Weights {
            weights: count,
            workers,
        });
    }
    let weight = |weight: &Weight| NonZeroU16::try_from(weight.nonzero_u32());
    Ok(weights
        .iter()
        .map(|it| weight(it).expect("a weight has 16 bits"))
        .collect())
}
