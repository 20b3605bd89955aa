//! What limits an answer.

use super::scenario::ScenarioAnswer;
use super::standing::{FAR, Standing};
use super::words::listed;
use crate::stats::{Remark, RemarkKind, ScenarioSummary, StrategySummary, completeness};
use crate::study::Study;
use crate::units::{percent, plural};

/// Most sentences of this kind: the details have all.
const MOST: usize = 5;

pub(super) fn sentences(
    study: &Study,
    summaries: &[ScenarioSummary],
    answers: &[ScenarioAnswer],
) -> Vec<String> {
    let missing = completeness(study).sentences().into_iter();
    let mut all: Vec<String> = missing.map(|text| format!("incomplete: {text}.")).collect();
    all.extend(answers.iter().filter_map(too_few));
    all.extend(unclear(summaries, answers));
    let kinds = RemarkKind::ALL.into_iter();
    all.extend(kinds.filter_map(|kind| remarks(summaries, kind)));
    all.extend(overdue(summaries));
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

/// What strategies without a rank lack.
fn too_few(here: &ScenarioAnswer) -> Option<String> {
    let have = here.too_few.iter();
    let have = have.map(|few| format!("{} has {}", few.strategy, few.blocks));
    let have: Vec<String> = have.collect();
    (!have.is_empty()).then(|| {
        let (scenario, have) = (here.scenario, listed(&have));
        format!(
            "too few valid blocks under {scenario}: {have}, and a rank takes {}.",
            here.rank_takes
        )
    })
}

/// Strategies of which the data do not say how they compare with the leader.
fn unclear(summaries: &[ScenarioSummary], answers: &[ScenarioAnswer]) -> Option<String> {
    let each = summaries.iter().zip(answers).filter_map(|(summary, here)| {
        let is_open = |key: &str| {
            here.place(key)
                .is_some_and(|place| place.standing == Standing::Open)
        };
        under(summary, is_open)
    });
    let each: Vec<String> = each.collect();
    (!each.is_empty()).then(|| {
        let more = percent(FAR - 1.0);
        format!(
            "unclear {}: at least {more} worse than the best on average, but blocks differ too much to say.",
            each.join(", ")
        )
    })
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

/// One sentence for all remarks of a kind, with the first of them.
fn remarks(summaries: &[ScenarioSummary], kind: RemarkKind) -> Option<String> {
    let says = kind.in_an_answer()?;
    let of_kind = |summary: &ScenarioSummary| -> Vec<Remark> {
        let remarks = summary.remarks.iter().filter(|remark| remark.kind == kind);
        remarks.cloned().collect()
    };
    let all: Vec<Remark> = summaries.iter().flat_map(of_kind).collect();
    let first = brief(&all.first()?.text);
    let why = match all.len() == 1 || first.len() <= SHORT {
        true => first,
        false => "the details say why",
    };
    let affected = summaries.iter().filter_map(|summary| {
        let remarks = of_kind(summary);
        let has = |key: &str| {
            remarks
                .iter()
                .any(|one| one.strategies.iter().any(|s| s == key))
        };
        under(summary, has)
    });
    let affected: Vec<String> = affected.collect();
    let more = match all.len() {
        1 => String::new(),
        all => format!(" (and {})", plural(all - 1, "other remark")),
    };
    Some(format!("{says} {}: {why}{more}.", affected.join(", ")))
}

/// `under skewed (single, reuseport)`; of many strategies how many they are. `None` without any.
fn under(summary: &ScenarioSummary, is_affected: impl Fn(&str) -> bool) -> Option<String> {
    let strategies = summary.strategies.iter().map(|one| one.strategy);
    let affected: Vec<&str> = strategies.filter(|key| is_affected(key)).collect();
    let who = match affected.len() {
        0 => return None,
        1..=NAMED => listed(&affected),
        many => format!("{many} strategies"),
    };
    Some(format!("under {} ({who})", summary.scenario.name))
}

/// Most characters of a recorded sentence that stands for others of its kind, too.
const SHORT: usize = 60;

/// Most strategies of a scenario that a sentence about several scenarios names.
const NAMED: usize = 3;

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
fn overdue(summaries: &[ScenarioSummary]) -> Option<String> {
    let is_late = |one: &StrategySummary| {
        let mut unfinished = one.used.iter().filter_map(|trial| trial.unfinished);
        one.valid > 0 && unfinished.any(|unfinished| unfinished.overdue > 0)
    };
    let late = summaries.iter().filter_map(|summary| {
        let late: Vec<&str> = summary
            .strategies
            .iter()
            .filter(|one| is_late(one))
            .map(|one| one.strategy)
            .collect();
        under(summary, |key| late.contains(&key))
    });
    let late: Vec<String> = late.collect();
    let late = (!late.is_empty()).then(|| late.join(", "))?;
    Some(format!(
        "overdue requests {late}: high percentiles are lower bounds."
    ))
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
