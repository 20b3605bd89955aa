//! What the proxy knows about a client's connection.

use std::cell::{Cell, RefCell};
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use http::HeaderValue;

use super::{attempt::Attempt, interim::InterimAnswers, tunnel::Tunnel};
use crate::dispatch::{client_watch::Progress, drain::Draining};

/// State that all requests of a client's connection share.
pub(super) struct Client {
    pub(super) address: IpAddr,
    pub(super) address_field: HeaderValue,
    /// Number of pieces of request bodies received so far.
    pub(super) uploaded: Rc<Cell<u64>>,
    /// The worker's end of the tunnel, once a worker has answered 101.
    pub(super) tunnel: RefCell<Option<Tunnel>>,
    pub(super) interim_answers: InterimAnswers,
    /// What the fast path has already done for the next request.
    pub(super) attempt: RefCell<Option<Attempt>>,
    pub(super) draining: Draining,
    pub(super) progress: Arc<Progress>,
}

impl Client {
    pub(super) fn new(address: IpAddr, draining: Draining, progress: Arc<Progress>) -> Self {
        Self {
            address,
            address_field: HeaderValue::try_from(address.to_string())
                .expect("an address is digits, letters, dots and colons"),
            uploaded: Rc::default(),
            tunnel: RefCell::default(),
            interim_answers: InterimAnswers::default(),
            attempt: RefCell::default(),
            draining,
            progress,
        }
    }

    /// Whether its connection ends with the next answer.
    pub(super) fn must_end(&self) -> bool {
        self.draining.has_begun() || self.progress.is_last()
    }
}
