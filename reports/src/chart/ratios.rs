//! Paired ratios against a baseline, with their intervals.

use super::info::{ChartInfo, Draw, Drawing, Drawn, RatioScope};
use super::svg::{
    Axis, Canvas, FAINT, HPos, Label, MARK, Plane, Rows, TextRole, middle, row_label,
};
use crate::compare::{Comparison, Direction, Metric, Ratio, Verdict};
use crate::palette::SeriesStyle;
use crate::record::LoopKind;
use crate::stats::{Interval, ScenarioSummary};
use crate::table::{Table, or_absent};

/// Possible ticks of an axis, for a short and for a long one.
const NEAR: [f64; 5] = [0.8, 0.9, 1.0, 1.1, 1.25];
const FAR: [f64; 7] = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];

/// Least and greatest reach of an axis to either side: intervals beyond are cut.
const REACH: (f64, f64) = (1.25, 10.0);

/// What the marks of a plot are.
pub(super) const KEY: &str =
    "marker: mean ratio · line: 95% interval, or range of fewer than 6 blocks";

/// A forest plot: comparisons in rows, and a panel for each metric.
pub(super) struct ForestPlot<'c> {
    pub(super) title: &'static str,
    /// What it shows, for readers who cannot see it.
    pub(super) description: String,
    /// How to read it, in a line.
    pub(super) key: String,
    pub(super) metrics: Vec<Metric>,
    /// Rows, each with its style and comparisons; a row without them is a heading.
    pub(super) rows: Rows<Option<(SeriesStyle, Vec<&'c Comparison<'c>>)>>,
}

pub(super) static RATIOS: ChartInfo = ChartInfo {
    name: "ratios",
    title: "Paired ratios",
    caption: "A strategy's figure divided by the baseline's, compared block by block: the marker is the \
              mean over the blocks, the line its 95% confidence interval or, of fewer than six blocks, \
              their range. A line that touches 1 shows no difference. A strong line is a verdict that holds beyond the margin, all comparisons \
              taken together; a pale one is no difference shown. Arrows point to the better side.",
    set_by: None,
    draw: Draw::Ratios(draw),
};

fn draw(scope: &RatioScope) -> Drawn {
    let (summary, baseline) = (scope.summary, scope.baseline);
    let name = summary.scenario.name.as_str();
    let here = scope.comparisons.iter().filter(|c| c.scenario == name);
    let here: Vec<&Comparison> = here.collect();
    if here.iter().all(|c| c.interval().is_none()) {
        return Ok(None);
    }
    let plot = ForestPlot {
        title: RATIOS.title,
        description: format!("Forest plot: paired ratios of each strategy to {baseline}"),
        key: format!("baseline: {baseline} · {KEY}"),
        metrics: metrics(summary.scenario.loop_kind).into(),
        rows: rows(summary, &here),
    };
    Ok(Some(Drawing {
        svg: plot.drawn(summary),
        table: table(&here),
    }))
}

/// Returns the metric that decides in a scenario, and those for waiting and for cost.
fn metrics(kind: LoopKind) -> [Metric; 3] {
    match kind {
        LoopKind::Closed => [Metric::Throughput, Metric::P99, Metric::CpuPerRequest],
        LoopKind::Open => [Metric::P50, Metric::P99, Metric::CpuPerRequest],
    }
}

/// A row for every strategy that is compared.
fn rows<'c>(
    summary: &ScenarioSummary,
    here: &[&'c Comparison<'c>],
) -> Rows<Option<(SeriesStyle, Vec<&'c Comparison<'c>>)>> {
    let strategies = summary.strategies.iter().filter(|s| s.figures.is_some());
    let rows = strategies.filter_map(|strategy| {
        let of_it = here.iter().filter(|c| c.candidate == strategy.strategy);
        let of_it: Vec<&Comparison> = of_it.copied().collect();
        let label = Label::Name(strategy.style, row_label(strategy));
        (!of_it.is_empty()).then_some((label, Some((strategy.style, of_it))))
    });
    Rows::labelled(rows)
}

impl ForestPlot<'_> {
    pub(super) fn drawn(&self, summary: &ScenarioSummary) -> String {
        let canvas = self
            .rows
            .canvas(summary, self.title, &self.description, &self.key);
        for (index, metric) in self.metrics.iter().enumerate() {
            self.panel(&canvas, index, *metric);
        }
        canvas.finish()
    }

    fn panel(&self, canvas: &Canvas, index: usize, metric: Metric) {
        let rows = self.rows.all.iter().enumerate();
        let compared = rows.filter_map(|(row, of_row)| {
            let (style, compared) = of_row.as_ref()?;
            let of_metric = compared.iter().find(|c| c.metric == metric)?;
            Some((row, *style, *of_metric))
        });
        let compared: Vec<(usize, SeriesStyle, &Comparison)> = compared.collect();
        let better = match metric.better() {
            Direction::Up => "better →",
            Direction::Down => "← better",
        };
        let x = axis(compared.iter().map(|one| one.2)).titled(better);
        let panels = (index, self.metrics.len());
        let plane = self.rows.panel(canvas, panels, (metric.name(), x), 0.0);
        self.rows.rule(&plane, 1.0);
        if compared.is_empty() {
            let (at, text) = ((1.0, middle(0)), "too few answers to compare");
            plane.text(TextRole::Quiet, at, 0.0, HPos::Center, text);
        }
        for (row, style, comparison) in compared {
            interval(canvas, &plane, comparison, (row, style));
        }
    }
}

/// An axis that reaches as far as the farthest interval, within [`REACH`].
fn axis<'c>(comparisons: impl Iterator<Item = &'c Comparison<'c>>) -> Axis {
    let intervals = comparisons.filter_map(Comparison::interval);
    let farthest = intervals.map(|of| of.high.max(1.0 / of.low));
    let farthest = farthest.fold(1.0, f64::max);
    let reach = (farthest * 1.05).clamp(REACH.0, REACH.1);
    let ticks = if reach >= FAR[4] { &FAR[..] } else { &NEAR };
    let within = ticks.iter().copied();
    let within = within.filter(|ratio| (1.0 / reach..=reach).contains(ratio));
    Axis::logarithmic(1.0 / reach..reach).naming(within.map(|ratio| (ratio, ratio.to_string())))
}

fn interval(
    canvas: &Canvas,
    plane: &Plane,
    comparison: &Comparison,
    (row, style): (usize, SeriesStyle),
) {
    let y = middle(row);
    let Some((ratio, interval)) = comparison.ratio.zip(comparison.interval()) else {
        plane.text(TextRole::Quiet, (1.0, y), 0.0, HPos::Center, "one block");
        return;
    };
    let line = match comparison.verdict {
        Verdict::NoDifferenceShown => FAINT,
        Verdict::Better | Verdict::Worse => MARK,
    };
    canvas.series(style, || {
        plane.whisker(line, (interval.low, interval.high), y);
        plane.marker((ratio.estimate, y), style);
        plane.hit((ratio.estimate, y), &tooltip(comparison, ratio, interval));
    });
}

fn tooltip(comparison: &Comparison, ratio: Ratio, interval: Interval) -> String {
    let (estimate, interval) = (ratio.estimate, interval.words(three_decimals));
    // Of two studies both have the same key.
    let baseline = match comparison.baseline == comparison.candidate {
        true => "the baseline",
        false => comparison.baseline,
    };
    format!(
        "{}: {} is {estimate:.3} × that of {baseline} ({interval}, {} blocks): {}",
        comparison.candidate,
        comparison.metric.name(),
        comparison.blocks,
        comparison.verdict.label(),
    )
}

fn three_decimals(ratio: f64) -> String {
    format!("{ratio:.3}")
}

pub(super) fn table(here: &[&Comparison]) -> Table {
    let mut table = Table::with_head([
        "strategy", "metric", "ratio", "interval", "blocks", "p", "verdict",
    ]);
    for comparison in here {
        let estimate = |ratio: Ratio| three_decimals(ratio.estimate);
        table.push([
            comparison.candidate,
            comparison.metric.name(),
            &or_absent(comparison.ratio, estimate),
            &or_absent(comparison.interval(), |of| of.words(three_decimals)),
            &comparison.blocks.to_string(),
            &or_absent(comparison.p, |p| format!("{p:.3}")),
            comparison.verdict.label(),
        ]);
    }
    table
}
