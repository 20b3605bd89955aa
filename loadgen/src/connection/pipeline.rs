//! Several requests in flight on one connection.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;

use super::request::Request;
use super::session::Session;
use super::socket::{WireError, send};

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
    /// An answer has arrived on this connection.
    pub(crate) answered: bool,
}

impl Pipeline {
    pub(crate) fn push(&mut self, request: Request, (head, body): (&[u8], &[u8])) {
        self.in_flight.push_back(request);
        self.outgoing.extend_from_slice(head);
        self.outgoing.extend_from_slice(body);
    }

    /// Removes the first request, which is answered.
    pub(crate) fn pop(&mut self) {
        self.in_flight.pop_front();
        self.answered = true;
    }

    /// Returns the requests that wait for an answer.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &Request> {
        self.again.iter().chain(&self.in_flight)
    }

    /// Keeps the requests in flight for the next connection.
    pub(crate) fn carry_over(&mut self) {
        while let Some(request) = self.in_flight.pop_back() {
            self.again.push_front(request);
        }
    }

    /// Clears the requests in flight, since the connection has ended.
    pub(super) fn clear(&mut self) {
        self.in_flight.clear();
        self.outgoing.clear();
        self.written = 0;
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
    fn requests_that_are_carried_over_are_sent_again_in_order() {
        let mut pipeline = Pipeline::default();
        for intended in 1..=4 {
            pipeline.push(request(intended), (b"head", b"body"));
        }
        pipeline.pop();
        pipeline.carry_over();
        pipeline.clear();
        assert!(pipeline.in_flight.is_empty());
        assert!(pipeline.is_written());
        let again = pipeline.again.iter();
        let intended: Vec<_> = again.map(|request| request.intended).collect();
        assert_eq!(intended, [2, 3, 4]);
    }
}
