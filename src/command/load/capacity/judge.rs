//! Whether a trial keeps the limits, and whether it says anything about the server.

use evenkeel_loadgen::Outcome;
use evenkeel_reports::load::RateTried;

use crate::limit::{Limit, LimitInput};
use crate::study::too_many_failures;

/// Largest share of arrivals that may be unsent at the end of the window. With more, the server did
/// not keep up, even if the latencies of the short trial look good: the queue would keep growing.
/// Less may be a burst at the end.
const LEFT_OVER: f64 = 0.05;

/// Share of the time that load threads may wait for a CPU in any case: with little to do, a wait is soon
/// longer than the work.
const MUCH_WAITED: f64 = 0.1;

/// Judges a trial. It says nothing about the server if the generator or the host was the limit, and the
/// limits hold or would hold without what these added.
pub(super) fn judge(limits: &[Limit], rate_rps: f64, outcome: &Outcome) -> RateTried {
    let (holds, mut because) = test(limits, LimitInput::from(outcome));
    let unsent = left_over(outcome);
    let is_kept = holds && unsent.is_none();
    let mut faults = outcome.faults_of_generator();
    if is_kept && is_only_late(outcome) {
        faults.clear();
    } else if !is_kept {
        faults.extend(starved(outcome));
        if faults.is_empty() && !holds {
            faults.extend(lag_decides(limits, outcome));
        }
    }
    // Independent of the limits: in an overload, the few answered requests are the fast ones.
    let unsent = unsent.filter(|_| faults.is_empty());
    let overload = [unsent, too_many_failures(outcome)];
    let overload: Vec<String> = overload.into_iter().flatten().collect();
    let is_overload = !overload.is_empty();
    because.extend(overload);
    let would_hold = || holds || test(limits, LimitInput::of_service(outcome)).0;
    let valid = faults.is_empty() || is_overload || !would_hold();
    if !valid {
        because.extend(faults.into_iter().map(str::to_owned));
    }
    RateTried {
        rate_rps,
        throughput_rps: outcome.throughput_rps(),
        // What else makes figures invalid, such as connections that the server closed, is no pass.
        kept: is_kept
            && !is_overload
            && (outcome.invalid_because.is_empty() || is_only_late(outcome)),
        valid,
        because: because.join(", "),
    }
}

/// Tests all limits: whether they hold, and the figures.
fn test(limits: &[Limit], input: LimitInput) -> (bool, Vec<String>) {
    let findings = limits.iter().map(|limit| limit.test(input));
    let findings = findings.map(|finding| match finding {
        Ok(finding) => (finding.holds, finding.figure),
        Err(why) => (false, why),
    });
    let (holds, figures): (Vec<bool>, Vec<String>) = findings.unzip();
    (holds.into_iter().all(|holds| holds), figures)
}

/// Whether lateness is all that is wrong with a trial. It adds to response times and takes nothing away: a
/// request that is sent later is not answered earlier, and its time counts from when it was due. So a limit
/// that holds would hold without it.
fn is_only_late(outcome: &Outcome) -> bool {
    outcome.is_late() && outcome.invalid_because.len() == 1
}

/// Says whether limits that are broken would hold without the generator's lag. Where requests waited for
/// connections, service times lack that wait as well, so they do not tell.
fn lag_decides(limits: &[Limit], outcome: &Outcome) -> Option<&'static str> {
    let waited = outcome.offered.is_none_or(|offered| offered.waited > 0);
    (!waited && test(limits, LimitInput::of_service(outcome)).0)
        .then_some("the limit would hold without the lag of the generator")
}

/// Says whether the load threads had to wait for a CPU for most of the time in which they had work. Whoever
/// had it, the machine was then the limit.
fn starved(outcome: &Outcome) -> Option<&'static str> {
    let waited = outcome.generator_wait_share;
    (waited > MUCH_WAITED && waited > outcome.generator_cpu_share)
        .then_some("the load threads waited for a CPU longer than they ran")
}

/// Says what share was unsent at the end of the window, if it is too much.
fn left_over(outcome: &Outcome) -> Option<String> {
    let offered = outcome.offered.as_ref()?;
    let unsent = offered.arrivals.saturating_sub(offered.sent_in_window) as f64;
    let share = unsent / offered.arrivals.max(1) as f64;
    (share > LEFT_OVER).then(|| format!("{:.0}% were not sent in time", share * 100.0))
}

#[cfg(test)]
mod tests {
    use evenkeel_loadgen::{ErrorClass, Offered, ScheduleCheck};

    use super::*;
    use crate::study::example_outcome;

    /// An open loop of a thousand answers, each after this lag and this service in milliseconds.
    fn outcome(lag_ms: u64, service_ms: u64) -> Outcome {
        let mut outcome = example_outcome();
        for (times, ms) in [
            (&mut outcome.response, lag_ms + service_ms),
            (&mut outcome.service, service_ms),
            (&mut outcome.lag, lag_ms),
        ] {
            times.record_n(ms * 1_000_000, 1_000).expect("in range");
        }
        if outcome.is_late() {
            outcome.invalid_because = vec!["the generator was late".to_owned()];
        }
        outcome.offered = Some(Offered {
            arrivals: 1_000,
            offered_rps: Some(1_000.0),
            sent_in_window: 1_000,
            waited: 0,
            late: 0,
            schedule: ScheduleCheck {
                gaps: 0,
                spacing: None,
                correlation: None,
                count: None,
            },
        });
        outcome
    }

    /// Whether the trial is valid, and whether it keeps a limit of 5 ms.
    fn judged(outcome: &Outcome) -> (bool, bool) {
        let limits = ["p99<5ms".parse().expect("a limit")];
        let tried = judge(&limits, 1_000.0, outcome);
        (tried.valid, tried.kept)
    }

    #[test]
    fn without_a_fault_of_the_generator_the_limits_decide() {
        assert_eq!(judged(&outcome(0, 1)), (true, true));
        assert_eq!(judged(&outcome(0, 9)), (true, false));
    }

    #[test]
    fn a_late_generator_breaks_no_limit_of_the_server() {
        // The limit holds although the generator was late.
        assert_eq!(judged(&outcome(3, 1)), (true, true));
        let also_off = Outcome {
            invalid_because: vec!["late".to_owned(), "off schedule".to_owned()],
            ..outcome(3, 1)
        };
        assert!(!judged(&also_off).0);
        assert!(!judged(&outcome(8, 1)).0);
        // The server alone takes too long.
        assert_eq!(judged(&outcome(90, 8)), (true, false));
        assert!(!judged(&outcome(1, 4)).0, "its lag makes 4 ms 5 ms");
    }

    #[test]
    fn failures_break_the_limit_whatever_the_generator_did() {
        let failing = Outcome {
            errors: [(ErrorClass::Unanswered, 500)].into(),
            ..outcome(3, 1)
        };
        assert_eq!(judged(&failing), (true, false));
    }

    #[test]
    fn arrivals_that_are_left_over_are_the_fault_of_whoever_was_the_limit() {
        let with = |generator_wait_share| {
            let mut outcome = outcome(0, 1);
            outcome.generator_wait_share = generator_wait_share;
            outcome.generator_cpu_share = 0.2;
            outcome.offered = outcome.offered.map(|offered| Offered {
                sent_in_window: 500,
                ..offered
            });
            outcome
        };
        assert_eq!(judged(&with(0.0)), (true, false));
        assert!(!judged(&with(0.5)).0);
    }
}
