//! The charts of a study as files.

use super::info::{Chart, PeerScope, RatioScope, Scope};
use super::{charts, picture, svg};
use crate::compare::{self, Criteria};
use crate::error::RenderError;
use crate::stats;
use crate::study::Study;

/// Returns all charts of a study as (file name, SVG), each fit to stand alone on a light or dark
/// page. Ratios refer to the strategy with the key `baseline`, or to the leader of each scenario.
///
/// # Errors
/// If a histogram cannot be used.
pub fn all(study: &Study, baseline: Option<&str>) -> Result<Vec<(String, String)>, RenderError> {
    let mut files = Vec::new();
    let mut add = |of: &str, scope: Scope| {
        for Chart { info, drawing } in charts(scope)? {
            let name = format!("{}-{}.svg", svg::file_stem(of), info.name);
            files.push((name, svg::standalone(&drawing.svg, info.title)));
        }
        Ok::<(), RenderError>(())
    };
    let summaries = stats::summarize(study);
    for sweep in stats::sweeps(&summaries) {
        add(sweep.name, Scope::Sweep(&sweep))?;
    }
    let criteria = Criteria::of(&study.header.plan);
    let rankings = compare::rankings(study, &criteria);
    let with_peers = compare::peer_comparisons(study, &criteria);
    for summary in &summaries {
        let pairs = &compare::peer_pairs(summary, &with_peers);
        let here = rankings
            .iter()
            .find(|one| one.scenario == summary.scenario.name);
        let leader = here.map(|ranking| ranking.leader().strategy);
        let baseline = baseline.or(leader).unwrap_or_default();
        let comparisons = &compare::with_baseline(study, baseline, &criteria);
        let ratios = RatioScope {
            summary,
            comparisons,
            baseline,
        };
        for scope in [
            Scope::Scenario(summary),
            Scope::Theory(summary),
            Scope::Ratios(ratios),
            Scope::Peers(PeerScope { summary, pairs }),
        ] {
            add(&summary.scenario.name, scope)?;
        }
    }
    Ok(files)
}

/// Returns all charts of a study as files: (name, contents) of an SVG and a PNG each; see [`all`].
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
