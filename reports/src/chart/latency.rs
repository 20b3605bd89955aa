//! Response time by percentile, all strategies in one plane.

use plotters::chart::ChartContext;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::rows::{self, row_label};
use super::svg::{self, AXIS_OPACITY, Area, CHAR_WIDTH, Drawn, GRID_OPACITY, TEXT};
use super::{Chart, marker};
use crate::palette::{INK, Look, look};
use crate::record::LoopKind;
use crate::render::RenderError;
use crate::stats::{PercentileCurve, ScenarioSummary, StrategySummary, merged_histogram};

const NAME: &str = "latency";

/// Least height of the chart, and height of a line of its legend, in pixels.
const MIN_HEIGHT: u32 = 420;
const LEGEND_LINE: u32 = 24;

/// Where the first line of the legend stands, in pixels from above.
const LEGEND_TOP: u32 = 70;

/// Points of a curve that carry the strategy's sign: very nearly the median, then 90%, 99% …
const SIGNED_POINTS: [usize; 7] = [6, 20, 40, 60, 80, 100, 120];

/// The plane of the chart.
type Plane<'a, 'd> = ChartContext<'a, SVGBackend<'d>, Cartesian2d<Axis, Axis>>;

/// A curve with its name.
pub(super) struct Series {
    pub(super) label: String,
    pub(super) look: Look,
    pub(super) curve: PercentileCurve,
}

pub(super) fn draw(summary: &ScenarioSummary) -> Result<Option<Chart>, RenderError> {
    let mut series = Vec::new();
    for strategy in &summary.strategies {
        series.extend(series_of(strategy, &summary.scenario.name)?);
    }
    if series.is_empty() {
        return Ok(None);
    }
    let name = &summary.scenario.name;
    let what = format!("Line chart: latency by percentile of each strategy under {name}");
    let heading = format!("Latency by percentile · {}", svg::label(name, 60));
    let key = key(summary.scenario.loop_kind);
    let svg = drawing(&series, &what, &heading, key)?;
    Ok(Some(Chart {
        name: NAME,
        title: "Latency by percentile",
        caption: "How long the slowest answers took: at 99%, one answer in a hundred took \
                  longer than the curve says. Each step to the right is a tenth of the answers \
                  before it; lower is better. All blocks together. A curve ends where fewer \
                  than ten answers lie beyond, for what comes after is luck.",
        svg,
    }))
}

/// How the times came about, for the line below the heading.
pub(super) fn key(kind: LoopKind) -> &'static str {
    match kind {
        LoopKind::Closed => "closed loop: from sending to answer, and no request is sent meanwhile",
        LoopKind::Open => "open loop: from the intended time of the request to its answer",
    }
}

/// The curves as SVG; `what` says in a sentence what is on it.
pub(super) fn drawing(
    series: &[Series],
    what: &str,
    heading: &str,
    key: &str,
) -> Result<String, RenderError> {
    let height = MIN_HEIGHT.max(LEGEND_TOP + LEGEND_LINE * (series.len() as u32 + 1));
    svg::drawing(NAME, what, height, |area| {
        draw_curves(area, series, heading, key)
    })
}

fn series_of(strategy: &StrategySummary, scenario: &str) -> Result<Option<Series>, RenderError> {
    let merged = merged_histogram(strategy.used.iter().copied());
    let merged = merged.map_err(|source| RenderError::Histogram {
        strategy: strategy.strategy.to_owned(),
        scenario: scenario.to_owned(),
        source,
    })?;
    let curve = merged.as_ref().and_then(PercentileCurve::of);
    Ok(curve.map(|curve| Series {
        label: row_label(strategy),
        look: look(strategy.position),
        curve,
    }))
}

fn draw_curves(area: &Area, series: &[Series], heading: &str, key: &str) -> Drawn {
    rows::heading(area, heading, key)?;
    let longest = series.iter().map(|s| s.label.chars().count()).max();
    let legend_width = longest.unwrap_or(0) as u32 * CHAR_WIDTH + 70;
    let plane = plane(area, series, legend_width)?;
    for one in series {
        let points = one.curve.points.iter();
        let pixels: Vec<_> = points
            .map(|(x, us)| plane.backend_coord(&(*x, us.log10())))
            .collect();
        for at in SIGNED_POINTS.iter().filter_map(|index| pixels.get(*index)) {
            marker::marker(area, *at, one.look)?;
        }
        marker::line(area, pixels, one.look)?;
    }
    legend(area, series, svg::WIDTH - legend_width)
}

/// Axes and grid: nines to the right, the logarithm of microseconds upwards.
fn plane<'a, 'd>(
    area: &Area<'d>,
    series: &[Series],
    legend_width: u32,
) -> Result<Plane<'a, 'd>, Box<dyn std::error::Error>> {
    let (bottom, top) = bounds(series);
    let end = series.iter().map(|s| last_x(&s.curve)).fold(1.0, f64::max);
    let x_axis = Axis {
        range: 0.0..end + 0.05,
        ticks: percentile_ticks(end),
    };
    let y_axis = Axis {
        range: bottom.log10()..top.log10(),
        ticks: latency_ticks(bottom, top),
    };
    let mut plane = ChartBuilder::on(area)
        .margin_top(50)
        .margin_right(legend_width)
        .set_label_area_size(LabelAreaPosition::Left, 80)
        .set_label_area_size(LabelAreaPosition::Bottom, 44)
        .build_cartesian_2d(x_axis, y_axis)?;
    plane
        .configure_mesh()
        .x_label_formatter(&|nines| percentile_label(*nines))
        .y_label_formatter(&|log| latency_label(10f64.powf(*log)))
        .x_desc("percentile of answers")
        .y_desc("latency (logarithmic)")
        .label_style(TEXT.into_font().color(&INK))
        .axis_style(INK.mix(AXIS_OPACITY))
        .bold_line_style(INK.mix(GRID_OPACITY))
        .light_line_style(TRANSPARENT)
        .draw()?;
    Ok(plane)
}

/// Labels to the right of the plane, where they cover no data.
fn legend(area: &Area, series: &[Series], left: u32) -> Drawn {
    let x = left as i32 + 16;
    for (one, line) in series.iter().zip(0..) {
        let y = (LEGEND_TOP + LEGEND_LINE * line) as i32;
        marker::line(area, vec![(x, y), (x + 30, y)], one.look)?;
        marker::marker(area, (x + 15, y), one.look)?;
        rows::text(area, &one.label, (x + 38, y), HPos::Left)?;
    }
    Ok(())
}

fn last_x(curve: &PercentileCurve) -> f64 {
    curve.points.last().map_or(0.0, |point| point.0)
}

/// The decades' 1, 2 and 5 that enclose all curves, microseconds.
fn bounds(series: &[Series]) -> (f64, f64) {
    let all = || series.iter().flat_map(|s| &s.curve.points).map(|p| p.1);
    let min = all().fold(f64::INFINITY, f64::min);
    let max = all().fold(0.0, f64::max);
    let steps: Vec<f64> = one_two_five().collect();
    let bottom = steps.iter().rev().find(|step| **step <= min);
    let top = steps.iter().find(|step| **step > max);
    (
        *bottom.unwrap_or(&steps[0]),
        *top.unwrap_or(&steps[steps.len() - 1]),
    )
}

/// 1, 2, 5, 10 … from a nanosecond to eleven days, microseconds.
fn one_two_five() -> impl Iterator<Item = f64> {
    (-3..=11).flat_map(|decade| [1.0, 2.0, 5.0].map(|digit| digit * 10f64.powi(decade)))
}

fn latency_ticks(bottom: f64, top: f64) -> Vec<f64> {
    // Rounding must not drop the ticks at the ends.
    let inside = |us: &f64| *us >= bottom * 0.999 && *us <= top * 1.001;
    one_two_five().filter(inside).map(f64::log10).collect()
}

fn latency_label(us: f64) -> String {
    let (value, unit) = match us {
        us if us < 0.999 => (us * 1e3, "ns"),
        us if us < 999.0 => (us, "µs"),
        us if us < 999_000.0 => (us / 1e3, "ms"),
        us => (us / 1e6, "s"),
    };
    format!("{value:.0} {unit}")
}

/// Half, and then as many nines as the curves have.
fn percentile_ticks(end: f64) -> Vec<f64> {
    let nines = (1..=end.floor() as u32).map(f64::from);
    [crate::stats::nines(0.5)]
        .into_iter()
        .chain(nines)
        .collect()
}

fn percentile_label(nines: f64) -> String {
    let decimals = (nines.round() as usize).saturating_sub(2);
    format!("{:.decimals$}%", 100.0 * (1.0 - 10f64.powf(-nines)))
}
