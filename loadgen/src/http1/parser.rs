//! A parser for the responses of one connection.

use memchr::memchr;

use super::answer::{Answer, Context};
use super::body::{Body, Chunked};
use super::head::{Head, Transfer};
use super::malformed::{MAX_HEAD_BYTES, Malformed};
use super::upgraded::Upgraded;

/// What follows from some input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parsed {
    /// All of the input was used, and the response is not complete.
    Incomplete,
    /// The response is complete.
    Complete {
        /// The response.
        answer: Answer,
        /// Number of bytes of the input that belong to it, or to line ends before it.
        used: usize,
    },
    /// The server closes a WebSocket, and answers nothing more.
    Closed,
}

/// A parser for the responses of one connection, in any pieces. It never panics, whatever the input.
/// After an error it must be [`reset`](Parser::reset) before it is used again.
#[derive(Debug, Default)]
pub struct Parser {
    pub(super) context: Context,
    /// The beginning of a head that did not arrive whole. As long as heads arrive whole it is empty
    /// and has allocated nothing.
    partial: Vec<u8>,
    body: Option<(Answer, Body)>,
    /// After the connection has become a WebSocket.
    pub(super) upgraded: Option<Upgraded>,
    /// Bytes of the current response so far.
    pub(crate) received: u64,
}

impl Parser {
    /// Sets whether the next response answers a HEAD request.
    pub fn expect_head(&mut self, answers_head: bool) {
        self.context.answers_head = answers_head;
    }

    /// From now on, reads the `x-evenkeel-work` field.
    pub fn read_work(&mut self) {
        self.context.reads_work = true;
    }

    /// Resets the parser for a new connection.
    pub fn reset(&mut self) {
        self.partial.clear();
        self.body = None;
        self.upgraded = None;
        self.received = 0;
    }

    /// Status of the response whose body is being read.
    pub(crate) fn status(&self) -> Option<u16> {
        self.body.as_ref().map(|(answer, _)| answer.status)
    }

    /// The context of the next response, if none of its bytes have arrived.
    pub(super) fn context(&self) -> Option<Context> {
        let at_start = self.partial.is_empty() && self.body.is_none() && self.received == 0;
        // Messages of several workers are equal.
        (at_start && self.upgraded.is_none()).then_some(self.context)
    }

    /// Parses the next bytes of the connection.
    ///
    /// # Errors
    /// [`Malformed`] if they are not HTTP/1.1.
    pub fn feed(&mut self, input: &[u8]) -> Result<Parsed, Malformed> {
        if let Some(upgraded) = &mut self.upgraded {
            return upgraded.feed(input, &mut self.received);
        }
        let mut used = 0;
        while self.body.is_none() {
            if self.partial.is_empty() {
                used += line_ends(&input[used..]);
            }
            let rest = &input[used..];
            let Some((head, len)) = self.next_head(rest)? else {
                self.received += rest.len() as u64;
                return Ok(Parsed::Incomplete);
            };
            used += len;
            self.received += len as u64;
            self.begin_body(&head)?;
        }
        self.feed_body(input, used)
    }

    /// Ends the input, since the server has closed the connection. Returns the answer if the end of
    /// the connection is the end of its body.
    #[must_use]
    pub fn finish(&mut self) -> Option<Answer> {
        let (answer, body) = self.body.take()?;
        let answer = Answer {
            bytes: self.received,
            ..answer
        };
        self.reset();
        (body == Body::UntilClose).then_some(answer)
    }

    /// Whether bytes that arrive between two answers mean nothing.
    pub(crate) fn is_nothing(&mut self, input: &[u8]) -> bool {
        match &mut self.upgraded {
            Some(upgraded) => upgraded.is_nothing(input),
            None => is_nothing(input),
        }
    }

    /// Returns the next whole head, and how much of the input it used; `None` if it is not whole, and
    /// all input was used and kept.
    fn next_head(&mut self, input: &[u8]) -> Result<Option<(Head, usize)>, Malformed> {
        if self.partial.is_empty() {
            if let Some(head) = Head::parse(input, self.context.reads_work)? {
                return Ok(Some((head, head.len)));
            }
            self.keep(input)?;
            return Ok(None);
        }
        let before = self.partial.len();
        self.keep(input)?;
        // What has arrived has a new meaning only after a line feed, or with the byte after it, which
        // may continue its field. Without this check, a head that arrives byte by byte would be parsed
        // again for each byte.
        if self.partial[before - 1] != b'\n' && memchr(b'\n', input).is_none() {
            return Head::check_start(&self.partial).map(|()| None);
        }
        let Some(head) = Head::parse(&self.partial, self.context.reads_work)? else {
            return Ok(None);
        };
        self.partial.clear();
        Ok(Some((head, head.len - before)))
    }

    fn keep(&mut self, input: &[u8]) -> Result<(), Malformed> {
        if self.partial.len() + input.len() > MAX_HEAD_BYTES {
            return Err(Malformed::TooLong);
        }
        self.partial.extend_from_slice(input);
        Ok(())
    }

    /// Decides how the body ends (RFC 9112, section 6.3). An interim response has no body.
    fn begin_body(&mut self, head: &Head) -> Result<(), Malformed> {
        let (body, mut keep_alive) = match (head.status, head.transfer, head.content_length) {
            (101, ..) if self.context.requests_websocket && head.accepts_websocket => {
                (Body::Length(0), true)
            }
            (101, ..) => return Err(Malformed::UnaskedUpgrade),
            (100..=199, ..) => return Ok(()),
            (204 | 304, ..) => (Body::Length(0), head.keeps_alive()),
            _ if self.context.answers_head => (Body::Length(0), head.keeps_alive()),
            (_, Transfer::Chunked, _) => (Body::Chunked(Chunked::default()), head.keeps_alive()),
            (_, Transfer::Absent, Some(length)) => (Body::Length(length), head.keeps_alive()),
            _ => (Body::UntilClose, false),
        };
        // A head with both framings, or with a transfer coding in HTTP/1.0, is faulty (RFC 9112,
        // section 6.1): the response is read, but the connection is not used again.
        let is_faulty = head.is_old || head.content_length.is_some();
        keep_alive &= head.transfer == Transfer::Absent || !is_faulty;
        let answer = Answer {
            status: head.status,
            keep_alive,
            worker: head.worker,
            generation: head.generation,
            work_ns: head.work_ns,
            bytes: 0,
        };
        self.body = Some((answer, body));
        Ok(())
    }

    fn feed_body(&mut self, input: &[u8], head_bytes: usize) -> Result<Parsed, Malformed> {
        let Some((answer, body)) = &mut self.body else {
            return Ok(Parsed::Incomplete);
        };
        let (body_bytes, whole) = body.feed(&input[head_bytes..])?;
        self.received += body_bytes as u64;
        if !whole {
            return Ok(Parsed::Incomplete);
        }
        let bytes = std::mem::take(&mut self.received);
        let answer = Answer { bytes, ..*answer };
        self.body = None;
        let used = head_bytes + body_bytes;
        Ok(Parsed::Complete { answer, used })
    }
}

/// Number of bytes before the first that does not belong to the end of a line. Between answers, line
/// ends are discarded (RFC 9112, sections 2.2 and 9.2): some servers write one after a body.
fn line_ends(input: &[u8]) -> usize {
    let is_line_end = |byte: &&u8| matches!(byte, b'\r' | b'\n');
    input.iter().take_while(is_line_end).count()
}

/// Whether bytes that follow an answer mean nothing.
pub(crate) fn is_nothing(input: &[u8]) -> bool {
    line_ends(input) == input.len()
}
