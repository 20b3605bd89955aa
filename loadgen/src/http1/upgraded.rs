//! Messages of a connection that has become a WebSocket, as answers.

use super::answer::Answer;
use super::malformed::Malformed;
use super::parser::{Parsed, Parser};
use crate::websocket::{BadFrame, Frames, Scanned, is_close};

/// Messages have no status. An answer that is there is as good as this one.
const OK: u16 = 200;

/// What a parser knows of a WebSocket.
#[derive(Debug)]
pub(super) struct Upgraded {
    frames: Frames,
    /// The worker that switched to WebSocket, and so sends the messages.
    worker: Option<u32>,
    /// Its generation, for the first message.
    generation: Option<u32>,
}

impl Parser {
    /// From now on, 101 switches to WebSocket.
    pub(crate) fn request_websocket(&mut self) {
        self.context.requests_websocket = true;
    }

    /// The connection has become a WebSocket with this answer: from now on, each message is an answer.
    pub(crate) fn begin_messages(&mut self, answer: &Answer) {
        self.upgraded = Some(Upgraded {
            frames: Frames::default(),
            worker: answer.worker,
            generation: answer.generation,
        });
    }

    /// Whether the connection has become a WebSocket.
    pub(crate) fn has_messages(&self) -> bool {
        self.upgraded.is_some()
    }
}

impl Upgraded {
    /// Parses the next bytes. `received` are those of the message that arrived before.
    pub(super) fn feed(&mut self, input: &[u8], received: &mut u64) -> Result<Parsed, Malformed> {
        match self.frames.feed(input)? {
            Scanned::Close => Ok(Parsed::Closed),
            Scanned::Incomplete => {
                *received += if self.frames.has_begun() {
                    input.len() as u64
                } else {
                    0
                };
                Ok(Parsed::Incomplete)
            }
            Scanned::Message { used } => {
                // What follows a close frame means nothing (RFC 6455, section 5.5.1).
                let ends = is_close(&input[used..]);
                let answer = Answer {
                    status: OK,
                    keep_alive: !ends,
                    worker: self.worker,
                    generation: self.generation.take(),
                    work_ns: None,
                    bytes: std::mem::take(received) + used as u64,
                };
                let used = if ends { input.len() } else { used };
                Ok(Parsed::Complete { answer, used })
            }
        }
    }

    /// Whether bytes that arrive while no message is awaited mean nothing: pings do.
    pub(super) fn is_nothing(&mut self, input: &[u8]) -> bool {
        self.frames.feed(input) == Ok(Scanned::Incomplete) && !self.frames.has_begun()
    }
}

impl From<BadFrame> for Malformed {
    fn from(_: BadFrame) -> Self {
        Self::Frame
    }
}
