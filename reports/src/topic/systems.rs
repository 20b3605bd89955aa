//! Our strategies next to the peers that they stand for.

use crate::compare::{
    Comparison, Criteria, MIN_BLOCKS, Metric, PEER_METRICS, PeerPair, Verdict, peer_comparisons,
    peer_pairs,
};
use crate::record::LoopKind;
use crate::stats::{ScenarioSummary, Versions, all_versions, systems};
use crate::study::Study;
use crate::table::{ABSENT, Cell, Column, Mark, Row, Table};

pub(crate) const TITLE: &str = "Next to the systems that they stand for";

const LEGEND: &str = "Figure of evenkeel's strategy over that of the system, block by block, with the 95% \
     interval or, of fewer than six blocks, their range: above 1 in throughput evenkeel serves more, below 1 in p99 it answers sooner, below 1 \
     in CPU per request, which is that of balancer and workers together, it costs less.";
const VERDICTS: &str = "▲ evenkeel is shown to be better, ▼ to be worse, with the number of comparisons taken into \
     account; no sign: no difference shown.";
const PARITY: &str = "† the system is out of parity with evenkeel's own worker; the remarks on a scenario list the differences.";

const PAIR: Column = Column::words("evenkeel : system");
const BLOCKS: Column = Column::number("blocks").gives_way(5);
const INTERVAL: Column = Column::interval("interval");

/// The columns of a metric: its ratio, and the interval of that.
#[rustfmt::skip]
const RATIOS: [(Metric, Column, Column); PEER_METRICS.len()] = [
    (Metric::Throughput, Column::number("throughput"), INTERVAL.gives_way(2)),
    (Metric::P99, Column::number("p99").gives_way(1), INTERVAL.gives_way(4)),
    (Metric::CpuPerRequest, Column::number("CPU/req"), INTERVAL.gives_way(3)),
];

pub(crate) fn compared(study: &Study) -> Vec<Comparison<'_>> {
    peer_comparisons(study, &Criteria::of(&study.header.plan))
}

pub(crate) fn tables(summaries: &[ScenarioSummary], all: &[Comparison]) -> Vec<Table> {
    let tables = summaries.iter().filter_map(|summary| table(summary, all));
    tables.collect()
}

/// Returns a row per pair of strategy and peer; `None` if there is no pair.
pub(crate) fn table(summary: &ScenarioSummary, all: &[Comparison]) -> Option<Table> {
    let kind = summary.scenario.loop_kind;
    let pairs = peer_pairs(summary, all);
    let columns = ratios(kind).flat_map(|(_, ratio, interval)| [ratio, interval]);
    let columns = [PAIR].into_iter().chain(columns).chain([BLOCKS]);
    let table = Table {
        title: summary.scenario.name.clone(),
        columns: columns.collect(),
        rows: pairs.iter().map(|pair| row(pair, kind)).collect(),
    };
    (!pairs.is_empty()).then(|| table.without_absent_columns())
}

/// The metrics that apply to a kind of loop, each with its columns.
fn ratios(kind: LoopKind) -> impl Iterator<Item = (Metric, Column, Column)> {
    let ratios = RATIOS.into_iter();
    ratios.filter(move |(metric, ..)| metric.applies_to(kind))
}

fn row(pair: &PeerPair, kind: LoopKind) -> Row {
    let ratios = ratios(kind).flat_map(|(metric, ..)| cells(pair.in_metric(metric)));
    let blocks = Cell::number(Some(pair.blocks() as f64), |blocks| blocks.to_string());
    let name = [Cell::text(pair.name())].into_iter();
    Row {
        series: Some(pair.style.into()),
        cells: name.chain(ratios).chain([blocks]).collect(),
        ..Row::default()
    }
}

/// A ratio with its interval and verdict, and the interval alone.
fn cells(compared: Option<&Comparison>) -> [Cell; 2] {
    let ratio = compared.and_then(|one| one.ratio);
    let interval = ratio.and_then(|ratio| Some(ratio.interval?.words(times)));
    let verdict = compared.map_or(Verdict::NoDifferenceShown, |one| one.verdict);
    [
        Cell {
            interval: interval.clone(),
            mark: Mark::of(verdict, |word| format!("shown to be {word}")),
            ..Cell::number(ratio.map(|ratio| ratio.estimate), times)
        },
        Cell::text(interval.unwrap_or(ABSENT.to_owned())),
    ]
}

/// A ratio with four digits, within the range that can be measured.
fn times(ratio: f64) -> String {
    match ratio {
        ..0.001 => "<0.001".to_owned(),
        ..10.0 => format!("{ratio:.3}"),
        ..100.0 => format!("{ratio:.2}"),
        ..1000.0 => format!("{ratio:.1}"),
        _ => ">1000".to_owned(),
    }
}

/// How to read the tables, as far as they have what is explained.
pub(crate) fn legend(all: &[Comparison], summaries: &[ScenarioSummary]) -> Vec<String> {
    let most = all.iter().map(|one| one.blocks).max();
    let Some(most) = most else {
        return Vec::new();
    };
    let verdicts = match most < MIN_BLOCKS {
        true => format!(
            "No verdict is given: it takes {MIN_BLOCKS} blocks or more, and no comparison has more than \
             {most}."
        ),
        false => VERDICTS.to_owned(),
    };
    let mut pairs = summaries
        .iter()
        .flat_map(|summary| peer_pairs(summary, all));
    let parity = pairs.any(|pair| pair.differs).then(|| PARITY.to_owned());
    let legend = [LEGEND.to_owned(), verdicts];
    legend.into_iter().chain(parity).collect()
}

/// Peers with their versions, such as `nginx 1.22.1, node 20.11.0`; `None` if the study has none.
pub(crate) fn versions(study: &Study) -> Option<String> {
    let all = all_versions(&systems(study));
    (!all.is_empty()).then(|| listed(&all))
}

pub(crate) fn listed(versions: &Versions) -> String {
    let listed = versions.iter().map(|(name, versions)| {
        let versions: Vec<&str> = versions.iter().copied().collect();
        format!("{name} {}", versions.join(" and "))
    });
    listed.collect::<Vec<_>>().join(", ")
}
