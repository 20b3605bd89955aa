//! Paired ratios against a baseline, with their intervals.

use super::svg::{Axis, Canvas, FAINT, HPos, Label, MARK, Plane, Rows, Words, middle, row_label};
use super::{ABSENT, Chart, Table, heading};
use crate::compare::{Comparison, Direction, Metric, Ratio, Verdict};
use crate::palette::Look;
use crate::record::LoopKind;
use crate::stats::ScenarioSummary;

/// Ratios that an axis may name, by how far it reaches; those within its ends are.
const NEAR: [f64; 5] = [0.8, 0.9, 1.0, 1.1, 1.25];
const FAR: [f64; 7] = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];

/// The least and the most that an axis reaches to either side: intervals beyond are cut.
const REACH: (f64, f64) = (1.25, 10.0);

/// What the signs and lines of a plot are.
pub(super) const SIGNS: &str = "sign: mean ratio · line: 95% interval";

/// A plot in the making: comparisons in rows, and a panel for each metric.
pub(super) struct Forest<'c> {
    /// What it shows.
    pub(super) title: &'static str,
    /// The same in a sentence, for those who cannot see it.
    pub(super) what: String,
    /// How to read it, in a line.
    pub(super) key: String,
    pub(super) metrics: Vec<Metric>,
    /// Rows, each with its look and what is compared in it; a row without a look is a heading.
    pub(super) rows: Rows<Option<(Look, Vec<&'c Comparison<'c>>)>>,
}

/// The ratios of a scenario against one baseline; `None` if nothing can be compared with it.
/// `comparisons` are those of the whole study against that baseline, which is called `baseline`.
pub(crate) fn draw(
    summary: &ScenarioSummary,
    comparisons: &[Comparison],
    baseline: &str,
) -> Option<Chart> {
    let name = summary.scenario.name.as_str();
    let here: Vec<&Comparison> = comparisons.iter().filter(|c| c.scenario == name).collect();
    here.iter().find(|c| c.ratio.is_some())?;
    let forest = Forest {
        title: "Paired ratios",
        what: format!("Forest plot: paired ratios of each strategy to {baseline} under {name}"),
        key: format!("baseline: {baseline} · {SIGNS}"),
        metrics: metrics(summary.scenario.loop_kind).into(),
        rows: rows(summary, &here),
    };
    Some(Chart {
        name: "ratios",
        title: "Paired ratios",
        caption: "How many times the baseline's figure a strategy has, compared block by block: \
                  the sign is the mean over the blocks, the line its 95% interval. A line that \
                  touches 1 shows no difference. A strong line is a verdict that holds beyond \
                  the margin, all comparisons taken together; a pale one is no difference \
                  shown. Arrows say which side is better.",
        svg: forest.drawn(summary),
        table: table(&here),
    })
}

/// What decides in a scenario, beside what users wait and what it costs.
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
) -> Rows<Option<(Look, Vec<&'c Comparison<'c>>)>> {
    let strategies = summary.strategies.iter().filter(|s| s.figures.is_some());
    let rows = strategies.filter_map(|strategy| {
        let of_it = here.iter().filter(|c| c.candidate == strategy.strategy);
        let of_it: Vec<&Comparison> = of_it.copied().collect();
        let label = Label::Name(strategy.look, row_label(strategy));
        (!of_it.is_empty()).then_some((label, Some((strategy.look, of_it))))
    });
    Rows::labelled(rows)
}

impl Forest<'_> {
    pub(super) fn drawn(&self, summary: &ScenarioSummary) -> String {
        let canvas = Canvas::new(&self.what, self.rows.height());
        canvas.heading(&heading(self.title, summary), &self.key);
        self.rows.labels(&canvas);
        for (index, metric) in self.metrics.iter().enumerate() {
            self.panel(&canvas, index, *metric);
        }
        canvas.finish()
    }

    fn panel(&self, canvas: &Canvas, index: usize, metric: Metric) {
        let rows = self.rows.all.iter().enumerate();
        let compared = rows.filter_map(|(row, of_row)| {
            let (look, compared) = of_row.as_ref()?;
            let of_metric = compared.iter().find(|c| c.metric == metric)?;
            Some((row, *look, *of_metric))
        });
        let compared: Vec<(usize, Look, &Comparison)> = compared.collect();
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
            plane.text(Words::Quiet, at, 0.0, HPos::Center, text);
        }
        for (row, look, comparison) in compared {
            interval(canvas, &plane, comparison, (row, look));
        }
    }
}

/// As far to either side as the farthest interval reaches, within [`REACH`].
fn axis<'c>(comparisons: impl Iterator<Item = &'c Comparison<'c>>) -> Axis {
    let ratios = comparisons.filter_map(|c| c.ratio);
    let farthest = ratios.map(|r| r.high.max(1.0 / r.low)).fold(1.0, f64::max);
    let reach = (farthest * 1.05).clamp(REACH.0, REACH.1);
    let ticks = if reach >= FAR[4] { &FAR[..] } else { &NEAR };
    let within = ticks.iter().copied();
    let within = within.filter(|ratio| (1.0 / reach..=reach).contains(ratio));
    Axis::logarithmic(1.0 / reach..reach).naming(within.map(|ratio| (ratio, ratio.to_string())))
}

fn interval(canvas: &Canvas, plane: &Plane, comparison: &Comparison, (row, look): (usize, Look)) {
    let y = middle(row);
    let Some(ratio) = comparison.ratio else {
        plane.text(Words::Quiet, (1.0, y), 0.0, HPos::Center, "one block");
        return;
    };
    let style = match comparison.verdict {
        Verdict::NoDifferenceShown => FAINT,
        Verdict::Better | Verdict::Worse => MARK,
    };
    canvas.series(look, || {
        plane.whisker(style, (ratio.low, ratio.high), y);
        plane.sign((ratio.estimate, y), look);
        plane.hit((ratio.estimate, y), &sentence(comparison, ratio));
    });
}

fn sentence(comparison: &Comparison, ratio: Ratio) -> String {
    let Ratio {
        estimate,
        low,
        high,
    } = ratio;
    // Of two studies both have the same key.
    let baseline = match comparison.baseline == comparison.candidate {
        true => "the baseline",
        false => comparison.baseline,
    };
    format!(
        "{}: {} is {estimate:.3} × that of {baseline} ({low:.3} to {high:.3}, {} blocks): {}",
        comparison.candidate,
        comparison.metric.name(),
        comparison.blocks,
        comparison.verdict.label(),
    )
}

pub(super) fn table(here: &[&Comparison]) -> Table {
    let mut table = Table::new([
        "strategy",
        "metric",
        "ratio",
        "95% interval",
        "blocks",
        "p",
        "verdict",
    ]);
    for comparison in here {
        let absent = || ABSENT.to_owned();
        let estimate = comparison
            .ratio
            .map_or_else(absent, |r| format!("{:.3}", r.estimate));
        let ends = |r: Ratio| format!("{:.3} to {:.3}", r.low, r.high);
        table.row([
            comparison.candidate,
            comparison.metric.name(),
            &estimate,
            &comparison.ratio.map_or_else(absent, ends),
            &comparison.blocks.to_string(),
            &comparison.p.map_or_else(absent, |p| format!("{p:.3}")),
            comparison.verdict.label(),
        ]);
    }
    table
}
