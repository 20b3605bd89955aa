//! Paired ratios against a baseline, with their intervals.

use super::svg::{Anchor, Canvas, Panel, Rows, Scale};
use super::{ABSENT, Chart, Table, heading};
use crate::compare::{Comparison, Direction, Metric, Ratio, Verdict};
use crate::palette::look;
use crate::record::LoopKind;
use crate::stats::ScenarioSummary;

/// Ratios that an axis may name, by how far it reaches; those within its ends are.
const NEAR: [f64; 5] = [0.8, 0.9, 1.0, 1.1, 1.25];
const FAR: [f64; 7] = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];

/// The least and the most that an axis reaches to either side: intervals beyond are cut.
const REACH: (f64, f64) = (1.25, 10.0);

/// Half the height of the end of an interval, in pixels.
const HALF_CAP: f64 = 4.0;

/// The ratios of a scenario against one baseline; `None` if nothing can be compared with it.
/// `comparisons` are those of the whole study against that baseline.
pub(crate) fn draw(summary: &ScenarioSummary, comparisons: &[Comparison]) -> Option<Chart> {
    let name = summary.scenario.name.as_str();
    let here: Vec<&Comparison> = comparisons.iter().filter(|c| c.scenario == name).collect();
    let baseline = here.iter().find(|c| c.ratio.is_some())?.baseline;
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
    let mut canvas = Canvas::new(&what, rows.height());
    let key = format!("baseline: {baseline} · sign: mean ratio · line: 95% interval");
    canvas.heading(&heading("Paired ratios", summary), &key);
    rows.labels(&mut canvas);
    let metrics = metrics(summary.scenario.loop_kind);
    for (metric, place) in metrics.into_iter().zip(rows.places(metrics.len(), 0.0)) {
        let of_metric: Vec<&Comparison> = here
            .iter()
            .copied()
            .filter(|c| c.metric == metric)
            .collect();
        let scale = scale(&of_metric, place);
        let ticks = if scale.holds(FAR[4]) { &FAR[..] } else { &NEAR };
        let named = ticks.iter().copied().filter(|ratio| scale.holds(*ratio));
        let better = match metric.better() {
            Direction::Up => "better →",
            Direction::Down => "← better",
        };
        let panel = Panel {
            title: metric.name().into(),
            axis: better.into(),
            ticks: named.map(|ratio| (ratio, format!("{ratio}"))).collect(),
        };
        rows.panel(&mut canvas, &panel, &scale);
        let (top, bottom) = rows.ends();
        canvas.line("axis", (scale.at(1.0), top), (scale.at(1.0), bottom));
        for row in 0..rows.strategies.len() {
            interval(&mut canvas, rows, row, &of_metric, &scale);
        }
    }
    canvas.finish()
}

/// As far to either side as the farthest interval reaches, within [`REACH`].
fn scale(comparisons: &[&Comparison], place: (f64, f64)) -> Scale {
    let ratios = comparisons.iter().filter_map(|c| c.ratio);
    let farthest = ratios.map(|r| r.high.max(1.0 / r.low)).fold(1.0, f64::max);
    let reach = (farthest * 1.05).clamp(REACH.0, REACH.1);
    Scale::logarithmic((1.0 / reach, reach), place)
}

fn interval(canvas: &mut Canvas, rows: &Rows, row: usize, here: &[&Comparison], scale: &Scale) {
    let strategy = rows.strategies[row].0;
    let (_, y, _) = rows.bar(row);
    let Some(comparison) = here.iter().find(|c| c.candidate == strategy.strategy) else {
        return;
    };
    let Some(ratio) = comparison.ratio else {
        let at = (scale.at(1.0), y);
        canvas.text("quiet", at, Anchor::Middle, "one block");
        return;
    };
    let class = match comparison.verdict {
        Verdict::NoDifferenceShown => "mark faint",
        Verdict::Better | Verdict::Worse => "mark",
    };
    canvas.series(strategy.position, |canvas| {
        let [low, high] = [ratio.low, ratio.high].map(|r| scale.at(r));
        canvas.line(class, (low, y), (high, y));
        for x in [low, high] {
            canvas.line(class, (x, y - HALF_CAP), (x, y + HALF_CAP));
        }
        let at = (scale.at(ratio.estimate), y);
        canvas.marker(at, look(strategy.position));
        canvas.hit(at, &sentence(comparison, ratio));
    });
}

fn sentence(comparison: &Comparison, ratio: Ratio) -> String {
    let Ratio {
        estimate,
        low,
        high,
    } = ratio;
    format!(
        "{}: {} is {estimate:.3} × that of {} ({low:.3} to {high:.3}, {} blocks): {}",
        comparison.candidate,
        comparison.metric.name(),
        comparison.baseline,
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
