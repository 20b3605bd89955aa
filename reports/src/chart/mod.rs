//! Charts as SVG, one file per chart.
//!
//! They need no font and no graphics library of the system: plotters writes the SVG, and
//! whoever shows it chooses the font. A strategy has the same colour in all of them.

mod axis;
mod cpu;
mod latency;
mod load;
mod marker;
mod rows;
mod shares;
mod svg;
mod throughput;
mod timeline;

pub(crate) use load::of_load;
pub(crate) use svg::escape;

use crate::render::RenderError;
use crate::stats::{self, ScenarioSummary};
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
}

/// All charts of a study as (file name, SVG), each fit to stand alone on a light or dark page.
///
/// # Errors
/// If a histogram cannot be used or the drawing library fails.
pub fn all(study: &Study) -> Result<Vec<(String, String)>, RenderError> {
    let mut files = Vec::new();
    for summary in stats::summarize(study) {
        let scenario = svg::file_stem(&summary.scenario.name);
        for chart in of_scenario(&summary)? {
            let name = format!("{scenario}-{}.svg", chart.name);
            files.push((name, svg::standalone(&chart.svg)));
        }
    }
    Ok(files)
}

/// The charts of a scenario; one for which no strategy has figures is left out.
///
/// # Errors
/// If a histogram cannot be used or the drawing library fails.
pub fn of_scenario(summary: &ScenarioSummary) -> Result<Vec<Chart>, RenderError> {
    let charts = [
        throughput::draw(summary)?,
        latency::draw(summary)?,
        shares::draw(summary)?,
        cpu::draw(summary)?,
    ];
    Ok(charts.into_iter().flatten().collect())
}
