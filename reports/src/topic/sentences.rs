//! The sentences around the tables of a study, the same in all formats.

use crate::answer::listed;
use crate::compare::{self, Criteria, Precision};
use crate::document::Note;
use crate::record::{LoopKind, PlanRecord};
use crate::stats::{Remark, ScenarioSummary, completeness};
use crate::study::Study;
use crate::units;

/// How a scenario was run, above its tables.
pub(crate) fn conditions(summary: &ScenarioSummary, plan: &PlanRecord) -> String {
    let kind = match summary.scenario.loop_kind {
        LoopKind::Closed => {
            "closed loop, so latencies are closed-loop: the next request waits for the last answer"
        }
        LoopKind::Open => "open loop: latencies count from the intended time of each request",
    };
    let blocks = units::plural(plan.blocks as usize, "block");
    let mut parts = vec![
        kind.to_owned(),
        summary.scenario.load.clone(),
        format!(
            "{blocks} of {}",
            units::seconds(plan.duration_s(summary.scenario))
        ),
        units::plural(plan.workers as usize, "worker"),
    ];
    if let Some(command) = &plan.worker_command {
        parts.push(format!("workers run `{command}`"));
    }
    // One is the usual number.
    if plan.dispatchers > 1 {
        parts.push(units::plural(plan.dispatchers as usize, "dispatcher"));
    }
    if let Some(limit) = plan.max_in_flight {
        parts.push(format!("at most {limit} in flight per worker"));
    }
    if !plan.weights.is_empty() {
        let weights: Vec<String> = plan.weights.iter().map(u32::to_string).collect();
        parts.push(format!("weights {}", weights.join(",")));
    }
    if plan.keep_awake {
        parts.push("CPUs kept awake".to_owned());
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" · ")
}

/// Which trials are missing; a reader should know it before any figure.
pub(crate) fn missing(study: &Study) -> Vec<String> {
    completeness(study).sentences()
}

/// What an A/A study shows about the method; `None` for other studies.
pub(crate) fn aa(study: &Study) -> Option<String> {
    let criteria = Criteria::of(&study.header.plan);
    compare::is_aa(study).then(|| compare::false_verdicts(study, &criteria).sentence())
}

/// How precise a study is that had a requested precision; `None` for other studies.
pub(crate) fn precision(study: &Study) -> Option<String> {
    let requested = units::percent(study.header.plan.precision?);
    let blocks = units::plural(study.header.plan.blocks as usize, "block");
    let widest = Precision::of_study(study).and_then(|precision| precision.widest);
    Some(match widest {
        Some(widest) => format!(
            "after {blocks} the widest interval reaches {} from its ratio; {requested} was requested",
            units::percent(widest)
        ),
        None => format!("{requested} was requested, and not every comparison has an interval"),
    })
}

/// What was recorded of some trials, gravest first.
pub(crate) fn remarks(summary: &ScenarioSummary) -> Vec<Note> {
    let notes = summary.remarks.iter();
    notes
        .map(|remark| Note::labelled(remark.kind.label(), sentence(remark, summary)))
        .collect()
}

fn sentence(remark: &Remark, summary: &ScenarioSummary) -> String {
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
