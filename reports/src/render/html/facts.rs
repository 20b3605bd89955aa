//! What was run, where, and what the strategies are.

use std::time::{Duration, UNIX_EPOCH};

use crate::escape::escape;
use crate::palette::{self, Look};
use crate::record::{HostRecord, PlanRecord};
use crate::render::systems;
use crate::stats;
use crate::study::Study;
use crate::units;

/// The last second of the year 9999, where dates of four digits end (RFC 3339, section 1).
const END_OF_TIME_UNIX_S: u64 = 253_402_300_799;

const GIB: f64 = (1u64 << 30) as f64;

/// When and where, in one line.
pub(super) fn at_a_glance(study: &Study) -> String {
    let header = &study.header;
    format!(
        "<p class=\"quiet\">{} · {} · evenkeel {}</p>\n",
        utc(header.started_unix_s),
        host(&header.host),
        escape(&header.evenkeel)
    )
}

/// Everything that is needed to run it again.
pub(super) fn what_was_run(study: &Study) -> String {
    let again =
        "<p class=\"quiet\">This page again: <code>evenkeel report FOLDER --format html</code></p>";
    format!(
        "<section id=\"run\">\n<h2>What was run</h2>\n{}{again}\n</section>\n",
        about(study)
    )
}

/// How, where and when a study was run.
pub(crate) fn about(study: &Study) -> String {
    let header = &study.header;
    let plan = &header.plan;
    let code = |text: &str| format!("<code>{}</code>", escape(text));
    let facts = [
        ("command", code(&header.command.join(" "))),
        ("when", utc(header.started_unix_s)),
        ("plan", planned(plan)),
        ("host", host(&header.host)),
        ("CPUs", cpus(plan)),
        ("version", format!("evenkeel {}", escape(&header.evenkeel))),
    ];
    let uncounted = header.host.system_calls_uncounted.as_ref();
    let uncounted =
        uncounted.map(|reason| ("system calls", format!("not counted: {}", escape(reason))));
    let builds = plan.executables.iter().map(|build| {
        let (label, version) = (escape(&build.label), escape(&build.version));
        let (path, hash) = (code(&build.path), code(&build.sha256));
        let value = format!("{label}: evenkeel {version}, {path}, SHA-256 {hash}");
        ("executable", value)
    });
    let systems = systems::versions(study).map(|versions| ("systems", escape(&versions)));
    let items = facts.into_iter().chain(builds).chain(systems);
    let items = items.chain(uncounted);
    let items = items.map(|(name, value)| format!("<dt>{name}</dt><dd>{value}</dd>\n"));
    format!("<dl>\n{}</dl>\n", items.collect::<String>())
}

fn planned(plan: &PlanRecord) -> String {
    format!(
        "{} × {}, {} of {} each after {} of warm-up, {}, {} where the mechanism has any, seed {}",
        units::plural(plan.strategies.len(), "strategy"),
        units::plural(plan.scenarios.len(), "scenario"),
        units::plural(plan.blocks as usize, "block"),
        units::seconds(plan.duration_s),
        units::seconds(plan.warmup_s),
        units::plural(plan.workers as usize, "worker"),
        units::plural(plan.dispatchers as usize, "dispatcher"),
        plan.seed,
    )
}

fn host(host: &HostRecord) -> String {
    let model = host.cpu_model.as_deref().unwrap_or("unknown processor");
    let memory = host.memory_bytes.map_or(String::new(), |bytes| {
        format!(", {} GiB of memory", units::tick(bytes as f64 / GIB))
    });
    let cpus = units::plural(host.cpus, "CPU");
    format!(
        "{}, {cpus}{memory}, Linux {}",
        escape(model),
        escape(&host.kernel)
    )
}

fn cpus(plan: &PlanRecord) -> String {
    let list = |cpus: &[usize]| {
        let numbers: Vec<String> = cpus.iter().map(usize::to_string).collect();
        if numbers.is_empty() {
            "any".to_owned()
        } else {
            numbers.join(", ")
        }
    };
    format!(
        "servers on {}; load generator on {}",
        list(&plan.server_cpus),
        list(&plan.load_cpus)
    )
}

/// The strategies with their colours, and of other systems how they were configured.
pub(super) fn strategies(study: &Study) -> String {
    let systems = stats::systems(study);
    let strategies = study.header.plan.strategies.iter();
    let items: String = strategies
        .zip(looks(study))
        .map(|(strategy, look)| {
            let (key, summary) = (escape(&strategy.key), escape(&strategy.summary));
            let system = systems.iter().find(|s| s.strategy == strategy.key);
            let system = system.map(super::systems::configured).unwrap_or_default();
            format!(
                "<dt class=\"key\">{}{key}</dt><dd>{summary}{system}</dd>\n",
                swatch(look)
            )
        })
        .collect();
    format!("<section id=\"strategies\">\n<h2>Strategies</h2>\n<dl>\n{items}</dl>\n</section>\n")
}

/// How the strategies are drawn, in the order of the plan.
pub(super) fn looks(study: &Study) -> Vec<Look> {
    palette::looks(study.header.plan.strategies.iter().map(|s| s.key.as_str()))
}

/// A patch of a strategy's colour.
pub(super) fn swatch(look: Look) -> String {
    let color = palette::css(look.color);
    format!("<span class=\"swatch\" style=\"color:{color}\"></span>")
}

/// A moment as date and time of day; the latest that there is for a record that names a later one.
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
