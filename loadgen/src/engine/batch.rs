//! The memory of batches: many requests or answers exchanged with the kernel in one system call.
//!
//! In the closed loop answers arrive in batches (see [`coalesce`](super::coalesce)), and each one makes
//! room for a request. Received in one system call, and sent in another, they cost less than one by
//! one: the way into the kernel is paid for once, and the code of the kernel and ours each find the
//! processor's caches as they left them. The kernel handles a batch in order, so each transfer gets
//! its share of the time of the call.
//!
//! There are no batches in the open loop, which measures time, nor with TLS, pipelines, connections of
//! one request or large requests, which need more than a transfer of bytes. Without io_uring,
//! requests and answers are exchanged one by one.

use std::os::fd::BorrowedFd;

use crate::connection::ALWAYS_WRITABLE;
use crate::spec::LoadSpec;
use crate::sys::{MAX_TRANSFERS, Ring};

/// Room for an answer. The rest of a longer answer is read like any other, and further answers are
/// not received in batches.
pub(super) const SLOT_BYTES: usize = 4_096;

/// What one thread needs to exchange batches.
pub(super) struct Batch {
    pub(super) ring: Ring,
    slots: Vec<u8>,
    /// Places whose answer is about to be received.
    pub(super) inbox: Vec<usize>,
    /// Places whose request is about to be sent.
    pub(super) outbox: Vec<usize>,
    /// The bytes of those requests, and where each of them ends.
    requests: Vec<u8>,
    ends: Vec<usize>,
}

impl Batch {
    /// Returns `None` if this load is not exchanged in batches, or the kernel does not support them.
    pub(super) fn new(spec: &LoadSpec, longest_request: usize, places: usize) -> Option<Self> {
        let is_plain = spec.target.tls.is_none() && !spec.pipelines();
        let most = spec.requests_per_connection;
        let is_kept = most.is_none_or(|most| most.get() > 1);
        let fits = longest_request <= ALWAYS_WRITABLE;
        if spec.offer.is_open() || !is_plain || !is_kept || !fits || !spec.io_uring {
            return None;
        }
        Some(Self {
            ring: Ring::new().ok()?,
            slots: vec![0; MAX_TRANSFERS * SLOT_BYTES],
            inbox: Vec::with_capacity(MAX_TRANSFERS),
            outbox: Vec::with_capacity(places),
            requests: Vec::with_capacity(MAX_TRANSFERS * longest_request),
            ends: Vec::with_capacity(MAX_TRANSFERS),
        })
    }

    /// Receives from these sockets, each into the slot of its number.
    pub(super) fn receive<'all>(&mut self, sockets: impl Iterator<Item = BorrowedFd<'all>>) {
        self.ring.receive(sockets, &mut self.slots, SLOT_BYTES);
    }

    /// The first bytes of a slot.
    pub(super) fn slot(&self, number: usize, bytes: usize) -> &[u8] {
        &self.slots[number * SLOT_BYTES..][..bytes]
    }

    pub(super) fn clear_requests(&mut self) {
        self.requests.clear();
        self.ends.clear();
    }

    pub(super) fn push_request(&mut self, (head, body): (&[u8], &[u8])) {
        self.requests.extend_from_slice(head);
        self.requests.extend_from_slice(body);
        self.ends.push(self.requests.len());
    }

    /// Sends the requests on these sockets, in order.
    pub(super) fn send<'all>(&'all mut self, sockets: impl Iterator<Item = BorrowedFd<'all>>) {
        let mut rest = self.requests.as_slice();
        let mut start = 0;
        let requests = self.ends.iter().map(|end| {
            let (request, others) = rest.split_at(end - start);
            (rest, start) = (others, *end);
            request
        });
        self.ring.send(sockets.zip(requests));
    }

    /// Length of the request with this number.
    pub(super) fn request_length(&self, number: usize) -> usize {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.ends[number] - start
    }
}
