//! Changes of a scenario by options, and descriptions of its load.

use evenkeel_common::duration::show;
use evenkeel_common::units::{self, plural};
use evenkeel_reports::{LoopKind, Override};

use super::{Arrivals, RequestTarget, Scenario, Work};

const CONNECTIONS: &str = "connections";
const RATE: &str = "rate";
const WORK: &str = "work";

impl Scenario {
    pub(crate) fn override_connections(&mut self, connections: u32) {
        let had = std::mem::replace(&mut self.connections, connections);
        self.note_override(CONNECTIONS, had.to_string(), connections.to_string());
    }

    /// Changes the rate, in requests per second, or replaces the utilization by it. A closed loop has
    /// neither and stays as it is.
    pub(crate) fn override_rate(&mut self, rate_rps: f64) {
        if self.loop_kind == LoopKind::Closed {
            return;
        }
        let had = self.rate();
        self.rate_rps = Some(rate_rps);
        self.utilization = None;
        self.note_override(RATE, had, self.rate());
    }

    /// Requests these targets, which a program of the user serves.
    pub(crate) fn override_targets(&mut self, targets: &[RequestTarget]) {
        let had = std::mem::replace(&mut self.work, Work::Targets(targets.to_vec()));
        self.note_override(WORK, had.to_string(), self.work.to_string());
        // The summary was about that work.
        let connections = match self.requests_per_connection {
            None => "connections that stay open".to_owned(),
            Some(1) => "one connection per request".to_owned(),
            Some(requests) => format!("{requests} requests per connection"),
        };
        self.summary = format!("{connections}, and {}", self.work);
    }

    /// Requests the target that every program has, unless it names targets of a program of the user.
    pub(crate) fn request_root(&mut self) {
        if !matches!(self.work, Work::Targets(_)) {
            self.override_targets(&[RequestTarget::root()]);
        }
    }

    /// Keeps its own measured time and its own warm-up, or those of the study replace them.
    pub(crate) fn keep_times(&mut self, duration: bool, warmup: bool) {
        self.duration = self.duration.filter(|_| duration);
        self.warmup = self.warmup.filter(|_| warmup);
    }

    fn note_override(&mut self, what: &str, instead_of: String, requested: String) {
        if requested != instead_of {
            let what = what.to_owned();
            self.overrides.push(Override {
                what,
                requested,
                instead_of,
            });
        }
    }

    /// Describes the load on a fleet with this number of workers in one phrase, with all changes.
    pub(crate) fn load(&self, workers: usize) -> String {
        let timeout = self.timeout.map(|it| format!(", timeout {}", show(it)));
        let events = self.events.iter().map(|event| format!(", {event}"));
        let work = match self.work {
            Work::Targets(_) => format!(", {}{}", self.work, self.instead_of(WORK)),
            _ => String::new(),
        };
        self.offered_load(workers)
            + &timeout.unwrap_or_default()
            + &work
            + &events.collect::<String>()
    }

    fn offered_load(&self, workers: usize) -> String {
        let connections = plural(self.connections as usize, "connection");
        let connections = format!("{connections}{}", self.instead_of(CONNECTIONS));
        let lifetime = match self.requests_per_connection {
            None => "kept".to_owned(),
            Some(requests) => format!("{} each", plural(requests as usize, "request")),
        };
        let lifetime = match self.send_proxy {
            None => lifetime,
            Some(version) => format!("{lifetime}, with a PROXY header ({version})"),
        };
        let lifetime = match &self.websocket {
            None => lifetime,
            Some(_) => format!("{lifetime}, WebSockets"),
        };
        let lifetime = match self.repeat {
            true => lifetime,
            false => format!("{lifetime}, requests not repeated"),
        };
        let arrivals = self.arrivals.as_ref().unwrap_or(&Arrivals::Poisson);
        let Some(rps) = self.offered_rps(workers) else {
            let trace = match arrivals {
                Arrivals::Trace(_) => format!("arrivals: {arrivals}, "),
                _ => String::new(),
            };
            return format!("{trace}{connections}, {lifetime}");
        };
        let arrivals = match arrivals {
            Arrivals::Poisson => "Poisson".to_owned(),
            other => other.to_string(),
        };
        let rate = match self.utilization {
            None => self.rate(),
            Some(_) => {
                let workers = plural(workers, "worker");
                format!(
                    "{} ({} requests/s with {workers})",
                    self.rate(),
                    units::count(rps)
                )
            }
        };
        let rate = format!("{rate}{}", self.instead_of(RATE));
        format!("{arrivals} arrivals at {rate}, at most {connections}, {lifetime}")
    }

    fn rate(&self) -> String {
        match (self.rate_rps, self.utilization) {
            (Some(rps), _) => format!("{} requests/s", units::tick(rps)),
            (None, Some(share)) => format!("{} of capacity", units::percent(share)),
            (None, None) => "no rate".to_owned(),
        }
    }

    fn instead_of(&self, what: &str) -> String {
        let found = self.overrides.iter().find(|found| found.what == what);
        found.map_or_else(String::new, |found| {
            format!(" (instead of {})", found.instead_of)
        })
    }
}
