//! What became of the requests of a trial, in words.

use super::LoadTrial;
use crate::losses::meaning;
use crate::record::{ANSWERED, Account, UNFINISHED};
use crate::units;

/// Rows on failed and repeated requests: a name and a sentence each.
pub(super) fn rows(trial: &LoadTrial) -> Vec<(&'static str, String)> {
    let account = trial.measured.account.as_ref();
    let mut rows = errors(trial);
    if trial.error_count() > 0 {
        rows.extend(account.map(|account| ("account", sum(account))));
    }
    rows.extend(account.and_then(repeated).map(|text| ("repeated", text)));
    rows
}

/// The class of errors of an unexpected status.
pub(super) fn class_of(status: &str) -> String {
    format!("status-{status}")
}

/// How a class of errors is illustrated, as the end of a sentence.
pub(super) fn example(trial: &LoadTrial, class: &str) -> String {
    let example = trial.error_examples.get(class);
    example.map_or(String::new(), |example| format!(", such as: {example}"))
}

/// The number of errors, then each class with what it means and an example. Unexpected statuses are with
/// the answers.
fn errors(trial: &LoadTrial) -> Vec<(&'static str, String)> {
    let Some(share) = trial.error_share() else {
        return Vec::new();
    };
    let total = trial.error_count();
    if total == 0 {
        return vec![("errors", "none".to_owned())];
    }
    let total = format!("{} ({} of all)", units::whole(total), units::percent(share));
    let statuses = trial.measured.statuses.keys();
    let shown: Vec<String> = statuses.map(|status| class_of(status)).collect();
    let classes = trial.measured.errors.iter();
    let classes = classes.filter(|(class, _)| !shown.contains(class));
    let classes = classes.map(|(class, count)| {
        let meaning = meaning(class).map_or(String::new(), |meaning| format!(" ({meaning})"));
        let example = example(trial, class);
        let count = units::whole(*count);
        ("", format!("{count} × {class}{meaning}{example}"))
    });
    [("errors", total)].into_iter().chain(classes).collect()
}

/// That every request is in one class: `1,007 requests: 1,000 answered, 5 failed, 2 unfinished`.
fn sum(account: &Account) -> String {
    let (answered, unfinished) = (account.of(ANSWERED), account.of(UNFINISHED));
    let failed = account.classes.values().sum::<u64>() - answered - unfinished;
    let parts = [
        (answered, "answered"),
        (failed, "failed"),
        (unfinished, "unfinished"),
    ];
    let parts = parts.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(count, what)| format!("{} {what}", units::whole(count)))
        .collect();
    let requests = units::plural(account.requests as usize, "request");
    format!("{requests}: {}", parts.join(", "))
}

/// What became of requests that were sent again; `None` if there were none.
fn repeated(account: &Account) -> Option<String> {
    let classes = account.repeated.iter();
    let classes: Vec<String> = classes
        .map(|(class, count)| format!("{} × {class}", units::whole(*count)))
        .collect();
    let total = account.repeated.values().sum();
    (total > 0).then(|| {
        format!(
            "{} sent again on another connection, {} answered; otherwise {}",
            units::whole(total),
            units::whole(account.repeated_answered),
            classes.join(", ")
        )
    })
}
