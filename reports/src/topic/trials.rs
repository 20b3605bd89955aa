//! Every trial, and whether its figures count.

use crate::palette;
use crate::record::{LoopKind, Measured, Trial, TrialResult};
use crate::stats::Steadiness;
use crate::study::Study;
use crate::table::{Cell, Column, Row, Series, Table, Tone};
use crate::units;

static COLUMNS: [Column; 7] = [
    Column::words("trial"),
    Column::words("scenario"),
    Column::number("block"),
    Column::words("outcome"),
    Column::number("req/s"),
    Column::number("p99"),
    Column::words("remarks"),
];

/// Returns a row per trial, in the order in which they ran.
pub(crate) fn table(study: &Study) -> Table {
    let planned = &study.header.plan.strategies;
    let styles = palette::of_strategies(planned);
    let row = |trial: &Trial| {
        let position = planned.iter().position(|s| s.key == trial.strategy);
        Row {
            series: position.map(|position| Series::from(styles[position])),
            cells: cells(study, trial).to_vec(),
            ..Row::default()
        }
    };
    Table {
        title: String::new(),
        columns: COLUMNS.to_vec(),
        rows: study.trials.iter().map(row).collect(),
    }
}

pub(crate) fn valid(study: &Study) -> usize {
    study.trials.iter().filter_map(Trial::valid).count()
}

fn cells(study: &Study, trial: &Trial) -> [Cell; COLUMNS.len()] {
    let measured = trial.measured();
    let block = f64::from(trial.block_number());
    // A cell of a trial without figures is empty: the outcome says why.
    let figure = |value: Option<f64>, show: fn(f64) -> String| match value {
        Some(value) => Cell::number(Some(value), show),
        None => Cell::default(),
    };
    [
        Cell::text(&trial.strategy),
        Cell::text(&trial.scenario),
        Cell::number(Some(block), |block| block.to_string()),
        outcome(trial),
        figure(measured.map(|m| m.throughput_rps), units::count),
        figure(
            measured.and_then(|m| Some(m.latency_us?.p99)),
            units::duration,
        ),
        Cell::text(remarks(study, trial).join("; ")),
    ]
}

fn outcome(trial: &Trial) -> Cell {
    match &trial.result {
        TrialResult::Skipped(_) => Cell::text("skipped"),
        TrialResult::Failed(_) => Cell::text("failed").toned(Tone::Worse),
        TrialResult::Measured(measured) if measured.valid => Cell::text("valid"),
        TrialResult::Measured(_) => Cell::text("invalid").toned(Tone::Worse),
    }
}

/// The reasons, the notes, and what the time series shows.
fn remarks(study: &Study, trial: &Trial) -> Vec<String> {
    let reason = trial.skipped().or(trial.failed());
    let mut remarks: Vec<String> = reason.map(str::to_owned).into_iter().collect();
    if let Some(measured) = trial.measured() {
        let recorded = measured.invalid_because.iter().chain(&measured.notes);
        remarks.extend(recorded.cloned());
        remarks.extend(settling(study, trial, measured));
        let intervals = measured.intervals.iter();
        let disturbed = intervals.filter(|i| i.is_disturbed() == Some(true)).count();
        if disturbed > 0 {
            let all = units::plural(measured.intervals.len(), "interval");
            remarks.push(format!("{disturbed} of {all} disturbed by other processes"));
        }
    }
    remarks
}

/// Says that the beginning differed from the rest, if it did.
fn settling(study: &Study, trial: &Trial, measured: &Measured) -> Option<String> {
    let mut scenarios = study.header.plan.scenarios.iter();
    let loop_kind = scenarios.find(|s| s.name == trial.scenario)?.loop_kind;
    let steadiness = Steadiness::of_trial(loop_kind, &measured.intervals);
    let Steadiness::Settling { early_over_late } = steadiness else {
        return None;
    };
    let what = match loop_kind {
        LoopKind::Closed => "throughput",
        LoopKind::Open => "median response time",
    };
    Some(format!(
        "the warm-up was not over: the beginning had {early_over_late:.2} × the {what} of the rest"
    ))
}
