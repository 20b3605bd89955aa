//! Ratios of our strategies to the peers that they stand for.

use super::info::{ChartInfo, Draw, Drawing, Drawn, PeerScope};
use super::ratios::{ForestPlot, KEY, table};
use super::svg::{Label, Rows, label};
use crate::compare::{Comparison, PEER_METRICS, PeerPair};
use crate::palette::SeriesStyle;

/// Longest label of a row in characters, as in other charts with rows.
const MAX_LABEL: usize = 40;

pub(super) static PEERS: ChartInfo = ChartInfo {
    name: "systems",
    title: "Compared with peers",
    caption: "The figure of evenkeel's strategy divided by the peer's, compared block by block: the \
              marker is the mean over the blocks, the line its 95% confidence interval or, of fewer \
              than six blocks, their range. Each strategy stands above the peers with which it is compared. A line that touches 1 shows no \
              difference. A strong line is a verdict, all comparisons taken together; a pale one is no \
              difference shown. Arrows point to the side on which evenkeel is better.",
    set_by: None,
    draw: Draw::Peers(draw),
};

fn draw(scope: &PeerScope) -> Drawn {
    let summary = scope.summary;
    let compared = scope.pairs.iter().flat_map(PeerPair::comparisons);
    let compared: Vec<&Comparison> = compared.collect();
    if compared.iter().all(|c| c.interval().is_none()) {
        return Ok(None);
    }
    let mut metrics = PEER_METRICS.to_vec();
    metrics.retain(|metric| metric.applies_to(summary.scenario.loop_kind));
    let plot = ForestPlot {
        title: PEERS.title,
        description: "Forest plot: ratios of strategies to the peers they stand for".to_owned(),
        key: format!("evenkeel : peer · {KEY} · strong: a verdict"),
        metrics,
        rows: Rows::labelled(rows(scope.pairs).into_iter()),
    };
    Ok(Some(Drawing {
        svg: plot.drawn(summary),
        table: table(&compared),
    }))
}

/// Rows with their labels; a row without comparisons is a heading.
type LabelledRows<'c> = Vec<(Label, Option<(SeriesStyle, Vec<&'c Comparison<'c>>)>)>;

fn rows<'c>(pairs: &[PeerPair<'c>]) -> LabelledRows<'c> {
    let mut rows = LabelledRows::new();
    for of_ours in pairs.chunk_by(|a, b| a.ours == b.ours) {
        let ours = label(of_ours[0].ours, MAX_LABEL);
        rows.push((Label::Heading(format!("{ours} :")), None));
        for pair in of_ours {
            let name = Label::Name(pair.style, label(&pair.peer_name(), MAX_LABEL));
            rows.push((name, Some((pair.style, pair.comparisons().collect()))));
        }
    }
    rows
}
