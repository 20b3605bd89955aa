//! What a process waits for on a connection, and whether it comes.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed};
use std::time::SystemTime;

/// What the client has to send next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Awaited {
    /// The first byte of a new connection.
    FirstByte,
    /// The rest of a head.
    Head,
    /// More of the body of a request.
    Body,
    /// Nothing: it is the server's turn.
    Nothing,
    /// The next request on a kept connection.
    NextRequest,
    /// The next message of a WebSocket, or the rest of one.
    Message,
}

impl Awaited {
    const ALL: [Self; 6] = [
        Self::FirstByte,
        Self::Head,
        Self::Body,
        Self::Nothing,
        Self::NextRequest,
        Self::Message,
    ];

    /// Whether the client has nothing to wait for.
    pub(super) fn is_idle(self) -> bool {
        matches!(self, Self::NextRequest | Self::Message)
    }

    /// Returns what its client is sent before the connection ends. If part of a request has arrived, that is 408
    /// (RFC 9110 §15.5.9), and on a WebSocket a close frame. Otherwise it is nothing: an answer could be taken for
    /// that to a request on its way.
    pub(super) fn farewell(self) -> Vec<u8> {
        match self {
            Self::Head | Self::Body => request_timeout().into_bytes(),
            Self::Message => GOING_AWAY.to_vec(),
            Self::FirstByte | Self::Nothing | Self::NextRequest => Vec::new(),
        }
    }
}

/// A close frame with the status 1001, "going away" (RFC 6455 §5.5.1 and §7.4.1).
const GOING_AWAY: [u8; 4] = [0x88, 2, 0x03, 0xe9];

fn request_timeout() -> String {
    const REASON: &str = "the request is incomplete, and the rest did not arrive in time\n";
    let date = httpdate::fmt_http_date(SystemTime::now());
    format!(
        "HTTP/1.1 408 Request Timeout\r\ncontent-type: text/plain; charset=utf-8\r\n\
         content-length: {}\r\nconnection: close\r\ndate: {date}\r\n\r\n{REASON}",
        REASON.len()
    )
}

/// The progress of a connection. Its handler notes what happens, and a sweep looks at it now and
/// then. A note is one relaxed store: no clock is read.
#[derive(Debug)]
pub(crate) struct Progress {
    state: AtomicU8,
    /// Number of answers before the last one; 0 if it is next, or if any number is allowed.
    answers_left: AtomicU32,
}

/// What a sweep has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) awaited: Awaited,
    /// Whether the wait has begun, or something has moved, since the last look.
    pub(super) moved: bool,
    /// Whether the last read found nothing, so that the process waits for the client.
    pub(super) starved: bool,
    /// Whether the client does not read what was written.
    pub(super) blocked: bool,
}

const AWAITED: u8 = 0b0000_0111;
const MOVED: u8 = 0b0000_1000;
const STARVED: u8 = 0b0001_0000;
const BLOCKED: u8 = 0b0010_0000;
const FLUSHED: u8 = 0b0100_0000;
const LAST: u8 = 0b1000_0000;

impl Progress {
    /// Begins with a new connection, on which there may be this number of requests.
    pub(super) fn new(max_requests: Option<NonZeroU32>) -> Self {
        let last = match max_requests {
            Some(NonZeroU32::MIN) => LAST,
            _ => 0,
        };
        Self {
            state: AtomicU8::new(Awaited::FirstByte as u8 | MOVED | last),
            answers_left: AtomicU32::new(max_requests.map_or(0, |most| most.get() - 1)),
        }
    }

    /// Notes that a request has begun to be served. Its body is awaited.
    pub(crate) fn request_begun(&self) {
        self.await_now(Awaited::Body);
    }

    /// Notes that the body of the request has arrived, or is not awaited any more.
    pub(crate) fn request_complete(&self) {
        self.await_now(Awaited::Nothing);
    }

    /// Notes that the answer is complete. The next request is awaited.
    pub(crate) fn answered(&self) {
        self.await_now(Awaited::NextRequest);
        let left = self.answers_left.load(Relaxed);
        if left > 0 {
            self.answers_left.store(left - 1, Relaxed);
            if left == 1 {
                self.end_with_next_answer();
            }
        }
    }

    /// Notes that the next message of a WebSocket is awaited.
    pub(crate) fn await_message(&self) {
        self.await_now(Awaited::Message);
    }

    /// Lets the next answer be the last one on its connection. A note of the connection's handler at the same time may
    /// win, so the sweep repeats it.
    pub(super) fn end_with_next_answer(&self) {
        self.state.fetch_or(LAST, Relaxed);
    }

    /// Whether the next answer is the last one on its connection.
    pub(crate) fn is_last(&self) -> bool {
        self.state.load(Relaxed) & LAST != 0
    }

    fn await_now(&self, awaited: Awaited) {
        let flags = self.state.load(Relaxed) & (STARVED | BLOCKED | FLUSHED | LAST);
        self.state.store(awaited as u8 | MOVED | flags, Relaxed);
    }

    /// Notes that bytes have arrived. A head has a limit as a whole, however many pieces arrive.
    pub(super) fn received(&self) {
        let state = self.state.load(Relaxed) & !STARVED;
        let state = match Awaited::ALL[usize::from(state & AWAITED)] {
            Awaited::FirstByte => state & !AWAITED | Awaited::Head as u8,
            Awaited::NextRequest => state & !AWAITED | Awaited::Head as u8 | MOVED,
            Awaited::Body | Awaited::Message => state | MOVED,
            Awaited::Head | Awaited::Nothing => state,
        };
        self.state.store(state, Relaxed);
    }

    /// Notes that there is nothing to read.
    pub(super) fn starved(&self) {
        self.set(STARVED);
    }

    /// Notes that the client has taken bytes, or the kernel for it. The last bytes of an answer may move
    /// while the next request is awaited.
    pub(super) fn sent(&self) {
        let state = self.state.load(Relaxed) & !BLOCKED;
        let moved = match Awaited::ALL[usize::from(state & AWAITED)].is_idle() {
            true => MOVED,
            false => 0,
        };
        self.state.store(state | moved, Relaxed);
    }

    /// Notes that the kernel takes no more bytes.
    pub(super) fn blocked(&self) {
        self.set(BLOCKED);
    }

    /// Notes that the kernel has taken everything that was to be written.
    pub(super) fn flushed(&self) {
        self.state
            .store(self.state.load(Relaxed) & !BLOCKED | FLUSHED, Relaxed);
    }

    /// Whether everything was flushed since the last call.
    pub(crate) fn take_flushed(&self) -> bool {
        let state = self.state.load(Relaxed);
        self.state.store(state & !FLUSHED, Relaxed);
        state & FLUSHED != 0
    }

    fn set(&self, flag: u8) {
        self.state.store(self.state.load(Relaxed) | flag, Relaxed);
    }

    /// Returns what has happened since the last look.
    pub(super) fn look(&self) -> Finding {
        let state = self.state.fetch_and(!MOVED, Relaxed);
        Finding {
            awaited: Awaited::ALL[usize::from(state & AWAITED)],
            moved: state & MOVED != 0,
            starved: state & STARVED != 0,
            blocked: state & BLOCKED != 0,
        }
    }
}
