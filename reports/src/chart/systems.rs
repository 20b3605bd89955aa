//! Our strategies beside the systems that they stand for.

use super::Chart;
use super::forest::{Forest, SIGNS, table};
use super::svg::{Label, Rows, label};
use crate::compare::{Comparison, PEER_METRICS, PeerPair};
use crate::palette::Look;
use crate::stats::ScenarioSummary;

/// Heading of the chart.
const TITLE: &str = "Beside the systems they stand for";

/// Longest label of a row in characters, as of other charts with rows.
const MAX_LABEL: usize = 40;

/// The rows of a scenario; `None` if none of them has a ratio with an interval.
pub(crate) fn draw(summary: &ScenarioSummary, pairs: &[PeerPair]) -> Option<Chart> {
    let compared: Vec<&Comparison> = pairs.iter().flat_map(PeerPair::comparisons).collect();
    compared
        .iter()
        .find(|comparison| comparison.ratio.is_some())?;
    let name = &summary.scenario.name;
    let mut metrics = PEER_METRICS.to_vec();
    metrics.retain(|metric| metric.applies_to(summary.scenario.loop_kind));
    let forest = Forest {
        title: TITLE,
        what: format!(
            "Forest plot: ratios of strategies to the systems they stand for under {name}"
        ),
        key: format!("evenkeel : system · {SIGNS} · strong: a verdict"),
        metrics,
        rows: Rows::labelled(rows_by_ours(pairs).into_iter()),
    };
    Some(Chart {
        name: "systems",
        title: TITLE,
        caption: "How many times the system's figure evenkeel's strategy has, compared block by \
                  block: the sign is the mean over the blocks, the line its 95% interval. Above \
                  the systems stands the strategy that is compared with them. A line that touches 1 shows no difference. A strong line is a \
                  verdict, all comparisons taken together; a pale one is no difference shown. \
                  Arrows say on which side evenkeel is better.",
        svg: forest.drawn(summary),
        table: table(&compared),
    })
}

/// Systems below the strategy that stands for them.
type Lines<'c> = Vec<(Label, Option<(Look, Vec<&'c Comparison<'c>>)>)>;

fn rows_by_ours<'c>(pairs: &[PeerPair<'c>]) -> Lines<'c> {
    let mut lines = Lines::new();
    for of_ours in pairs.chunk_by(|a, b| a.ours == b.ours) {
        let ours = label(of_ours[0].ours, MAX_LABEL);
        lines.push((Label::Heading(format!("{ours} :")), None));
        for pair in of_ours {
            let name = Label::Name(pair.look, label(&pair.peer_name(), MAX_LABEL));
            lines.push((name, Some((pair.look, pair.comparisons().collect()))));
        }
    }
    lines
}
