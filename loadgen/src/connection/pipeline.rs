//! Several requests in flight on one connection.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;

use super::request::Request;
use super::session::Session;
use super::socket::{WireError, send};
use crate::outcome::ErrorClass;

/// The requests of a connection that sends requests without waiting for answers. Answers come in the
/// order of the requests (RFC 9112, section 9.3.2).
#[derive(Debug, Default)]
pub(crate) struct Pipeline {
    /// Sent, or being sent; the next answer is for the first one.
    pub(crate) in_flight: VecDeque<Request>,
    /// In flight when the server ended the connection between answers: they are sent again on the next
    /// connection, before all others.
    pub(crate) again: VecDeque<Request>,
    /// The bytes of requests, of which `written` are written. They are copied here one after the other,
    /// since they are sent in one system call and prepared requests are patched in place.
    outgoing: Vec<u8>,
    written: usize,
    /// Bytes of all requests on this connection so far.
    pushed: u64,
    /// An answer has arrived on this connection.
    pub(crate) answered: bool,
}

impl Pipeline {
    pub(crate) fn push(&mut self, request: Request, (head, body): (&[u8], &[u8])) {
        self.in_flight.push_back(Request {
            starts_at: self.pushed,
            ..request
        });
        self.outgoing.extend_from_slice(head);
        self.outgoing.extend_from_slice(body);
        self.pushed += (head.len() + body.len()) as u64;
    }

    /// Whether bytes of a request in flight are written.
    pub(super) fn has_begun(&self, request: &Request) -> bool {
        let waiting = (self.outgoing.len() - self.written) as u64;
        request.starts_at < self.pushed - waiting
    }

    /// Removes the first request, which is answered.
    pub(crate) fn pop(&mut self) {
        self.in_flight.pop_front();
        self.answered = true;
    }

    /// Notes in which class the first request would end, if it were not sent again.
    pub(crate) fn would_end(&mut self, class: ErrorClass) {
        if let Some(first) = self.in_flight.front_mut() {
            first.repeated.get_or_insert(class);
        }
    }

    /// Returns the requests that wait for an answer.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &Request> {
        self.again.iter().chain(&self.in_flight)
    }

    /// Keeps requests for the next connection, before those that wait for it already.
    pub(crate) fn carry_over(&mut self, requests: impl DoubleEndedIterator<Item = Request>) {
        for request in requests.rev() {
            self.again.push_front(request);
        }
    }

    /// Clears the requests in flight, since the connection has ended.
    pub(super) fn clear(&mut self) {
        self.in_flight.clear();
        self.outgoing.clear();
        self.written = 0;
        self.pushed = 0;
        self.answered = false;
    }

    pub(super) fn is_written(&self) -> bool {
        self.written == self.outgoing.len()
    }

    /// Writes as much as the socket takes.
    pub(super) fn write(
        &mut self,
        socket: &OwnedFd,
        mut tls: Option<&mut Session>,
    ) -> Result<(), WireError> {
        while !self.is_written() {
            let bytes = &self.outgoing[self.written..];
            self.written += match &mut tls {
                None => send(socket, bytes)?,
                Some(tls) => {
                    tls.flush(socket)?;
                    tls.write(bytes)?
                }
            };
        }
        self.outgoing.clear();
        self.written = 0;
        tls.map_or(Ok(()), |tls| tls.flush(socket))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(intended: u64) -> Request {
        Request {
            intended,
            ..Request::default()
        }
    }

    #[test]
    fn a_request_has_begun_with_its_first_byte() {
        let mut pipeline = Pipeline::default();
        for intended in 1..=3 {
            pipeline.push(request(intended), (b"head", b"body"));
        }
        let begun = |pipeline: &Pipeline| {
            let requests = pipeline.in_flight.iter();
            requests.filter(|it| pipeline.has_begun(it)).count()
        };
        for (written, expected) in [(0, 0), (1, 1), (8, 1), (9, 2), (24, 3)] {
            pipeline.written = written;
            assert_eq!(begun(&pipeline), expected, "{written} bytes");
        }
    }

    #[test]
    fn requests_that_are_carried_over_are_sent_again_in_order() {
        let mut pipeline = Pipeline::default();
        for intended in 1..=4 {
            pipeline.push(request(intended), (b"head", b"body"));
        }
        pipeline.pop();
        let in_flight = std::mem::take(&mut pipeline.in_flight);
        pipeline.carry_over(in_flight.into_iter());
        pipeline.clear();
        assert!(pipeline.in_flight.is_empty());
        assert!(pipeline.is_written());
        let again = pipeline.again.iter();
        let intended: Vec<_> = again.map(|request| request.intended).collect();
        assert_eq!(intended, [2, 3, 4]);
    }
}
