//! What became of the requests of a trial before, during and after its faults.

use std::time::Duration;

use evenkeel_loadgen::{LoggedRequest, Loss};
use evenkeel_reports::{FaultPhase, FaultRecord, FaultRequests};

const NS_PER_S: f64 = 1e9;
const US_PER_S: f64 = 1e6;

/// Fewest answers of which a 99th percentile is known.
const FEWEST_FOR_P99: usize = 100;

/// What was offered in a trial.
pub(in crate::study) struct Offered<'a> {
    pub(in crate::study) log: &'a [LoggedRequest],
    pub(in crate::study) losses: &'a [Loss],
    /// When the window opened, since the load began.
    pub(in crate::study) warmup: Duration,
    /// After which clients gave up.
    pub(in crate::study) timeout: Duration,
}

/// A request of the window, in seconds since it opened.
#[derive(Clone, Copy, Debug)]
struct Request {
    due_s: f64,
    /// When it was answered; `None` if it was lost.
    answered_s: Option<f64>,
    worker: Option<u32>,
    /// When its client had given up at the latest.
    given_up_s: f64,
}

impl Request {
    fn response_s(&self) -> Option<f64> {
        Some(self.answered_s? - self.due_s)
    }

    /// When it was answered, or given up at the latest.
    fn over_s(&self) -> f64 {
        self.answered_s.unwrap_or(self.given_up_s)
    }

    /// Whether it was lost, or took longer than this.
    fn is_lost_or_late(&self, slowest_s: f64) -> bool {
        self.response_s()
            .is_none_or(|response_s| response_s > slowest_s)
    }
}

/// Adds to each fault what became of the requests, which are known one by one.
pub(in crate::study) fn add_requests(faults: &mut [FaultRecord], offered: &Offered) {
    let requests = requests(offered);
    let began: Vec<f64> = faults.iter().map(|fault| fault.began_s).collect();
    let first_s = began.iter().copied().fold(f64::INFINITY, f64::min);
    let before: Vec<Request> = select(&requests, |it| it.over_s() <= first_s);
    let slowest_s = before
        .iter()
        .filter_map(Request::response_s)
        .fold(0.0, f64::max);
    for fault in faults.iter_mut().filter(|fault| fault.error.is_none()) {
        let later = began
            .iter()
            .copied()
            .filter(|began_s| *began_s > fault.began_s);
        let next_s = later.fold(f64::INFINITY, f64::min);
        let ended_s = fault.ended_s.unwrap_or(f64::INFINITY);
        let of_fault = |it: &Request| it.over_s() > fault.began_s && it.due_s < ended_s;
        let since_end = |it: &Request| it.due_s >= ended_s && it.due_s < next_s;
        let parts = Parts {
            fault,
            slowest_s,
            during: select(&requests, of_fault),
            after: select(&requests, since_end),
        };
        let longest_lost_s = parts.longest_lost_s(offered);
        fault.requests = Some(parts.figures(&before, longest_lost_s));
    }
}

fn requests(offered: &Offered) -> Vec<Request> {
    let opened_s = offered.warmup.as_secs_f64();
    let since_opened = |at_ns: u64| at_ns as f64 / NS_PER_S - opened_s;
    let all = offered.log.iter().map(|entry| {
        let due_s = since_opened(entry.predicted.at_ns);
        Request {
            due_s,
            answered_s: entry.served.map(|served| since_opened(served.answered_ns)),
            worker: entry.served.and_then(|served| served.worker),
            given_up_s: due_s + offered.timeout.as_secs_f64(),
        }
    });
    all.filter(|it| it.due_s >= 0.0).collect()
}

fn select(requests: &[Request], chosen: impl Fn(&Request) -> bool) -> Vec<Request> {
    requests.iter().filter(|it| chosen(it)).copied().collect()
}

/// The requests of a fault, and those after it.
struct Parts<'a> {
    fault: &'a FaultRecord,
    /// The longest response time before the faults.
    slowest_s: f64,
    during: Vec<Request>,
    after: Vec<Request>,
}

impl Parts<'_> {
    fn figures(&self, before: &[Request], longest_lost_s: Option<f64>) -> FaultRequests {
        let late = || self.during.iter().filter(|it| self.is_late(it));
        let longest_late_s = late().filter_map(Request::response_s).reduce(f64::max);
        let trapped = self
            .during
            .iter()
            .filter(|it| it.answered_s.is_none() || self.is_late(it));
        let last_trapped_s = trapped.map(|it| it.due_s).reduce(f64::max);
        let last_after = self
            .after
            .iter()
            .filter(|it| it.is_lost_or_late(self.slowest_s));
        let last_after_s = last_after.map(|it| it.due_s).reduce(f64::max);
        FaultRequests {
            before: self.phase(before),
            during: self.phase(&self.during),
            after: self.fault.ended_s.map(|_| self.phase(&self.after)),
            late: late().count() as u64,
            longest_s: longest_late_s
                .into_iter()
                .chain(longest_lost_s)
                .reduce(f64::max),
            diverted_after_s: last_trapped_s.map(|last_s| (last_s - self.fault.began_s).max(0.0)),
            recovered_after_s: self
                .fault
                .ended_s
                .map(|ended_s| last_after_s.map_or(0.0, |last_s| last_s - ended_s)),
        }
    }

    fn phase(&self, requests: &[Request]) -> FaultPhase {
        let of_others = requests.iter().filter(|it| !self.is_of_ill(it));
        FaultPhase {
            requests: requests.len() as u64,
            answered: requests.iter().filter(|it| it.answered_s.is_some()).count() as u64,
            p99_of_others_us: p99(of_others.filter_map(Request::response_s)).map(|s| s * US_PER_S),
        }
    }

    /// Whether it was answered by an ill worker. If a dispatcher is ill, all workers may answer late.
    fn is_of_ill(&self, request: &Request) -> bool {
        request
            .worker
            .is_some_and(|worker| self.fault.workers.contains(&worker))
    }

    fn is_late(&self, request: &Request) -> bool {
        let may_be = self.fault.workers.is_empty() || self.is_of_ill(request);
        let response_s = request.response_s();
        may_be && response_s.is_some_and(|response_s| response_s > self.slowest_s)
    }

    /// Returns how long the lost request of the fault had waited that waited longest.
    fn longest_lost_s(&self, offered: &Offered) -> Option<f64> {
        let timeout_s = offered.timeout.as_secs_f64();
        let ended_s = self.fault.ended_s.unwrap_or(f64::INFINITY);
        let waits = offered.losses.iter().filter_map(|loss| {
            let sent_s = loss.sent_ns as f64 / NS_PER_S;
            let is_of_fault = sent_s + timeout_s > self.fault.began_s && sent_s < ended_s;
            is_of_fault.then(|| (loss.at_ns - loss.sent_ns) as f64 / NS_PER_S)
        });
        waits.reduce(f64::max)
    }
}

/// Returns the 99th percentile by nearest rank.
fn p99(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let rank = values.len() * 99 / 100;
    (values.len() >= FEWEST_FOR_P99).then(|| values[rank])
}

#[cfg(test)]
mod tests {
    use evenkeel_loadgen::{ErrorClass, PredictedRequest, Served};

    use super::*;

    const WARMUP: Duration = Duration::from_secs(1);
    const TIMEOUT: Duration = Duration::from_secs(1);

    /// A request that is due at this time of the window, in milliseconds, and answered so much later by this
    /// worker, unless it was lost.
    fn request(due_ms: u64, answered: Option<(u64, u32)>) -> LoggedRequest {
        let at_ns = (due_ms + 1000) * 1_000_000;
        LoggedRequest {
            predicted: PredictedRequest { at_ns, work_us: 0 },
            served: answered.map(|(after_ms, worker)| Served {
                sent_ns: at_ns,
                answered_ns: at_ns + after_ms * 1_000_000,
                work_ns: None,
                worker: Some(worker),
            }),
        }
    }

    fn fault(workers: &[u32], began_s: f64, ended_s: Option<f64>) -> FaultRecord {
        FaultRecord {
            what: "hang".into(),
            workers: workers.to_vec(),
            due_s: began_s,
            began_s,
            ended_s,
            error: None,
            requests: None,
        }
    }

    fn added(
        mut faults: Vec<FaultRecord>,
        log: &[LoggedRequest],
        losses: &[Loss],
    ) -> Vec<FaultRequests> {
        let offered = Offered {
            log,
            losses,
            warmup: WARMUP,
            timeout: TIMEOUT,
        };
        add_requests(&mut faults, &offered);
        faults
            .into_iter()
            .filter_map(|fault| fault.requests)
            .collect()
    }

    fn counts(phase: &FaultPhase) -> (u64, u64) {
        (phase.requests, phase.answered)
    }

    #[test]
    fn requests_are_told_apart_by_when_they_were_in_flight() {
        let log = [
            request(100, Some((10, 0))),
            request(200, Some((10, 1))),
            // In flight as the fault began.
            request(2900, Some((2200, 0))),
            request(3100, None),
            request(3200, Some((10, 1))),
            request(4000, Some((1100, 0))),
            // After it: one is late still.
            request(5000, Some((300, 1))),
            request(6000, Some((10, 0))),
        ];
        let loss = Loss {
            at_ns: 4_100_000_000,
            sent_ns: 3_100_000_000,
            class: ErrorClass::TimedOut,
            worker: None,
            is_on_kept: false,
        };
        let [figures] = &added(vec![fault(&[0], 3.0, Some(5.0))], &log, &[loss])[..] else {
            panic!("there was one fault");
        };
        assert_eq!(counts(&figures.before), (2, 2));
        assert_eq!(counts(&figures.during), (4, 3));
        assert_eq!(figures.after.as_ref().map(counts), Some((2, 2)));
        assert_eq!(figures.late, 2);
        assert!(figures.longest_s.is_some_and(|s| (s - 2.2).abs() < 1e-9));
        assert!(
            figures
                .diverted_after_s
                .is_some_and(|s| (s - 1.0).abs() < 1e-9)
        );
        assert_eq!(figures.recovered_after_s, Some(0.0));
    }

    #[test]
    fn nothing_is_trapped_where_others_answer_late() {
        let log = [
            request(100, Some((10, 0))),
            request(3000, Some((500, 1))),
            request(6000, Some((500, 1))),
        ];
        let [figures] = &added(vec![fault(&[0], 2.0, Some(5.0))], &log, &[])[..] else {
            panic!("there was one fault");
        };
        assert_eq!(
            (figures.late, figures.longest_s, figures.diverted_after_s),
            (0, None, None)
        );
        assert_eq!(figures.recovered_after_s, Some(1.0));
    }

    #[test]
    fn a_crash_has_no_requests_after_it_and_each_fault_ends_at_the_next() {
        let log = [
            request(500, Some((10, 0))),
            request(2500, Some((10, 0))),
            request(3500, Some((10, 0))),
        ];
        let faults = vec![fault(&[1], 1.0, Some(2.0)), fault(&[1], 3.0, None)];
        let [first, crash] = &added(faults, &log, &[])[..] else {
            panic!("there were two faults");
        };
        assert_eq!(first.after.as_ref().map(counts), Some((1, 1)));
        assert_eq!(
            (crash.after.as_ref(), crash.recovered_after_s),
            (None, None)
        );
        assert_eq!(counts(&crash.during), (1, 1));
    }

    #[test]
    fn a_percentile_of_others_takes_a_hundred_of_their_answers() {
        let log: Vec<_> = (0..101)
            .map(|number| request(number, Some((number % 2 + 1, 1))))
            .chain((0..50).map(|number| request(number, Some((300, 0)))))
            .collect();
        let [figures] = &added(vec![fault(&[0], 2.0, None)], &log, &[])[..] else {
            panic!("there was one fault");
        };
        let p99_us = figures
            .before
            .p99_of_others_us
            .expect("a hundred and one answers");
        assert!((p99_us - 2_000.0).abs() < 1e-3, "{p99_us}");
        assert_eq!(figures.during.p99_of_others_us, None);
    }
}
