//! What limits an answer.

use super::words::listed;
use crate::stats::{Remark, RemarkKind, ScenarioSummary, completeness};
use crate::study::Study;
use crate::units::{percent, plural};

/// Most sentences of this kind: the details have all.
const MOST: usize = 5;

pub(super) fn sentences(study: &Study, summaries: &[ScenarioSummary]) -> Vec<String> {
    let missing = completeness(study).sentences().into_iter();
    let mut all: Vec<String> = missing.map(|text| format!("incomplete: {text}.")).collect();
    all.extend(summaries.iter().flat_map(of_scenario));
    all.extend(disturbed(summaries));
    all.extend(study.warnings.iter().cloned());
    let of_host = study.header.host.warnings.iter();
    all.extend(of_host.map(|warning| format!("{}.", brief(warning))));
    let left_out = all.len().saturating_sub(MOST);
    if left_out > 0 {
        all.truncate(MOST);
        all.push(format!(
            "{} in the details.",
            plural(left_out, "more remark")
        ));
    }
    all
}

/// Most characters of a recorded sentence in an answer: about a line.
const LONG: usize = 90;

/// A recorded sentence without what to do about it, which is behind its last semicolon, and a long one without
/// its explanation, which is behind its first colon. The details have the whole.
fn brief(sentence: &str) -> &str {
    let what = sentence.rsplit_once(';').map_or(sentence, |(what, _)| what);
    match what.split_once(": ") {
        Some((what, _)) if sentence.len() > LONG => what,
        _ => what,
    }
}

fn of_scenario(summary: &ScenarioSummary) -> Vec<String> {
    let kinds = RemarkKind::ALL.into_iter();
    let remarks = kinds.filter_map(|kind| {
        let says = kind.in_an_answer()?;
        remark(summary, kind, says)
    });
    remarks.chain(overdue(summary)).collect()
}

/// One sentence for all remarks of a kind, with the first of them.
fn remark(summary: &ScenarioSummary, kind: RemarkKind, says: &str) -> Option<String> {
    let of_kind = summary.remarks.iter().filter(|remark| remark.kind == kind);
    let of_kind: Vec<&Remark> = of_kind.collect();
    let first = of_kind.first()?;
    let affected = |key: &str| {
        of_kind
            .iter()
            .any(|one| one.strategies.iter().any(|s| s == key))
    };
    let strategies = summary.strategies.iter().map(|one| one.strategy);
    let strategies: Vec<&str> = strategies.filter(|key| affected(key)).collect();
    let who = match strategies.len() == summary.strategies.len() && strategies.len() > 1 {
        true => "all strategies".to_owned(),
        false => listed(&strategies),
    };
    let why = brief(&first.text);
    let more = match of_kind.len() {
        1 => String::new(),
        all => format!(" (and {})", plural(all - 1, "other reason")),
    };
    let name = &summary.scenario.name;
    Some(format!("{says} under {name} ({who}): {why}{more}."))
}

impl RemarkKind {
    /// How an answer says it; `None` if it does not limit the answer.
    fn in_an_answer(self) -> Option<&'static str> {
        match self {
            RemarkKind::Failed => Some("failed trials"),
            RemarkKind::Invalid => Some("invalid trials"),
            RemarkKind::Errors => Some("failed requests"),
            RemarkKind::OutOfParity => Some("out of parity"),
            RemarkKind::Skipped => Some("skipped"),
            RemarkKind::Note => None,
        }
    }
}

/// Requests that waited for longer than any answer took make percentiles look too good.
fn overdue(summary: &ScenarioSummary) -> Option<String> {
    let overdue_of = |trials: &[&crate::Measured]| -> u64 {
        let unfinished = trials.iter().filter_map(|trial| trial.unfinished);
        unfinished.map(|unfinished| unfinished.overdue).sum()
    };
    let strategies = summary.strategies.iter();
    let late = strategies.filter(|one| one.valid > 0 && overdue_of(&one.used) > 0);
    let late: Vec<&str> = late.map(|one| one.strategy).collect();
    (!late.is_empty()).then(|| {
        format!(
            "overdue requests under {} ({}): high percentiles are lower bounds.",
            summary.scenario.name,
            listed(&late)
        )
    })
}

/// Share of the measured time that others disturbed, if that is so much that some figures may be off.
fn disturbed(summaries: &[ScenarioSummary]) -> Option<String> {
    let strategies = || summaries.iter().flat_map(|summary| &summary.strategies);
    strategies().find(|strategy| strategy.is_disturbed())?;
    let times = strategies().map(|strategy| strategy.disturbed_s());
    let (measured, disturbed) = times.fold((0.0, 0.0), |all, one| (all.0 + one.0, all.1 + one.1));
    let share = percent(disturbed / measured);
    Some(format!(
        "a busy host: other processes disturbed {share} of the measured time, most where * is."
    ))
}
