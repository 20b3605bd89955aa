//! Stalls: times without an answer, while requests waited for one.

use std::time::Duration;

use super::{Interval, Outcome};

/// A wait of this many median service times is no ordinary one: of answers with exponentially
/// distributed times, one in a thousand takes as long. Response times of an open loop contain the stall
/// itself.
const MEDIANS: u32 = 10;

/// Shorter waits are common on a busy host: its scheduler may leave a process without a CPU for as
/// long.
pub(super) const SHORTEST: Duration = Duration::from_millis(100);

/// Most stalls that are listed.
const LISTED: usize = 3;

/// Says when nothing was answered; `None` if there was no such time.
pub(super) fn note(outcome: &Outcome) -> Option<String> {
    let median = Duration::from_nanos(outcome.service.value_at_quantile(0.5));
    let least = SHORTEST.max(median * MEDIANS);
    let is_stall = |interval: &&Interval| interval.stalled.is_some_and(|waited| waited >= least);
    let stalls = joined(outcome.intervals.iter().filter(is_stall));
    let spans = stalls.iter().take(LISTED).map(|(begin, end)| {
        let (begin, end) = (begin.as_secs_f64(), end.as_secs_f64());
        format!("from {begin:.2} to {end:.2} s")
    });
    let spans: Vec<String> = spans.collect();
    let more = match stalls.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!(" and {more} more times"),
    };
    (outcome.reached && !spans.is_empty()).then(|| {
        let spans = spans.join(", ");
        format!("stalled: nothing was answered {spans}{more}, although requests waited")
    })
}

/// Joins intervals that follow each other.
fn joined<'all>(intervals: impl Iterator<Item = &'all Interval>) -> Vec<(Duration, Duration)> {
    let mut joined: Vec<(Duration, Duration)> = Vec::new();
    for interval in intervals {
        match joined.last_mut() {
            Some((_, end)) if *end == interval.begin => *end = interval.end,
            _ => joined.push((interval.begin, interval.end)),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Recorder;

    /// Returns the note on intervals of 100 ms; in those that stalled, a request had waited for this
    /// number of milliseconds. Answers took a millisecond.
    fn note_on(stalled_ms: &[Option<u64>]) -> Option<String> {
        let mut outcome = Outcome::of_window(Recorder::default(), Duration::from_secs(1), 1);
        outcome.service.record_n(1_000_000, 100).expect("in range");
        outcome.reached = true;
        let length = Duration::from_millis(100);
        outcome.intervals = (0..)
            .zip(stalled_ms)
            .map(|(number, waited)| Interval {
                begin: length * number,
                end: length * (number + 1),
                requests: 0,
                failures: 0,
                response: None,
                stalled: waited.map(Duration::from_millis),
            })
            .collect();
        note(&outcome)
    }

    #[test]
    fn intervals_without_an_answer_make_up_stalls() {
        let note = note_on(&[None, Some(120), Some(220), None, Some(100), None]);
        assert_eq!(
            note.as_deref(),
            Some(
                "stalled: nothing was answered from 0.10 to 0.30 s, from 0.40 to 0.50 s, although \
                 requests waited"
            )
        );
    }

    #[test]
    fn short_waits_are_no_stalls_and_a_long_list_is_cut() {
        assert_eq!(note_on(&[None, Some(99)]), None);
        let many = note_on(&[Some(100), None].repeat(5)).expect("five stalls");
        assert!(
            many.contains("from 0.40 to 0.50 s and 2 more times"),
            "{many}"
        );
    }
}
