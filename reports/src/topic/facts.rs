//! How, where and when a study was run.

use std::time::{Duration, UNIX_EPOCH};

use serde::Serialize;

use super::systems;
use crate::record::{HostRecord, PlanRecord, ScenarioRecord};
use crate::study::Study;
use crate::units::{self, plural, seconds};

/// The last second of the year 9999, where dates of four digits end (RFC 3339, section 1).
const END_OF_TIME_UNIX_S: u64 = 253_402_300_799;

const GIB: f64 = (1u64 << 30) as f64;

#[derive(Serialize)]
pub(crate) struct Fact {
    pub(crate) name: &'static str,
    pub(crate) text: String,
    /// Whether it is something to type.
    pub(crate) is_code: bool,
}

impl Fact {
    pub(crate) fn new(name: &'static str, text: String) -> Fact {
        Fact {
            name,
            text,
            is_code: false,
        }
    }

    pub(crate) fn code(name: &'static str, text: String) -> Fact {
        Fact {
            is_code: true,
            ..Fact::new(name, text)
        }
    }
}

/// When and where a study was run, in one line.
pub(crate) fn glance(study: &Study) -> String {
    let header = &study.header;
    let (when, host) = (utc(header.started_unix_s), host(&header.host));
    format!("{when} · {host} · evenkeel {}", header.evenkeel)
}

/// Everything that is needed to run a study again.
pub(crate) fn about(study: &Study) -> Vec<Fact> {
    let (header, plan) = (&study.header, &study.header.plan);
    let mut facts = vec![
        Fact::code("command", header.command.join(" ")),
        Fact::new("when", utc(header.started_unix_s)),
        Fact::new("plan", planned(plan)),
        Fact::new("host", host(&header.host)),
        Fact::new("CPUs", cpus(plan)),
        Fact::new("version", format!("evenkeel {}", header.evenkeel)),
    ];
    facts.extend(plan.extensions.iter().map(|extension| {
        let (when, command) = (utc(extension.at_unix_s), extension.command.join(" "));
        Fact::new("extended", format!("{when}: {command}"))
    }));
    facts.extend(plan.executables.iter().map(|build| {
        let (label, version) = (&build.label, &build.version);
        let (path, hash) = (&build.path, &build.sha256);
        let text = format!("{label}: evenkeel {version}, {path}, SHA-256 {hash}");
        Fact::new("executable", text)
    }));
    facts.extend(systems::versions(study).map(|versions| Fact::new("systems", versions)));
    let uncounted = header.host.system_calls_uncounted.as_ref();
    facts.extend(uncounted.map(|reason| {
        let text = format!("not counted: {reason}");
        Fact::new("system calls", text)
    }));
    facts
}

fn planned(plan: &PlanRecord) -> String {
    format!(
        "{} × {}, {} of {} each after {} of warm-up, {}, {} where the mechanism has any, seed {}",
        plural(plan.strategies.len(), "strategy"),
        plural(plan.scenarios.len(), "scenario"),
        plural(plan.blocks as usize, "block"),
        each(plan, PlanRecord::duration_s),
        each(plan, PlanRecord::warmup_s),
        plural(plan.workers as usize, "worker"),
        plural(plan.dispatchers as usize, "dispatcher"),
        plan.seed,
    )
}

/// A time of every trial, or the shortest and the longest.
fn each(plan: &PlanRecord, time: fn(&PlanRecord, &ScenarioRecord) -> f64) -> String {
    let times = || plan.scenarios.iter().map(|scenario| time(plan, scenario));
    let shortest = times().fold(f64::INFINITY, f64::min);
    let longest = times().fold(0.0, f64::max);
    if shortest < longest {
        format!("{} to {}", seconds(shortest), seconds(longest))
    } else {
        seconds(longest)
    }
}

fn host(host: &HostRecord) -> String {
    let model = host.cpu_model.as_deref().unwrap_or("unknown processor");
    let memory = host.memory_bytes.map_or(String::new(), |bytes| {
        format!(", {} GiB of memory", units::tick(bytes as f64 / GIB))
    });
    let cpus = plural(host.cpus, "CPU");
    let migrates = match host.migrates {
        Some(true) => " with tcp_migrate_req",
        _ => "",
    };
    format!("{model}, {cpus}{memory}, Linux {}{migrates}", host.kernel)
}

fn cpus(plan: &PlanRecord) -> String {
    let list = |cpus: &[usize]| {
        let numbers: Vec<String> = cpus.iter().map(usize::to_string).collect();
        match numbers.len() {
            0 => "any CPU".to_owned(),
            1 => format!("CPU {}", numbers[0]),
            _ => format!("CPUs {}", numbers.join(", ")),
        }
    };
    let (servers, load) = (list(&plan.server_cpus), list(&plan.load_cpus));
    format!("servers run on {servers}, load on {load}")
}

/// A moment as date and time of day, at most [`END_OF_TIME_UNIX_S`].
pub(crate) fn utc(unix_s: u64) -> String {
    let moment = UNIX_EPOCH + Duration::from_secs(unix_s.min(END_OF_TIME_UNIX_S));
    let text = humantime::format_rfc3339_seconds(moment).to_string();
    text.replace('T', " ").replace('Z', " UTC")
}

#[cfg(test)]
mod tests {
    use super::utc;

    #[test]
    fn a_moment_is_shown_by_the_calendar_and_none_is_beyond_it() {
        assert_eq!(utc(951_782_400), "2000-02-29 00:00:00 UTC");
        assert_eq!(utc(u64::MAX), "9999-12-31 23:59:59 UTC");
    }
}
