//! The words of an answer.

use super::standing::Behind;
use crate::compare::Metric;

/// From this factor on a ratio is said as `3.3 times`, below as a percentage.
const TIMES: f64 = 1.5;

/// Number of strategies that a sentence lists.
const LISTED: usize = 8;

/// Number of strategies that stand for more than that.
const FIRST: usize = 4;

/// `a, b, c`; of many, the first ones and how many more.
pub(crate) fn listed<T: AsRef<str>>(keys: &[T]) -> String {
    let shown = if keys.len() > LISTED { FIRST } else { LISTED };
    let (first, more) = keys.split_at(keys.len().min(shown));
    let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
    match more.len() {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// `a`, `a or b`, `a, b or c`; of many, as [`listed`].
pub(super) fn joined(keys: &[&str], word: &str) -> String {
    match keys {
        [all @ .., last] if !all.is_empty() && keys.len() <= LISTED => {
            format!("{} {word} {last}", all.join(", "))
        }
        _ => listed(keys),
    }
}

/// `3.3 to 22 times the p99` and `of`; `10% to 24% less throughput` and `than`.
pub(super) fn by(metric: Metric, low: f64, high: f64) -> (String, &'static str) {
    let what = name(metric);
    let many_times = low >= TIMES || (low >= 1.0 && high >= 2.0 * TIMES);
    match (low >= 1.0, high <= 1.0) {
        _ if many_times => (format!("{} times the {what}", span(low, high, times)), "of"),
        (true, _) => {
            let more = span(low - 1.0, high - 1.0, percent);
            (format!("{more} more {what}"), "than")
        }
        (_, true) => {
            let less = span(1.0 - high, 1.0 - low, percent);
            (format!("{less} less {what}"), "than")
        }
        _ => (format!("{} times the {what}", span(low, high, fine)), "of"),
    }
}

/// The shortest form of how far a strategy is behind: `3.5×`, `+12%`, `−24%`.
pub(crate) fn short(behind: &Behind) -> String {
    match behind.estimate {
        ratio if ratio >= TIMES => format!("{}×", times(ratio)),
        ratio if ratio >= 1.0 => format!("+{}", percent(ratio - 1.0)),
        ratio => format!("−{}", percent(1.0 - ratio)),
    }
}

/// A metric within a sentence.
pub(super) fn name(metric: Metric) -> &'static str {
    match metric {
        Metric::CpuPerRequest => "CPU time per request",
        other => other.name(),
    }
}

/// `3.3 to 22`; one number if both are read alike.
fn span(low: f64, high: f64, show: fn(f64) -> String) -> String {
    let (low, high) = (show(low), show(high));
    match low == high {
        true => low,
        false => format!("{low} to {high}"),
    }
}

fn times(ratio: f64) -> String {
    match ratio {
        ..9.95 => format!("{ratio:.1}"),
        _ => format!("{ratio:.0}"),
    }
}

fn fine(ratio: f64) -> String {
    format!("{ratio:.2}")
}

fn percent(share: f64) -> String {
    format!("{:.0}%", share * 100.0)
}
