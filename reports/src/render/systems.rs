//! Ours and theirs side by side: the table of a scenario, before it is laid out.

use crate::compare::{
    Criteria, MIN_BLOCKS, Metric, PEER_METRICS, PeerComparison, PeerPair, Verdict,
    peer_comparisons, peer_pairs,
};
use crate::record::LoopKind;
use crate::stats::{ScenarioSummary, Versions, all_versions, systems};
use crate::study::Study;

/// What stands above the tables.
pub(super) const TITLE: &str = "Beside the systems they stand for";

/// How to read the tables.
const LEGEND: &str = "What evenkeel's strategy has over what the system has, block by block, with its 95% \
     interval: above 1 in throughput evenkeel serves more, below 1 in p99 it answers sooner, below 1 \
     in CPU per request, which is that of balancer and workers together, it costs less.";
const VERDICTS: &str = "▲ evenkeel is shown to be better, ▼ to be worse, with the number of comparisons taken into \
     account; no sign: no difference shown.";
const PARITY: &str = "† the system is out of parity with evenkeel's own worker; the remarks on a scenario say in what it differs.";

/// A heading; where not all columns have room, the one with the highest number goes first, 0 stays.
pub(super) type Column = (&'static str, u8);

/// What the rows are.
pub(super) const PAIR: Column = ("evenkeel : system", 0);
pub(super) const BLOCKS: Column = ("blocks", 5);

/// The columns of a metric: its ratio, and the interval of that.
const RATIOS: [(Metric, Column, Column); PEER_METRICS.len()] = [
    (Metric::Throughput, ("throughput", 0), ("95% interval", 2)),
    (Metric::P99, ("p99", 1), ("95% interval", 4)),
    (Metric::CpuPerRequest, ("CPU/req", 0), ("95% interval", 3)),
];

/// The metrics that say something in such a loop, each with its columns.
pub(super) fn ratios(kind: LoopKind) -> impl Iterator<Item = (Metric, Column, Column)> {
    let ratios = RATIOS.into_iter();
    ratios.filter(move |(metric, ..)| metric.applies_to(kind))
}

/// All columns of such a loop.
fn columns(kind: LoopKind) -> Vec<Column> {
    let ratios = ratios(kind).flat_map(|(_, ratio, interval)| [ratio, interval]);
    [PAIR].into_iter().chain(ratios).chain([BLOCKS]).collect()
}

/// What a cell holds where there is no ratio.
const ABSENT: &str = "–";

/// What is compared in one metric, if anything is.
pub(super) type Figure<'c> = Option<&'c PeerComparison<'c>>;

/// All comparisons of a study with peers.
pub(super) fn compared(study: &Study) -> Vec<PeerComparison<'_>> {
    peer_comparisons(study, &Criteria::of(&study.header.plan))
}

/// One for each of the [`columns`]; `unsigned` stands where a ratio has no sign.
fn cells(row: &PeerPair, kind: LoopKind, unsigned: &str) -> Vec<String> {
    let figures = ratios(kind).flat_map(|(metric, ..)| {
        let figure = row.in_metric(metric);
        let sign = sign(figure).map_or(unsigned.to_owned(), |(sign, _)| format!(" {sign}"));
        let interval = interval(figure).unwrap_or(ABSENT.to_owned());
        [estimate(figure) + &sign, interval]
    });
    let name = [row.name()].into_iter();
    name.chain(figures)
        .chain([row.blocks().to_string()])
        .collect()
}

/// The columns in which any row of such a loop has something to say, and the cells of each row;
/// `unsigned` stands where a ratio has no sign.
pub(super) fn table(
    rows: &[PeerPair],
    kind: LoopKind,
    unsigned: &str,
) -> (Vec<Column>, Vec<Vec<String>>) {
    let all = columns(kind);
    let lines: Vec<_> = rows.iter().map(|row| cells(row, kind, unsigned)).collect();
    let says = |column: &usize| lines.iter().any(|line| line[*column].trim() != ABSENT);
    let shown: Vec<usize> = (0..all.len()).filter(says).collect();
    let columns = shown.iter().map(|column| all[*column]);
    let pick = |line: &Vec<String>| shown.iter().map(|column| line[*column].clone()).collect();
    (columns.collect(), lines.iter().map(pick).collect())
}

/// The ratio.
pub(super) fn estimate(figure: Figure) -> String {
    let estimate = figure.and_then(|beside| beside.estimate);
    estimate.map_or(ABSENT.to_owned(), times)
}

/// The sign of a verdict, and the word for it.
pub(super) fn sign(figure: Figure) -> Option<(&'static str, &'static str)> {
    match figure?.comparison.verdict {
        Verdict::Better => Some(("▲", "better")),
        Verdict::Worse => Some(("▼", "worse")),
        Verdict::NoDifferenceShown => None,
    }
}

/// The ends of its interval.
pub(super) fn interval(figure: Figure) -> Option<String> {
    let ratio = figure?.comparison.ratio?;
    Some(format!("{} to {}", times(ratio.low), times(ratio.high)))
}

/// A ratio with four digits, as far as it is one that says anything.
fn times(ratio: f64) -> String {
    match ratio {
        ..0.001 => "<0.001".to_owned(),
        ..10.0 => format!("{ratio:.3}"),
        ..100.0 => format!("{ratio:.2}"),
        ..1000.0 => format!("{ratio:.1}"),
        _ => ">1000".to_owned(),
    }
}

/// How to read the tables, as far as these have what is to be said.
pub(super) fn legend(all: &[PeerComparison], summaries: &[ScenarioSummary]) -> Vec<String> {
    let most = all.iter().map(|beside| beside.comparison.blocks).max();
    let Some(most) = most else {
        return Vec::new();
    };
    let verdicts = match most < MIN_BLOCKS {
        true => format!(
            "No verdict is given: it takes {MIN_BLOCKS} blocks at least, and there are no more than \
             {most}."
        ),
        false => VERDICTS.to_owned(),
    };
    let mut rows = summaries
        .iter()
        .flat_map(|summary| peer_pairs(summary, all));
    let parity = rows.any(|row| row.differs).then(|| PARITY.to_owned());
    let told = [LEGEND.to_owned(), verdicts];
    told.into_iter().chain(parity).collect()
}

/// `nginx 1.22.1, node 20.11.0`: what was measured besides evenkeel; `None` if nothing was.
pub(super) fn versions(study: &Study) -> Option<String> {
    let all = all_versions(&systems(study));
    (!all.is_empty()).then(|| told(&all))
}

/// Names, each with its versions.
pub(super) fn told(versions: &Versions) -> String {
    let told = versions.iter().map(|(name, versions)| {
        let versions: Vec<&str> = versions.iter().copied().collect();
        format!("{name} {}", versions.join(" and "))
    });
    told.collect::<Vec<_>>().join(", ")
}
