//! Paired ratios against a baseline, with their intervals.

use super::svg::{Axis, Canvas, FAINT, HPos, MARK, Plane, Rows, Words, middle};
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
    let rows = Rows::of(summary, |strategy, _| {
        here.iter().any(|c| c.candidate == strategy.strategy)
    });
    Some(Chart {
        name: "ratios",
        title: "Paired ratios",
        caption: "How many times the baseline's figure a strategy has, compared block by block: \
                  the sign is the mean over the blocks, the line its 95% interval. A line that \
                  touches 1 shows no difference. A strong line is a verdict that holds beyond \
                  the margin, all comparisons taken together; a pale one is no difference \
                  shown. Arrows say which side is better.",
        svg: drawn(summary, &rows, &here, baseline),
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

fn drawn(summary: &ScenarioSummary, rows: &Rows, here: &[&Comparison], baseline: &str) -> String {
    let name = &summary.scenario.name;
    let what = format!("Forest plot: paired ratios of each strategy to {baseline} under {name}");
    let canvas = Canvas::new(&what, rows.height());
    let key = format!("baseline: {baseline} · sign: mean ratio · line: 95% interval");
    canvas.heading(&heading("Paired ratios", summary), &key);
    rows.labels(&canvas);
    let metrics = metrics(summary.scenario.loop_kind);
    for (index, metric) in metrics.into_iter().enumerate() {
        let of_metric = here.iter().copied().filter(|c| c.metric == metric);
        let of_metric: Vec<&Comparison> = of_metric.collect();
        let better = match metric.better() {
            Direction::Up => "better →",
            Direction::Down => "← better",
        };
        let x = axis(&of_metric).titled(better);
        let plane = rows.panel(&canvas, (index, metrics.len()), (metric.name(), x), 0.0);
        rows.rule(&plane, 1.0);
        if of_metric.is_empty() {
            let at = (1.0, middle(0));
            plane.text(
                Words::Quiet,
                at,
                0.0,
                HPos::Center,
                "too few answers to compare",
            );
        }
        for (row, (strategy, _)) in rows.strategies.iter().enumerate() {
            let of_row = of_metric.iter().find(|c| c.candidate == strategy.strategy);
            if let Some(comparison) = of_row {
                interval(&canvas, &plane, comparison, (row, strategy.look));
            }
        }
    }
    canvas.finish()
}

/// As far to either side as the farthest interval reaches, within [`REACH`].
fn axis(comparisons: &[&Comparison]) -> Axis {
    let ratios = comparisons.iter().filter_map(|c| c.ratio);
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

fn table(here: &[&Comparison]) -> Table {
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
