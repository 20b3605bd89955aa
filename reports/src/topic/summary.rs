//! What every strategy achieved under a scenario.

mod best;

use crate::compare::Metric;
use crate::document::Note;
use crate::stats::{Figures, ScenarioSummary, StrategySummary};
use crate::table::{Cell, Column, Mark, Row, Table, Tone};
use crate::units;
use best::Best;

/// A column of figures: its heading, how a cell is made, and what the figure is judged by.
struct Figure {
    column: Column,
    cell: fn(&Figures) -> Cell,
    /// The metric that it shows.
    metric: Option<Metric>,
    /// How its best figure is found, if one figure can be the best.
    best: Option<Best>,
}

const THROUGHPUT: &str = "throughput";
const LATENCY: &str = "latency";
const FAIRNESS: &str = "fairness";
const CPU: &str = "CPU µs/request";

const STRATEGY: Column = Column::words("strategy");

#[rustfmt::skip] // A table is easier to read with few lines per column.
static FIGURES: [Figure; 11] = [
    figure(Column::number("req/s").under(THROUGHPUT), |f| Cell::spread(f.throughput_rps, units::count))
        .judged(Metric::Throughput, Some(best::THROUGHPUT)),
    figure(Column::interval("interval").under(THROUGHPUT).gives_way(1), |f| Cell::half_width(f.throughput_rps, units::count)),
    figure(Column::number("p50").under(LATENCY).gives_way(5), |f| latency(f, best::P50))
        .judged(Metric::P50, Some(best::P50)),
    figure(Column::number("p99").under(LATENCY), |f| latency(f, best::P99))
        .judged(Metric::P99, Some(best::P99)),
    figure(Column::number("p99.9").under(LATENCY).gives_way(2), |f| latency(f, best::P999))
        .judged(Metric::P999, Some(best::P999)),
    figure(Column::number("requests").under(FAIRNESS).gives_way(6), |f| Cell::spread(f.fairness_requests, index))
        .judged(Metric::Fairness, None),
    figure(Column::number("conns").under(FAIRNESS).gives_way(7), |f| Cell::spread(f.fairness_connections, index)),
    figure(Column::number("workers").under(CPU).gives_way(3), |f| Cell::spread(f.workers_cpu_us_per_request, units::count))
        .judged(Metric::CpuPerRequest, None),
    figure(Column::number("dispatcher").under(CPU).gives_way(4),
        |f| Cell::spread(f.dispatcher_cpu_us_per_request, units::count)),
    // Of all blocks together, so it has no interval.
    figure(Column::number("kernel").under(CPU).gives_way(8), |f| Cell::number(f.system_cpu_us_per_request(), units::count)),
    figure(Column::number("errors"),
        |f| Cell::number(Some(f.error_count() as f64), |count| units::whole(count as u64))),
];

const fn figure(column: Column, cell: fn(&Figures) -> Cell) -> Figure {
    Figure {
        column,
        cell,
        metric: None,
        best: None,
    }
}

impl Figure {
    const fn judged(mut self, metric: Metric, best: Option<Best>) -> Figure {
        self.metric = Some(metric);
        self.best = best;
        self
    }
}

/// The median or the 99th percentile.
pub(crate) fn latency_cell(figures: &Figures, quantile: f64) -> Cell {
    let found = [best::P50, best::P99]
        .into_iter()
        .find(|one| one.quantile == Some(quantile));
    found.map_or_else(Cell::absent, |of| latency(figures, of))
}

/// A percentile, with `~` before it if too few answers lie beyond it.
fn latency(figures: &Figures, of: Best) -> Cell {
    let is_supported = of
        .quantile
        .is_none_or(|quantile| figures.supports(quantile));
    let doubt = if is_supported { "" } else { "~" };
    Cell::spread((of.figure)(figures), |us| {
        format!("{doubt}{}", units::duration(us))
    })
}

fn index(index: f64) -> String {
    format!("{index:.3}")
}

/// Returns the figures of a scenario. `mark` gives what a comparison has shown of a strategy in a
/// metric.
pub(crate) fn table(
    summary: &ScenarioSummary,
    mark: &dyn Fn(&str, Metric) -> Option<Mark>,
) -> Table {
    let columns = FIGURES.iter().map(|figure| figure.column.clone());
    let strategies = summary.strategies.iter();
    let mut rows: Vec<Row> = strategies.map(|strategy| row(strategy, mark)).collect();
    for (column, figure) in (1..).zip(&FIGURES) {
        let best = figure.best.and_then(|best| best.row(summary));
        if let Some(row) = best {
            rows[row].cells[column].tone = Tone::Best;
        }
    }
    Table {
        title: String::new(),
        columns: [STRATEGY].into_iter().chain(columns).collect(),
        rows,
    }
}

fn row(strategy: &StrategySummary, mark: &dyn Fn(&str, Metric) -> Option<Mark>) -> Row {
    let cells = match &strategy.figures {
        Some(figures) => FIGURES
            .iter()
            .map(|figure| Cell {
                mark: figure
                    .metric
                    .and_then(|metric| mark(strategy.strategy, metric)),
                ..(figure.cell)(figures)
            })
            .collect(),
        None => without_figures(strategy),
    };
    let name = Cell::text(strategy.marked());
    Row {
        series: Some(strategy.style.into()),
        cells: [name].into_iter().chain(cells).collect(),
        ..Row::default()
    }
}

fn without_figures(strategy: &StrategySummary) -> Vec<Cell> {
    let mut cells = vec![Cell::text(strategy.why_not_ranked())];
    cells.resize(FIGURES.len(), Cell::default());
    cells
}

/// How to read the signs of a table, as far as it has them.
pub(crate) fn legend(table: &Table, summary: &ScenarioSummary) -> Vec<Note> {
    let any = |test: &dyn Fn(&Cell) -> bool| table.rows.iter().flat_map(|row| &row.cells).any(test);
    let strategies = || summary.strategies.iter();
    #[rustfmt::skip]
    let signs = [
        (any(&|cell| cell.interval.is_some()),
            Note::plain("Figures are means over blocks, with their 95% intervals or, of fewer than 6 blocks, their ranges.")),
        (any(&|cell| cell.tone == Tone::Best),
            Note::on_highlights("Highlighted: better in its worst block than every other strategy in its best.")),
        (any(&|cell| cell.text.starts_with('~')),
            Note::plain("~ fewer than 10 answers in all, or 3 in a block, lie beyond this percentile: too few to rely on.")),
        (strategies().any(StrategySummary::only_invalid),
            Note::plain("! no valid trial: the figures may not be compared.")),
        (strategies().any(|strategy| !strategy.differs.is_empty()),
            Note::plain("† out of parity: differs from evenkeel's own worker as the remarks say.")),
        (strategies().any(|strategy| strategy.valid > 0 && strategy.invalid > 0),
            Note::plain("Invalid trials are left out of the figures where a strategy has valid ones.")),
    ];
    let signs = signs.into_iter();
    signs
        .filter_map(|(applies, note)| applies.then_some(note))
        .collect()
}
