//! Affinity by cookie.

use super::{AffinitySource, Arrival, Basis, FeedbackMode, Pick, Policy, PolicyInfo, Rng};
use crate::view::{Workers, choice};

/// Picks the worker that the request's cookie names, if it is available. Otherwise it picks a random
/// worker, and the answer sets the cookie: HAProxy's `cookie NAME insert`.
///
/// A forged cookie can only choose a worker. A cookie that names no worker is ignored. O(1) while most
/// workers are available.
pub static STICKY_COOKIE: PolicyInfo = PolicyInfo {
    name: "sticky-cookie",
    summary: "the worker that a cookie names; the first answer sets it",
    basis: Basis::Client,
    sticky: Some("a cookie"),
    known_from: "HAProxy (cookie insert)",
    feedback: FeedbackMode::None,
    make: |setup| Box::new(StickyCookie(setup.rng())),
};

struct StickyCookie(Rng);

impl Policy for StickyCookie {
    fn pick(&mut self, arrival: &Arrival, workers: &mut Workers) -> Pick {
        let named = arrival
            .affinity_key
            .and_then(|number| usize::try_from(number).ok());
        named
            .filter(|worker| *worker < workers.count() && workers.is_available(*worker))
            .or_else(|| choice::any(workers, &mut self.0))
            .into()
    }

    fn affinity_source(&self) -> AffinitySource {
        AffinitySource::Cookie
    }
}
