//! What became of the requests of a connection that has ended.
//!
//! The client cannot see whether the server worked on a request that it did not answer. But it sees
//! whether it can have: a kernel does not acknowledge what arrives after its process has closed the
//! connection, and Linux resets a connection that is closed with bytes that nobody has read.

use super::Connection;
use super::cause::Cause;
use super::request::Request;
use crate::outcome::ErrorClass;
use crate::sys::is_acknowledged;

/// A request that its connection has not answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ended {
    pub(crate) request: Request,
    pub(crate) class: ErrorClass,
    /// When it was sent, or its connection began to connect for it, in nanoseconds since the load
    /// began.
    pub(crate) sent: u64,
    /// The worker that gave the last answer on its connection, as it names itself.
    pub(crate) worker: Option<u32>,
    /// Its connection was open before, idle or with other requests.
    pub(crate) is_on_kept: bool,
}

impl Ended {
    /// Returns the request as it is sent again. What it would have ended as is what came first.
    pub(crate) fn repeated(self) -> Request {
        Request {
            repeated: self.request.repeated.or(Some(self.class)),
            ..self.request
        }
    }
}

impl Connection {
    /// Takes the requests that fail with the connection, the first one first.
    pub(crate) fn take_ended(&mut self, cause: &Cause) -> Vec<Ended> {
        let (ended, is_opening) = (self.ended(cause), self.is_opening());
        if let Some(pipeline) = &mut self.pipeline {
            pipeline.in_flight.clear();
            if is_opening {
                pipeline.again.clear();
            }
        }
        ended
    }

    /// Returns the requests that would fail with the connection.
    fn ended(&self, cause: &Cause) -> Vec<Ended> {
        let is_read = self.is_read(cause);
        let requests = self.lost_with_it().enumerate();
        let ended = requests.map(|(number, request)| {
            let has_answer = number == 0 && cause.had_received(self.parser.received);
            let class = match has_answer {
                true => ErrorClass::Cut,
                false => self.class_without_answer(request, is_read),
            };
            self.describe(request, cause.class(class))
        });
        ended.collect()
    }

    /// Returns a request of this connection that ends in this class.
    pub(crate) fn describe(&self, request: &Request, class: ErrorClass) -> Ended {
        let has_pipeline = self.pipeline.is_some();
        Ended {
            request: *request,
            class,
            sent: if has_pipeline {
                request.intended
            } else {
                self.since
            },
            worker: self.worker,
            is_on_kept: self.is_kept(request),
        }
    }

    /// Returns the requests that are on this connection, or that wait for it to open.
    fn lost_with_it(&self) -> impl Iterator<Item = &Request> {
        let is_opening = self.is_opening();
        let pipeline = self.pipeline.as_deref();
        let only = (pipeline.is_none() && self.carries_request()).then_some(&self.request);
        let several = pipeline.map(|pipeline| match is_opening {
            true => &pipeline.again,
            false => &pipeline.in_flight,
        });
        only.into_iter().chain(several.into_iter().flatten())
    }

    /// Whether the connection was open before a request, idle or with other requests.
    fn is_kept(&self, request: &Request) -> bool {
        let pipeline = self.pipeline.as_ref();
        pipeline.map_or(request.is_on_kept, |pipeline| pipeline.answered)
    }

    /// Whether the server has read what was sent, as far as the kernel knows: it was acknowledged
    /// before the end, and the end was no reset.
    fn is_read(&self, cause: &Cause) -> bool {
        let is_reset = matches!(cause, Cause::Transfer(_));
        !is_reset && self.socket.as_ref().is_none_or(is_acknowledged)
    }

    /// Class of a request whose connection has ended without a byte of an answer to it.
    fn class_without_answer(&self, request: &Request, is_read: bool) -> ErrorClass {
        let pipeline = self.pipeline.as_deref();
        let has_begun = match pipeline {
            Some(pipeline) => pipeline.has_begun(request),
            None => request.written > 0,
        };
        match (has_begun, self.is_kept(request) && !is_read) {
            (false, _) => ErrorClass::ResetBeforeSending,
            (true, true) => ErrorClass::ClosedAsItWasSent,
            (true, false) => ErrorClass::Unanswered,
        }
    }
}
