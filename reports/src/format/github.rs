//! The custom format of github-action-benchmark
//! (<https://github.com/benchmark-action/github-action-benchmark>): a file for what should grow and
//! one for what should shrink, since the direction that is better is set once per file.

use serde::Serialize;

use super::measures::{cases, unit};
use super::{File, FormatInfo, Paint, to_json};
use crate::compare::Direction;
use crate::error::RenderError;
use crate::stats::Interval;
use crate::study::Study;

pub(super) static GITHUB_ACTION_BENCHMARK: FormatInfo = FormatInfo {
    name: "github-action-benchmark",
    file_name: "github-action-benchmark",
    summary: "Two files for github-action-benchmark, in the folder of -o",
    paint: Paint::Files(render),
};

/// What the action's `tool` is to be for each file, which is also the file's name.
const TOOLS: [(&str, Direction); 2] = [
    ("customBiggerIsBetter", Direction::Up),
    ("customSmallerIsBetter", Direction::Down),
];

#[derive(Serialize)]
struct Entry {
    name: String,
    unit: &'static str,
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    extra: String,
}

fn render(study: &Study) -> Result<Vec<File>, RenderError> {
    let files = TOOLS.map(|(tool, better)| {
        Ok(File {
            name: format!("{tool}.json"),
            text: to_json(&entries(study, better))?,
        })
    });
    files.into_iter().collect()
}

fn entries(study: &Study, better: Direction) -> Vec<Entry> {
    let mut entries = Vec::new();
    for case in cases(study) {
        let measures = case.measures.iter().map(|m| (m.metric, m.spread));
        let wanted = measures.filter(|(metric, _)| metric.better() == better);
        entries.extend(wanted.map(|(metric, spread)| Entry {
            name: format!("{}/{}", case.name(), metric.name()),
            unit: unit(metric),
            value: spread.mean,
            range: spread.interval.map(|interval| range(&interval)),
            extra: crate::units::plural(spread.blocks, "block"),
        }));
    }
    entries
}

/// `±2.4%`, or `range 95.2 to 101.7` with too few blocks for a confidence interval.
fn range(interval: &Interval) -> String {
    match interval.relative_half_width() {
        Some(half) => format!("±{:.1}%", half * 100.0),
        None => interval.words(|end| end.to_string()),
    }
}
