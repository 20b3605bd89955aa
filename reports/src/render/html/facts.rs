//! What was run, where, and what the strategies are.

use super::warning;
use crate::chart::escape;
use crate::palette;
use crate::record::{HostRecord, PlanRecord};
use crate::study::Study;
use crate::units;

const SECONDS_PER_DAY: u64 = 86_400;
const GIB: f64 = (1u64 << 30) as f64;

pub(super) fn what_was_run(study: &Study) -> String {
    let header = &study.header;
    let plan = &header.plan;
    let facts = [
        (
            "command",
            format!("<code>{}</code>", escape(&header.command.join(" "))),
        ),
        ("when", utc(header.started_unix_s)),
        ("plan", planned(plan)),
        ("host", host(&header.host)),
        ("CPUs", cpus(plan)),
        ("version", format!("evenkeel {}", escape(&header.evenkeel))),
    ];
    let items = facts.map(|(name, value)| format!("<dt>{name}</dt><dd>{value}</dd>\n"));
    let warnings = study.warnings.iter().chain(&header.host.warnings);
    let warnings: String = warnings.map(|text| warning(text)).collect();
    format!("<dl>\n{}</dl>\n{warnings}", items.concat())
}

fn planned(plan: &PlanRecord) -> String {
    format!(
        "{} × {}, {} of {} each after {} of warm-up, {}, seed {}",
        many(plan.strategies.len(), "strategy", "strategies"),
        units::plural(plan.scenarios.len(), "scenario"),
        units::plural(plan.blocks as usize, "block"),
        units::seconds(plan.duration_s),
        units::seconds(plan.warmup_s),
        units::plural(plan.workers as usize, "worker"),
        plan.seed,
    )
}

fn many(number: usize, one: &str, more: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { more })
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

/// The strategies with their colours.
pub(super) fn strategies(study: &Study) -> String {
    let strategies = study.header.plan.strategies.iter().enumerate();
    let items: String = strategies
        .map(|(position, strategy)| {
            let (key, summary) = (escape(&strategy.key), escape(&strategy.summary));
            format!("<dt>{}{key}</dt><dd>{summary}</dd>\n", swatch(position))
        })
        .collect();
    format!("<section id=\"strategies\">\n<h2>Strategies</h2>\n<dl>\n{items}</dl>\n</section>\n")
}

/// A patch of a strategy's colour.
pub(super) fn swatch(position: usize) -> String {
    let color = palette::css(palette::look(position).color);
    format!("<span class=\"swatch\" style=\"background:{color}\"></span>")
}

/// A moment as date and time of day. The calendar arithmetic is H. Hinnant's
/// `civil_from_days` ("chrono-compatible low-level date algorithms", 2013), for days after 1970.
fn utc(unix_s: u64) -> String {
    let (days, second) = (unix_s / SECONDS_PER_DAY, unix_s % SECONDS_PER_DAY);
    let days = days + 719_468; // from 1 March of the year 0
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::utc;

    #[test]
    fn a_moment_is_shown_by_the_calendar() {
        let table = [
            (0, "1970-01-01 00:00 UTC"),
            (951_782_399, "2000-02-28 23:59 UTC"),
            (951_782_400, "2000-02-29 00:00 UTC"),
            (951_868_800, "2000-03-01 00:00 UTC"),
            (1_767_225_599, "2025-12-31 23:59 UTC"),
        ];
        for (unix_s, text) in table {
            assert_eq!(utc(unix_s), text);
        }
    }
}
