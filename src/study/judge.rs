//! Whether the figures of a trial may be compared, and notes for their reader.

use evenkeel_common::units::plural;
use evenkeel_loadgen::Outcome;
use evenkeel_reports::Measured;

/// Conditions of a trial that affect its figures.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    /// Threads of the fleet that dispatch or serve.
    pub(super) threads: usize,
    /// CPUs of these threads.
    pub(super) server_cpus: usize,
    /// Whether the load threads share these CPUs.
    pub(super) cpus_shared: bool,
    /// Whether requests take time but almost no CPU.
    pub(super) work_leaves_cpu_idle: bool,
    /// Whether workers run a program of the user, whose answers do not name them.
    pub(super) workers_are_foreign: bool,
    /// Processes of the fleet that ended, one sentence each.
    pub(super) deaths: Vec<String>,
}

/// Largest share of failed requests in a valid trial. More would hide in the slowest percent, which
/// p99 shows.
const MOST_FAILURES: f64 = 0.01;

/// Server CPUs that are less busy than this could have served more. Between this share and 1 it
/// is unknown which side was the limit.
const IDLE: f64 = 0.90;

/// Reasons why the figures of a load are not valid, for any server.
pub(super) fn objections_to_load(outcome: &Outcome) -> Vec<String> {
    let mut objections = objections_despite_losses(outcome);
    // Without any success the generator has said why.
    let failures = too_many_failures(outcome).filter(|_| outcome.requests > 0);
    objections.extend(failures.or_else(|| too_many_failed_connects(outcome)));
    objections
}

/// The same where losses are what is measured, since faults were meant to cause them.
pub(super) fn objections_despite_losses(outcome: &Outcome) -> Vec<String> {
    outcome.invalid_because.clone()
}

/// Number of failed requests as a sentence, if it makes the figures invalid.
pub(crate) fn too_many_failures(outcome: &Outcome) -> Option<String> {
    let failures = outcome.failures();
    let requests = outcome.requests + failures;
    (failures as f64 > MOST_FAILURES * requests as f64)
        .then(|| format!("{failures} of {requests} requests failed, more than 1%"))
}

/// Number of failed connects as a sentence, if it makes the figures invalid. In a closed loop each one
/// stands for a request that was not sent; arrivals of an open loop wait, and their wait counts.
fn too_many_failed_connects(outcome: &Outcome) -> Option<String> {
    let failed: u64 = outcome.connect_errors.values().sum();
    let is_closed = outcome.offered.is_none();
    let requests = outcome.requests;
    (is_closed && failed as f64 > MOST_FAILURES * (requests + failed) as f64).then(|| {
        format!("{failed} attempts to connect failed, while {requests} requests were answered")
    })
}

/// Adds the reasons why the figures of a fleet are not valid, and notes.
pub(super) fn judge(measured: &mut Measured, outcome: &Outcome, conditions: Conditions) {
    let notes = notes(measured, outcome, &conditions);
    measured.notes.extend(notes);
    measured
        .invalid_because
        .extend(objections_to_answers(measured, outcome, &conditions));
    // First, since the rest may follow from them.
    measured.invalid_because.splice(0..0, conditions.deaths);
    measured.valid = measured.invalid_because.is_empty();
}

fn objections_to_answers(
    measured: &Measured,
    outcome: &Outcome,
    conditions: &Conditions,
) -> Vec<String> {
    let mut objections = Vec::new();
    if outcome.unattributed > 0 && !conditions.workers_are_foreign {
        objections.push(format!(
            "{} did not say which worker gave them",
            plural(outcome.unattributed as usize, "answer")
        ));
    }
    let workers = measured.per_worker.len();
    let strangers: u64 = outcome.per_worker.iter().skip(workers).sum();
    if strangers > 0 {
        objections.push(format!(
            "{} came from a worker that the fleet does not have",
            plural(strangers as usize, "answer")
        ));
    }
    objections
}

fn notes(measured: &Measured, outcome: &Outcome, conditions: &Conditions) -> Vec<String> {
    let examples = outcome.examples.iter();
    let examples = examples.map(|(class, example)| format!("first {class}: {example}"));
    let mut notes: Vec<String> = examples.collect();
    let Conditions {
        threads,
        server_cpus,
        ..
    } = *conditions;
    if conditions.cpus_shared {
        notes.push("servers and load shared the only CPU".to_owned());
    }
    if threads > server_cpus && !conditions.work_leaves_cpu_idle {
        notes.push(format!(
            "{threads} threads that serve or dispatch, on {}: this measures how they share CPUs, not how they run in parallel",
            plural(server_cpus, "server CPU")
        ));
    }
    if let Some(busy) = server_share(measured, conditions)
        && measured.offered_rps.is_none()
        && outcome.is_generator_bound()
        && busy < IDLE
    {
        notes.push(format!(
            "generator-bound: the load CPUs were {:.0}% busy and the server CPUs {:.0}%, so the throughput is a lower bound",
            outcome.generator_cpu_share * 100.0,
            busy * 100.0
        ));
    }
    notes
}

/// How busy the fleet kept the CPUs that it could use; `None` if a part of the CPU time is unknown.
fn server_share(measured: &Measured, conditions: &Conditions) -> Option<f64> {
    let cpu_s = measured.fleet_cpu_s()?;
    let usable = conditions.server_cpus.min(conditions.threads) as f64;
    let available_s = measured.duration_s * usable;
    (available_s > 0.0).then(|| cpu_s / available_s)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::time::Duration;

    use evenkeel_loadgen::{ErrorClass, Histogram, Losses, Repeated, Unfinished};
    use evenkeel_reports::CpuTime;

    use super::*;
    use crate::study::figures;

    /// A second with a thousand answers from two workers.
    pub(crate) fn outcome() -> Outcome {
        let histogram = || Histogram::new(3).expect("three digits are allowed");
        Outcome {
            requests: 1000,
            in_window: 1000,
            statuses: [(200, 1000)].into(),
            opened_at: None,
            duration: Duration::from_secs(1),
            response: histogram(),
            service: histogram(),
            lag: histogram(),
            connect: histogram(),
            handshake: histogram(),
            errors: Default::default(),
            connect_errors: Default::default(),
            reached: true,
            repeated: Repeated::default(),
            losses: Losses::default(),
            unfinished: Unfinished::default(),
            examples: std::collections::BTreeMap::new(),
            per_worker: vec![500, 500],
            later_workers: Vec::new(),
            first_answers: Vec::new(),
            unattributed: 0,
            bytes: 0,
            intervals: Vec::new(),
            connections_opened: 2,
            cpu: Duration::from_millis(500),
            threads: 1,
            offered: None,
            request_log: None,
            interrupted: false,
            notes: Vec::new(),
            invalid_because: Vec::new(),
            generator_cpu_share: 0.5,
            generator_wait_share: 0.0,
        }
    }

    /// Two worker processes with a CPU each.
    fn roomy() -> Conditions {
        Conditions {
            threads: 2,
            server_cpus: 2,
            ..Conditions::default()
        }
    }

    /// Judges figures of two workers that together used the given CPU time.
    fn judged(outcome: &Outcome, conditions: Conditions, workers_cpu_s: f64) -> Measured {
        let mut measured = figures::of_load(outcome).expect("an empty histogram");
        measured.workers_cpu = Some(CpuTime {
            total_s: workers_cpu_s,
            user_s: None,
            system_s: None,
        });
        let worker = |worker| evenkeel_reports::WorkerFigures {
            worker,
            connections: Some(1),
            requests: Some(500),
            cpu_s: None,
        };
        measured.per_worker = vec![worker(0), worker(1)];
        judge(&mut measured, outcome, conditions);
        measured
    }

    #[test]
    fn an_ordinary_trial_is_valid_and_needs_no_note() {
        let measured = judged(&outcome(), roomy(), 2.0);
        assert!(measured.valid);
        assert_eq!((measured.notes, measured.invalid_because), (vec![], vec![]));
    }

    #[test]
    fn full_load_cpus_with_idle_server_cpus_are_noted_and_leave_the_trial_valid() {
        let full = Outcome {
            generator_cpu_share: 0.99,
            ..outcome()
        };
        let idle = judged(&full, roomy(), 1.0);
        assert!(idle.valid);
        assert!(
            idle.notes[0]
                .contains("generator-bound: the load CPUs were 99% busy and the server CPUs 50%")
        );
        assert_eq!(judged(&full, roomy(), 1.9).notes, Vec::<String>::new());
    }

    #[test]
    fn more_threads_than_cpus_are_noted_unless_the_work_leaves_cpus_idle() {
        let crowded = || Conditions {
            threads: 5,
            ..roomy()
        };
        let measured = judged(&outcome(), crowded(), 2.0);
        assert!(
            measured.notes[0].starts_with("5 threads that serve or dispatch, on 2 server CPUs:")
        );
        let waiting = Conditions {
            work_leaves_cpu_idle: true,
            ..crowded()
        };
        assert_eq!(judged(&outcome(), waiting, 2.0).notes, Vec::<String>::new());
    }

    #[test]
    fn up_to_one_percent_of_failures_is_valid() {
        let with_resets = |count| Outcome {
            errors: [(ErrorClass::Unanswered, count)].into(),
            ..outcome()
        };
        assert!(judged(&with_resets(10), roomy(), 2.0).valid);
        assert!(!judged(&with_resets(11), roomy(), 2.0).valid);
    }

    #[test]
    fn failed_connects_are_no_failed_requests_but_slow_down_a_closed_loop() {
        let refused = |count| Outcome {
            connect_errors: [(ErrorClass::Refused, count)].into(),
            ..outcome()
        };
        assert!(judged(&refused(10), roomy(), 2.0).valid);
        let measured = judged(&refused(11), roomy(), 2.0);
        assert_eq!(
            measured.invalid_because,
            ["11 attempts to connect failed, while 1000 requests were answered"]
        );
        assert!(measured.errors.is_empty());
        assert_eq!(measured.connect_errors["refused"], 11);
    }

    #[test]
    fn figures_without_a_sound_base_are_invalid() {
        let anonymous = Outcome {
            unattributed: 1,
            ..outcome()
        };
        let stranger = Outcome {
            per_worker: vec![500, 499, 1],
            ..outcome()
        };
        let late = Outcome {
            invalid_because: vec!["the generator was late".into()],
            ..outcome()
        };
        for (outcome, reason) in [
            (anonymous, "1 answer did not say which worker"),
            (
                stranger,
                "1 answer came from a worker that the fleet does not have",
            ),
            (late, "the generator was late"),
        ] {
            let measured = judged(&outcome, roomy(), 2.0);
            assert!(!measured.valid);
            assert!(measured.invalid_because[0].contains(reason), "{measured:?}");
        }
        let deaths = vec!["worker 1 (process 7) was killed by SIGKILL".to_owned()];
        let measured = judged(
            &outcome(),
            Conditions {
                deaths: deaths.clone(),
                ..roomy()
            },
            2.0,
        );
        assert_eq!((measured.valid, measured.invalid_because), (false, deaths));
    }
}
