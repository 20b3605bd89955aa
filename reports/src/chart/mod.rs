//! Charts as SVG and PNG, one file per chart.
//!
//! They need no font and no graphics library of the system: whoever shows an SVG chooses the
//! font, and pictures have one of their own. A strategy has the same colour in all charts.

mod course;
mod cpu;
mod distribution;
mod emphasis;
mod forest;
mod heat;
mod load;
mod percentiles;
mod picture;
mod shares;
mod svg;
mod sweep;
mod systems;
mod theory;
mod throughput;
mod timeline;
mod waiting;

pub(crate) use forest::draw as ratios;
pub(crate) use load::of_load;
pub(crate) use svg::STYLE;
pub(crate) use sweep::draw as of_sweep;
pub(crate) use systems::draw as of_peers;
pub(crate) use theory::draw as of_theory;

use crate::compare::{self, Criteria};
use crate::error::RenderError;
use crate::histogram::Histogram;
use crate::stats::{self, ScenarioSummary, StrategySummary};
use crate::study::Study;

/// A chart of one scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// What it shows, such as `throughput`; unique within a scenario.
    pub name: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// How to read it.
    pub caption: &'static str,
    /// The drawing, in the colour of the text around it.
    pub svg: String,
    /// The figures that it shows.
    pub table: Table,
}

/// Figures behind a chart, as they are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Headings; that of the first column says what the rows are.
    pub head: Vec<String>,
    /// Rows, each as long as the headings.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    fn new<const N: usize>(head: [&str; N]) -> Table {
        Table {
            head: head.map(str::to_owned).into(),
            rows: Vec::new(),
        }
    }

    fn row<const N: usize>(&mut self, cells: [&str; N]) {
        self.rows.push(cells.map(str::to_owned).into());
    }
}

/// What stands for a figure that was not measured.
const ABSENT: &str = "–";

/// All charts of a study as (file name, SVG), each fit to stand alone on a light or dark page.
/// Ratios are to the strategy of the key `baseline`, or to the first of the plan.
///
/// # Errors
/// If a histogram cannot be used.
pub fn all(study: &Study, baseline: Option<&str>) -> Result<Vec<(String, String)>, RenderError> {
    let mut files = Vec::new();
    let mut add = |of: &str, chart: Chart| {
        let name = format!("{}-{}.svg", svg::file_stem(of), chart.name);
        files.push((name, svg::standalone(&chart.svg, chart.title)));
    };
    let summaries = stats::summarize(study);
    for sweep in stats::sweeps(&summaries) {
        add(sweep.name, of_sweep(&sweep));
    }
    let first = study.header.plan.strategies.first().map(|s| s.key.as_str());
    let baseline = baseline.or(first).unwrap_or_default();
    let criteria = Criteria::of(&study.header.plan);
    let comparisons = compare::with_baseline(study, baseline, &criteria);
    let with_peers = compare::peer_comparisons(study, &criteria);
    for summary in &summaries {
        let charts = of_scenario(summary)?.into_iter();
        let of_peers = of_peers(summary, &compare::peer_pairs(summary, &with_peers));
        for chart in charts
            .chain(of_theory(summary))
            .chain(ratios(summary, &comparisons, baseline))
            .chain(of_peers)
        {
            add(&summary.scenario.name, chart);
        }
    }
    Ok(files)
}

/// All charts of a study as files: (name, contents) of an SVG and a PNG each; see [`all`].
///
/// # Errors
/// If a histogram cannot be used or a picture cannot be drawn.
pub fn files(study: &Study, baseline: Option<&str>) -> Result<Vec<(String, Vec<u8>)>, RenderError> {
    let mut files = Vec::new();
    for (name, svg) in all(study, baseline)? {
        let picture = name.replace(".svg", ".png");
        files.push((picture, picture::png(&name, &svg)?));
        files.push((name, svg.into_bytes()));
    }
    Ok(files)
}

/// The charts of a scenario; one for which no strategy has figures is left out.
///
/// # Errors
/// If a histogram cannot be used.
pub fn of_scenario(summary: &ScenarioSummary) -> Result<Vec<Chart>, RenderError> {
    let charts = [
        throughput::draw(summary),
        percentiles::draw(summary)?,
        distribution::draw(summary)?,
        waiting::draw(summary),
        course::draw(summary),
        heat::draw(summary)?,
        shares::draw(summary),
        cpu::draw(summary),
    ];
    Ok(charts.into_iter().flatten().collect())
}

/// The answers of all blocks together, of every strategy that has any.
fn merged<'s>(
    summary: &'s ScenarioSummary<'s>,
) -> Result<Vec<(&'s StrategySummary<'s>, Histogram<u64>)>, RenderError> {
    let mut merged = Vec::new();
    for strategy in &summary.strategies {
        let histogram = stats::merged_histogram(strategy.used.iter().copied());
        let histogram = histogram.map_err(|source| unusable(strategy, summary, source))?;
        merged.extend(histogram.map(|histogram| (strategy, histogram)));
    }
    Ok(merged)
}

fn unusable(
    strategy: &StrategySummary,
    summary: &ScenarioSummary,
    source: crate::histogram::HistogramError,
) -> RenderError {
    RenderError::Histogram {
        strategy: strategy.strategy.to_owned(),
        scenario: summary.scenario.name.clone(),
        source,
    }
}

/// The heading of a chart: what it shows, and under which scenario.
fn heading(title: &str, summary: &ScenarioSummary) -> String {
    format!("{title} · {}", svg::label(&summary.scenario.name, 60))
}
