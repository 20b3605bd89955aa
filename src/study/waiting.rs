//! How long requests waited, beside what any balancer could have done with these very requests.

use std::num::NonZeroUsize;

use evenkeel_loadgen::{Foretold, Kind, LoadSpec, Outcome, Work, foretell};
use evenkeel_reports::bound::{Request, common_queue, random_split};
use evenkeel_reports::{Latency, Waiting};
use rand::SeedableRng;
use rand_pcg::Pcg64;

use crate::seed::derive;

const NS_PER_US: u64 = 1_000;

/// `None` where the theory says nothing of the load: in a closed loop, where connections are
/// kept (a request then has no choice of its worker), and where requests do not occupy a worker
/// for a known time.
pub(super) fn beside_bounds(
    spec: &LoadSpec,
    outcome: &Outcome,
    workers: NonZeroUsize,
) -> Option<Waiting> {
    let one_per_connection = spec.requests_per_connection.is_some_and(|n| n.get() == 1);
    if !one_per_connection || !occupies_a_worker(&spec.request.work) {
        return None;
    }
    let requests: Vec<Request> = foretell(spec)?.into_iter().map(request).collect();
    let mut random = Pcg64::seed_from_u64(derive(spec.seed, "random split", 0));
    let of_window = |waits: Vec<u64>| {
        let all = requests.iter().zip(waits);
        let opened = spec.warmup.as_nanos();
        let counted = all.filter(|(request, _)| u128::from(request.at_ns) >= opened);
        Latency::of_nanoseconds(counted.map(|(_, wait)| wait).collect())
    };
    Some(Waiting {
        measured: Latency::from_histogram(&outcome.wait)?,
        common_queue: of_window(common_queue(&requests, workers))?,
        random_split: of_window(random_split(&requests, workers, &mut random))?,
    })
}

fn occupies_a_worker(work: &Work) -> bool {
    match work {
        Work::Mix(parts) => parts
            .iter()
            .all(|part| matches!(part.kind, Kind::Spin | Kind::Block)),
        Work::Target(_) | Work::Targets(_) => false,
    }
}

fn request(foretold: Foretold) -> Request {
    Request {
        at_ns: foretold.at_ns,
        work_ns: foretold.work_us * NS_PER_US,
    }
}
