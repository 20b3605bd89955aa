//! Every trial and whether it counts.

use crate::escape::escape;
use crate::record::{LoopKind, Measured, Trial, TrialResult};
use crate::stats::Course;
use crate::study::Study;
use crate::units;

const HEAD: [&str; 7] = [
    "trial",
    "scenario",
    "block",
    "outcome",
    "req/s",
    "p99",
    "said of it",
];

pub(super) fn section(study: &Study) -> String {
    let valid = study.trials.iter().filter(|trial| is_valid(trial)).count();
    let all = study.trials.len();
    let head = HEAD
        .map(|name| format!("<th scope=\"col\">{name}</th>"))
        .concat();
    let rows: String = study.trials.iter().map(|trial| row(study, trial)).collect();
    format!(
        "<section id=\"trials\">\n<h2>Trials</h2>\n<p>{valid} of {} are valid. They stand in the order \
         in which they ran.</p>\n<details><summary>All trials</summary>\n\
         <div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Trials\">\n\
         <table class=\"sorts\">\n<thead>\n<tr>{head}</tr>\n</thead>\n<tbody>\n{rows}</tbody>\n\
         </table>\n</div>\n</details>\n</section>\n",
        units::plural(all, "trial")
    )
}

fn is_valid(trial: &Trial) -> bool {
    trial.valid().is_some()
}

fn row(study: &Study, trial: &Trial) -> String {
    let strategies = &study.header.plan.strategies;
    let position = strategies.iter().position(|s| s.key == trial.strategy);
    let measured = trial.measured();
    let figure = |value: Option<f64>, say: fn(f64) -> String| match value {
        Some(value) => format!("<td data-value=\"{value}\">{}</td>", say(value)),
        None => "<td></td>".to_owned(),
    };
    let rate = figure(measured.map(|m| m.throughput_rps), units::count);
    let p99 = figure(
        measured.and_then(|m| Some(m.latency_us?.p99)),
        units::duration,
    );
    format!(
        "<tr data-series=\"{}\"><th scope=\"row\">{}</th><td class=\"text\">{}</td>\
         <td data-value=\"{block}\">{block}</td><td class=\"text\">{}</td>{rate}{p99}\
         <td class=\"text\">{}</td></tr>\n",
        position.unwrap_or(0),
        escape(&trial.strategy),
        escape(&trial.scenario),
        outcome(trial),
        said(study, trial)
            .iter()
            .map(|text| escape(text))
            .collect::<Vec<_>>()
            .join("<br>"),
        block = trial.block + 1,
    )
}

fn outcome(trial: &Trial) -> &'static str {
    match &trial.result {
        TrialResult::Skipped(_) => "skipped",
        TrialResult::Failed(_) => "<b class=\"beware\">failed</b>",
        TrialResult::Measured(measured) if measured.valid => "valid",
        TrialResult::Measured(_) => "<b class=\"beware\">invalid</b>",
    }
}

/// The reasons, the notes, and what its course shows.
fn said(study: &Study, trial: &Trial) -> Vec<String> {
    let reason = trial.skipped().or(trial.failed());
    let mut said: Vec<String> = reason.map(str::to_owned).into_iter().collect();
    if let Some(measured) = trial.measured() {
        said.extend(
            measured
                .invalid_because
                .iter()
                .chain(&measured.notes)
                .cloned(),
        );
        said.extend(settling(study, trial, measured));
        let disturbed = measured
            .intervals
            .iter()
            .filter(|i| i.is_disturbed() == Some(true))
            .count();
        if disturbed > 0 {
            let slices = units::plural(measured.intervals.len(), "slice");
            said.push(format!(
                "{disturbed} of {slices} disturbed by what else ran"
            ));
        }
    }
    said
}

/// That the beginning was unlike the rest, if it was.
fn settling(study: &Study, trial: &Trial, measured: &Measured) -> Option<String> {
    let mut scenarios = study.header.plan.scenarios.iter();
    let loop_kind = scenarios.find(|s| s.name == trial.scenario)?.loop_kind;
    let Course::Settling { early_over_late } = Course::of_trial(loop_kind, &measured.intervals)
    else {
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
