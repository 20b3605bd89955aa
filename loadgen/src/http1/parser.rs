//! One response after another.

use memchr::memchr;

use super::body::{Body, Chunked};
use super::head::{Head, Transfer};
use super::known::Context;
use super::{MOST_HEAD_BYTES, Malformed};

/// What a whole response said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// Its status code.
    pub status: u16,
    /// Whether another request may follow on the connection.
    pub keep_alive: bool,
    /// The worker that answered, by its `x-evenkeel-worker` field.
    pub worker: Option<u32>,
    /// For how long the request took its server up, nanoseconds, by its `x-evenkeel-work` field,
    /// where that is [read](Parser::read_work).
    pub work_ns: Option<u64>,
    /// Bytes of the response, interim ones before it included.
    pub bytes: u64,
}

/// How far some input has brought the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fed {
    /// All of the input was used, and more is to come.
    More,
    /// The response is whole.
    Whole {
        /// The response.
        answer: Answer,
        /// How many bytes of the input belonged to it.
        used: usize,
    },
}

/// Reads the responses of one connection, in whatever pieces they arrive. It
/// never panics, whatever the input; after an error it is not to be used again
/// before [`reset`](Parser::reset).
#[derive(Debug, Default)]
pub struct Parser {
    context: Context,
    /// The beginning of a head that did not arrive whole. Empty, and without
    /// memory of its own, as long as heads do.
    partial: Vec<u8>,
    body: Option<(Answer, Body)>,
    /// Bytes of the current response before the current input.
    bytes: u64,
}

impl Parser {
    /// A parser at the start of a connection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says whether the next response answers a HEAD request.
    pub fn expect_head(&mut self, answers_head: bool) {
        self.context.answers_head = answers_head;
    }

    /// Has the `x-evenkeel-work` field read, which few want to know.
    pub fn read_work(&mut self) {
        self.context.reads_work = true;
    }

    /// Forgets what was read: for a new connection.
    pub fn reset(&mut self) {
        self.partial.clear();
        self.body = None;
        self.bytes = 0;
    }

    /// What is known of the next response, if nothing of it has come yet.
    pub(super) fn context(&self) -> Option<Context> {
        let at_start = self.partial.is_empty() && self.body.is_none() && self.bytes == 0;
        at_start.then_some(self.context)
    }

    /// How many bytes of the current response have come so far.
    pub(crate) fn received(&self) -> u64 {
        self.bytes
    }

    /// Takes in the next bytes of the connection.
    ///
    /// # Errors
    /// [`Malformed`] where they cannot be HTTP/1.1.
    pub fn feed(&mut self, input: &[u8]) -> Result<Fed, Malformed> {
        let mut used = 0;
        while self.body.is_none() {
            let Some((head, len)) = self.next_head(&input[used..])? else {
                self.bytes += input.len() as u64;
                return Ok(Fed::More);
            };
            used += len;
            self.begin_body(&head)?;
        }
        self.feed_body(input, used)
    }

    /// The server has closed the connection: the answer, if it was one that
    /// ends with it.
    #[must_use]
    pub fn finish(&mut self) -> Option<Answer> {
        let (answer, body) = self.body.take()?;
        let answer = Answer {
            bytes: self.bytes,
            ..answer
        };
        self.reset();
        (body == Body::UntilClose).then_some(answer)
    }

    /// The next whole head, and how much of the input it used; `None` if it is
    /// not whole: all input is then used and kept.
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
        // A head can only become whole with a line feed; without this, a head
        // that comes byte by byte would be read again for each of them.
        if memchr(b'\n', input).is_none() {
            return Head::check_start(&self.partial).map(|()| None);
        }
        let Some(head) = Head::parse(&self.partial, self.context.reads_work)? else {
            return Ok(None);
        };
        self.partial.clear();
        Ok(Some((head, head.len - before)))
    }

    fn keep(&mut self, input: &[u8]) -> Result<(), Malformed> {
        if self.partial.len() + input.len() > MOST_HEAD_BYTES {
            return Err(Malformed::TooLong);
        }
        self.partial.extend_from_slice(input);
        Ok(())
    }

    /// Decides how the body ends (RFC 9112, section 6.3). After an interim
    /// response there is still none.
    fn begin_body(&mut self, head: &Head) -> Result<(), Malformed> {
        let (body, mut keep_alive) = match (head.status, head.transfer, head.content_length) {
            (101, ..) => return Err(Malformed::UnaskedUpgrade),
            (100..=199, ..) => return Ok(()),
            (204 | 304, ..) => (Body::Length(0), head.keep_alive),
            _ if self.context.answers_head => (Body::Length(0), head.keep_alive),
            (_, Transfer::Chunked, _) => (Body::Chunked(Chunked::new()), head.keep_alive),
            (_, Transfer::Absent, Some(length)) => (Body::Length(length), head.keep_alive),
            _ => (Body::UntilClose, false),
        };
        // Both framings in one head are a sign of something wrong on the way,
        // and so is a transfer coding in HTTP/1.0 (RFC 9112, section 6.1): the
        // response is read, the connection is not used again.
        let is_faulty = head.is_old || head.content_length.is_some();
        keep_alive &= head.transfer == Transfer::Absent || !is_faulty;
        let answer = Answer {
            status: head.status,
            keep_alive,
            worker: head.worker,
            work_ns: head.work_ns,
            bytes: 0,
        };
        self.body = Some((answer, body));
        Ok(())
    }

    fn feed_body(&mut self, input: &[u8], head_bytes: usize) -> Result<Fed, Malformed> {
        let Some((answer, body)) = &mut self.body else {
            return Ok(Fed::More);
        };
        let (body_bytes, whole) = body.feed(&input[head_bytes..])?;
        let used = head_bytes + body_bytes;
        let bytes = self.bytes + used as u64;
        if !whole {
            self.bytes = bytes;
            return Ok(Fed::More);
        }
        let answer = Answer { bytes, ..*answer };
        self.body = None;
        self.bytes = 0;
        Ok(Fed::Whole { answer, used })
    }
}
