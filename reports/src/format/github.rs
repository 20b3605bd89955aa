//! The custom format of github-action-benchmark
//! (<https://github.com/benchmark-action/github-action-benchmark>): a file for what should grow and
//! one for what should shrink, since the direction that is better is set once per file.

use serde::Serialize;

use super::measures::{cases, is_bigger_better, unit};
use super::{File, FormatInfo, Paint, to_json};
use crate::error::RenderError;
use crate::study::Study;

/// Two files for github-action-benchmark, in the folder of -o.
pub(super) static GITHUB_ACTION_BENCHMARK: FormatInfo = FormatInfo {
    name: "github-action-benchmark",
    file_name: "github-action-benchmark",
    summary: "Two files for github-action-benchmark, in the folder of -o",
    paint: Paint::Files(render),
};

/// What the action's `tool` is to be for each file, which is also the file's name.
const TOOLS: [(&str, bool); 2] = [
    ("customBiggerIsBetter", true),
    ("customSmallerIsBetter", false),
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
    let files = TOOLS.map(|(tool, bigger)| {
        Ok(File {
            name: format!("{tool}.json"),
            text: to_json(&entries(study, bigger))?,
        })
    });
    files.into_iter().collect()
}

fn entries(study: &Study, bigger: bool) -> Vec<Entry> {
    let mut entries = Vec::new();
    for case in cases(study) {
        let wanted = case
            .measures
            .iter()
            .filter(|m| is_bigger_better(m.metric) == bigger);
        entries.extend(wanted.map(|measure| {
            Entry {
                name: format!("{}/{}", case.name(), measure.metric.name()),
                unit: unit(measure.metric),
                value: measure.spread.median,
                range: measure
                    .spread
                    .relative_half_width()
                    .map(|half| format!("±{:.1}%", half * 100.0)),
                extra: crate::units::plural(measure.spread.blocks, "block"),
            }
        }));
    }
    entries
}
