//! How long requests waited, compared with the bounds for any balancer with the same requests.

use std::num::NonZeroUsize;

use evenkeel_common::units::{plural, whole};
use evenkeel_loadgen::{
    Arrivals, Cost, LoadSpec, LoggedRequest, Offer, PredictedRequest, Served, Work, WorkKind,
};
use evenkeel_reports::bound::{
    Load, Queue, Request, Stream, common_queue, known_split, random_split, scatter,
};
use evenkeel_reports::{Expected, Formula, Latency, Scatter, Stationary, Theory, Waiting};
use evenkeel_strategies::{Profile, QueueingModel};
use rand::SeedableRng;
use rand_pcg::Pcg64;

use crate::plan::derive;

const NS_PER_US: f64 = 1e3;
const NS_PER_S: f64 = 1e9;

/// Draws of the random split; their mean has a fifth of the spread of a single draw.
const DRAWS: usize = 25;

/// Most waits drawn in total, 80 MB; long trials need fewer draws.
const MOST_DRAWN: usize = 10_000_000;

/// Whether theory applies to the load. It does not in a closed loop, for kept connections (a later
/// request has no choice of its worker), and for requests that do not occupy a worker for a known
/// time.
pub(super) fn theory_applies(spec: &LoadSpec) -> bool {
    let one_per_connection = spec.requests_per_connection.is_some_and(|n| n.get() == 1);
    let is_http = spec.websocket.is_none();
    spec.offer.is_open() && one_per_connection && is_http && occupies_a_worker(&spec.request.work)
}

fn occupies_a_worker(work: &Work) -> bool {
    match work {
        Work::Mix(parts) => parts
            .iter()
            .all(|part| matches!(part.kind, WorkKind::Spin | WorkKind::Block)),
        Work::Target(_) | Work::Targets(_) => false,
    }
}

/// Returns the waits under a strategy, if the request log was kept.
///
/// # Errors
/// Why the waits are unknown, one sentence: for some requests the work or the worker is unknown, and
/// later requests waited for them.
pub(super) fn compared_with_bounds(
    profile: &Profile<'_>,
    spec: &LoadSpec,
    request_log: &[LoggedRequest],
    workers: NonZeroUsize,
) -> Result<Option<Waiting>, String> {
    let is_ours = |known: &Reported| (known.worker as usize) < workers.get();
    let known = request_log.iter().filter_map(|entry| {
        let reported = Reported::of(entry.served?).filter(is_ours);
        Some((entry.predicted, reported?))
    });
    let mut known: Vec<(PredictedRequest, Reported)> = known.collect();
    if known.len() < request_log.len() {
        return Err(format!(
            "waits are not compared with theory: for {} of {} the work or the worker is unknown",
            whole((request_log.len() - known.len()) as u64),
            plural(request_log.len(), "request")
        ));
    }
    // Load threads are late by different times, even if only by microseconds.
    known.sort_by_key(|(_, served)| served.sent_ns);
    let requests = known.iter().map(|(_, served)| Request {
        at_ns: served.sent_ns,
        work_ns: served.work_ns,
    });
    let known = Known {
        spec,
        requests: requests.collect(),
        known,
        workers,
    };
    Ok(known.waiting(expected(profile)))
}

/// The waits that queueing theory predicts; `None` if it predicts none, since the choice of a worker
/// neither follows which one is free nor is random.
fn expected(profile: &Profile<'_>) -> Option<Expected> {
    let (model, within) = profile.queueing()?;
    let theory = match model {
        QueueingModel::CommonQueue => Theory::CommonQueue,
        QueueingModel::RandomSplit => Theory::RandomSplit,
    };
    Some(Expected { theory, within })
}

/// A request whose answer reports its work and its worker.
#[derive(Clone, Copy)]
struct Reported {
    sent_ns: u64,
    answered_ns: u64,
    work_ns: u64,
    worker: u32,
}

impl Reported {
    fn of(served: Served) -> Option<Self> {
        Some(Self {
            sent_ns: served.sent_ns,
            answered_ns: served.answered_ns,
            work_ns: served.work_ns?,
            worker: served.worker?,
        })
    }
}

/// Requests with known work and worker, in the order in which they were sent.
struct Known<'a> {
    spec: &'a LoadSpec,
    known: Vec<(PredictedRequest, Reported)>,
    /// The same requests for the recursions.
    requests: Vec<Request>,
    workers: NonZeroUsize,
}

impl Known<'_> {
    fn waiting(&self, expected: Option<Expected>) -> Option<Waiting> {
        let served = || self.known.iter().map(|(_, served)| served);
        let measured = served().map(|it| it.answered_ns.saturating_sub(it.sent_ns + it.work_ns));
        let workers = served().map(|served| served.worker);
        let as_served = known_split(self.requests.iter().copied().zip(workers));
        let count = (MOST_DRAWN / self.requests.len().max(1)).clamp(2, DRAWS);
        let draws = (0..count as u32).map(|draw| self.random_split(draw));
        let draws: Vec<Vec<u64>> = draws.collect();
        let each: Option<Vec<Latency>> = draws
            .iter()
            .map(|draw| Latency::of_nanoseconds(draw.clone()))
            .collect();
        Some(Waiting {
            measured: self.of_window(measured)?,
            common_queue: self.of_window(common_queue(&self.requests, self.workers))?,
            random_split: Latency::of_nanoseconds(draws.concat())?,
            random_split_scatter: Scatter::of(&each?).filter(|_| self.workers.get() > 1),
            as_served: self.of_window(as_served),
            formula: self.formula(),
            expected,
        })
    }

    fn in_window(&self, waits: impl IntoIterator<Item = u64>) -> Vec<u64> {
        let opened = self.spec.warmup.as_nanos();
        let all = self.known.iter().zip(waits);
        let counted = all.filter(|((predicted, _), _)| u128::from(predicted.at_ns) >= opened);
        counted.map(|(_, wait)| wait).collect()
    }

    fn of_window(&self, waits: impl IntoIterator<Item = u64>) -> Option<Latency> {
        Latency::of_nanoseconds(self.in_window(waits))
    }

    fn random_split(&self, draw: u32) -> Vec<u64> {
        let mut random = Pcg64::seed_from_u64(derive(self.spec.seed, "random split", draw));
        self.in_window(random_split(&self.requests, self.workers, &mut random))
    }

    /// How much longer than requested the work took on average, nanoseconds. It is nearly the same
    /// for all requests, so its mean is known far better than the mean of the work.
    fn mean_excess_ns(&self) -> f64 {
        let beyond = self.known.iter().map(|(predicted, served)| {
            served.work_ns as f64 - predicted.work_us as f64 * NS_PER_US
        });
        beyond.sum::<f64>() / self.known.len() as f64
    }

    /// Returns `None` unless arrivals are Poisson, work is exponential, and the workers keep up.
    fn formula(&self) -> Option<Formula> {
        let rate_rps = match self.spec.offer {
            Offer::Open {
                rate_rps,
                arrivals: Arrivals::Poisson,
            } => rate_rps,
            _ => return None,
        };
        let requested_us = exponential_us(&self.spec.request.work)?;
        let opens_ns = self.spec.warmup.as_nanos() as f64;
        let stream = Stream {
            gap_ns: NS_PER_S / rate_rps,
            work_ns: requested_us * NS_PER_US + self.mean_excess_ns(),
            opens_ns,
            closes_ns: opens_ns + self.spec.duration.as_nanos() as f64,
        };
        let load = Load::new(stream.load(self.workers))?;
        let mut random = Pcg64::seed_from_u64(derive(self.spec.seed, "sampling error", 0));
        let workers = self.workers;
        let in_common = scatter(&stream, &mut random, |all, _| common_queue(all, workers))?;
        let split = scatter(&stream, &mut random, |all, random| {
            random_split(all, workers, random)
        })?;
        let work_us = stream.work_ns / NS_PER_US;
        Some(Formula {
            load: load.share(),
            common_queue: stationary(&Queue { load, workers }, work_us, in_common),
            random_split: stationary(
                &Queue {
                    load,
                    workers: NonZeroUsize::MIN,
                },
                work_us,
                split,
            ),
        })
    }
}

/// Mean of exponential work, microseconds.
fn exponential_us(work: &Work) -> Option<f64> {
    let Work::Mix(parts) = work else { return None };
    match parts.as_slice() {
        [part] => match part.cost {
            Cost::Exponential(mean_us) => Some(mean_us),
            _ => None,
        },
        _ => None,
    }
}

fn stationary(queue: &Queue, work_us: f64, scatter: Scatter) -> Stationary {
    Stationary {
        mean: queue.mean_wait() * work_us,
        p99: queue.wait_quantile(0.99) * work_us,
        scatter,
    }
}
