//! The sentences around a table, the same in all formats.

use super::table::{Cell, Row};
use crate::compare::{self, Criteria, Precision};
use crate::record::{LoopKind, PlanRecord};
use crate::stats::{Remark, ScenarioSummary, StrategySummary, completeness};
use crate::study::Study;
use crate::units;

/// What stands in front of the tables: how a scenario was run.
pub(super) fn conditions(summary: &ScenarioSummary, plan: &PlanRecord) -> String {
    let kind = match summary.scenario.loop_kind {
        LoopKind::Closed => {
            "closed loop, so latencies are closed-loop: the next request waits for the last answer"
        }
        LoopKind::Open => "open loop: latencies count from the intended time of each request",
    };
    let blocks = units::plural(plan.blocks as usize, "block");
    let mut said = vec![
        kind.to_owned(),
        summary.scenario.load.clone(),
        format!("{blocks} of {}", units::seconds(plan.duration_s)),
        units::plural(plan.workers as usize, "worker"),
    ];
    // One is what everybody expects.
    if plan.dispatchers > 1 {
        said.push(units::plural(plan.dispatchers as usize, "dispatcher"));
    }
    if let Some(limit) = plan.max_in_flight {
        said.push(format!("at most {limit} in flight per worker"));
    }
    if !plan.weights.is_empty() {
        let weights: Vec<String> = plan.weights.iter().map(u32::to_string).collect();
        said.push(format!("weights {}", weights.join(",")));
    }
    if plan.keep_awake {
        said.push("CPUs kept awake".to_owned());
    }
    said.retain(|part| !part.is_empty());
    said.join(" · ")
}

/// What must be known before any figure is read: that trials are missing.
pub(super) fn missing(study: &Study) -> Vec<String> {
    completeness(study).sentences()
}

/// What an A/A study says of the method; nothing of any other.
pub(super) fn aa(study: &Study) -> Option<String> {
    let criteria = Criteria::of(&study.header.plan);
    compare::is_aa(study).then(|| compare::false_verdicts(study, &criteria).sentence())
}

/// How precise a study is that was to go on until it is; nothing of any other.
pub(super) fn precision(study: &Study) -> Option<String> {
    let ordered = units::percent(study.header.plan.precision?);
    let blocks = units::plural(study.header.plan.blocks as usize, "block");
    let widest = Precision::of_study(study).and_then(|precision| precision.widest);
    Some(match widest {
        Some(widest) => format!(
            "after {blocks} the widest interval reaches {} from its ratio; {ordered} was ordered",
            units::percent(widest)
        ),
        None => format!("{ordered} was ordered, and not every comparison has an interval"),
    })
}

/// What was recorded of some trials, as one sentence without its kind.
pub(super) fn sentence(remark: &Remark, summary: &ScenarioSummary) -> String {
    let varies = if remark.numbers_vary {
        ", numbers vary"
    } else {
        ""
    };
    let who = match remark.strategies.len() {
        all if all > 1 && all == summary.strategies.len() => "all strategies".to_owned(),
        _ => listed(&remark.strategies),
    };
    let (trials, of) = (remark.trials, summary.trials);
    format!("{} ({trials} of {of} trials{varies}: {who})", remark.text)
}

/// How many strategies a sentence lists.
pub(super) const LISTED: usize = 8;

/// Strategies in a sentence, of many the first few.
pub(super) fn listed<T: AsRef<str>>(keys: &[T]) -> String {
    let (first, more) = keys.split_at(keys.len().min(LISTED));
    let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
    match more.len() {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// How to read the signs in the tables, as far as this one has them and shows them: plain text
/// has no highlights.
pub(super) fn legend(
    rows: &[Row],
    summary: &ScenarioSummary,
    highlights: bool,
) -> Vec<&'static str> {
    let any = |test: &dyn Fn(&Cell) -> bool| rows.iter().flat_map(|row| &row.cells).any(test);
    let signs = [
        (
            any(&|cell| cell.interval.is_some()),
            "Figures are medians over blocks, with their 95% intervals.",
        ),
        (
            highlights && any(&|cell| cell.best),
            "Highlighted: better in its worst block than every other strategy in its best.",
        ),
        (
            any(&|cell| cell.text.starts_with('~')),
            "~ fewer than 10 answers per block lie beyond this percentile: an anecdote.",
        ),
        (
            summary.strategies.iter().any(StrategySummary::only_invalid),
            "! no valid trial: the figures may not be compared.",
        ),
        (
            summary.strategies.iter().any(|s| !s.differs.is_empty()),
            "† out of parity: differs from evenkeel's own worker in what is said below.",
        ),
        (
            summary
                .strategies
                .iter()
                .any(|s| s.valid > 0 && s.invalid > 0),
            "Invalid trials are left out of the figures where a strategy has valid ones.",
        ),
    ];
    signs
        .into_iter()
        .filter_map(|(applies, text)| applies.then_some(text))
        .collect()
}
