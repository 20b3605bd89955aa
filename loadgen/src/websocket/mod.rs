//! WebSocket frames (RFC 6455): those of the server are found, those of the client are made.

mod frames;
mod outgoing;

pub(crate) use frames::{BadFrame, Frames, Scanned, is_close};
pub(crate) use outgoing::{ACCEPT, CLOSE, KEY, MASK, text_frame};
