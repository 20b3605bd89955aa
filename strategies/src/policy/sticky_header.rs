//! Affinity by client address behind another proxy.

use super::{AffinitySource, Arrival, Basis, FeedbackMode, Pick, Policy, PolicyInfo};
use crate::view::{Workers, affinity};

/// Like [`sticky`](super::sticky::STICKY), but with the client's address that the proxy in front has
/// written: the last one in `X-Forwarded-For`, the only one that this proxy guarantees, or in `Forwarded`
/// if that field is missing. If the address is missing or invalid, that of the connection is used. O(1)
/// while most workers are available.
pub static STICKY_HEADER: PolicyInfo = PolicyInfo {
    name: "sticky-header",
    summary: "the same worker for the same last address in X-Forwarded-For",
    basis: Basis::Client,
    sticky: Some("the last address in X-Forwarded-For"),
    known_from: "HAProxy (balance hdr), nginx (hash)",
    feedback: FeedbackMode::None,
    make: |_setup| Box::new(StickyHeader),
};

struct StickyHeader;

impl Policy for StickyHeader {
    fn pick(&mut self, arrival: &Arrival, workers: &mut Workers) -> Pick {
        let address = affinity::key(arrival.client);
        let key = arrival.affinity_key.unwrap_or(address);
        affinity::first(key, workers, |worker| workers.is_available(worker)).into()
    }

    fn affinity_source(&self) -> AffinitySource {
        AffinitySource::ForwardedFor
    }
}
