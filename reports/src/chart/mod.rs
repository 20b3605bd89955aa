//! Charts as SVG and PNG, one file per chart.
//!
//! They need no font and no graphics library of the system: an SVG takes the font of its reader,
//! and a PNG has its own. A strategy has the same colour in all charts.

mod cpu;
mod distribution;
mod files;
mod heat_map;
mod highlight;
mod histograms;
mod info;
mod latency_by_load;
mod load_trial;
mod over_time;
mod peers;
mod percentiles;
mod picture;
mod ratios;
mod shares;
mod svg;
#[cfg(test)]
mod tests;
mod theory;
mod throughput;
mod time_series;
mod timeline;
mod waiting;

pub use files::{all, files};
pub(crate) use info::{Chart, PeerScope, RatioScope, Scope};
pub(crate) use svg::STYLE;

use crate::error::RenderError;
use info::ChartInfo;

/// All charts, in the order of the reports. A report shows each wherever what it is drawn from
/// is known: see [`Draw`](info::Draw).
const CHARTS: &[&ChartInfo] = &[
    &latency_by_load::LATENCY_BY_LOAD,
    &throughput::THROUGHPUT,
    &percentiles::LATENCY,
    &distribution::DISTRIBUTION,
    &waiting::WAITING,
    &timeline::TIMELINE,
    &time_series::TIME_SERIES,
    &heat_map::HEAT_MAP,
    &shares::SHARES,
    &cpu::CPU,
    &theory::THEORY,
    &ratios::RATIOS,
    &peers::PEERS,
    &load_trial::LATENCY,
    &load_trial::RATE,
    &load_trial::RESPONSE_TIME,
];

/// Draws the charts of a scope whose figures were measured.
///
/// # Errors
/// If a histogram cannot be used.
pub(crate) fn charts(scope: Scope) -> Result<Vec<Chart>, RenderError> {
    let charts = CHARTS.iter().map(|info| info.drawn(scope));
    let mut charts: Vec<Chart> = charts
        .filter_map(Result::transpose)
        .collect::<Result<_, _>>()?;
    if let Scope::Scenario(summary) = scope {
        let loop_kind = Some(summary.scenario.loop_kind);
        charts.sort_by_key(|chart| chart.info.set_by == loop_kind);
    }
    Ok(charts)
}
