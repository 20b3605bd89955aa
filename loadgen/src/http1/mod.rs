//! HTTP/1.1 responses, read incrementally (RFC 9112).
//!
//! Built for what a load generator meets: small heads that arrive whole, are
//! scanned once where the kernel put them, and of which four fields matter.
//! Everything else (heads in pieces, chunks, interim answers) takes a slower
//! road to the same result. Bodies are counted, never kept.

mod body;
mod head;
mod known;
mod parser;

pub use known::Known;
pub use parser::{Answer, Fed, Parser};

/// What is wrong with a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The first line is not `HTTP/1.x NNN ...`.
    #[error("it does not begin with an HTTP/1 status line")]
    StatusLine,
    /// A line of the head is not `name: value`.
    #[error("a header line is not `name: value`")]
    FieldLine,
    /// The head, or what surrounds a chunk, is longer than a sane server's.
    #[error("a head, trailer or chunk extension has more than {MOST_HEAD_BYTES} bytes")]
    TooLong,
    /// The content length is not a number, or there are two different ones.
    #[error("its content-length is not one number")]
    ContentLength,
    /// A chunk does not begin with its size in hexadecimal.
    #[error("a chunk does not begin with its size")]
    ChunkSize,
    /// A chunk does not end where its size says.
    #[error("a chunk does not end where its size says")]
    ChunkEnd,
    /// The server switched protocols without having been asked.
    #[error("it switches to a protocol that was not asked for")]
    UnaskedUpgrade,
    /// More bytes came than the answer has.
    #[error("bytes follow that belong to no answer")]
    Surplus,
}

/// The longest head that is read. Common servers limit request heads to 8 or
/// 16 KiB; four times that is beyond any answer worth measuring, and small
/// enough to be kept for each connection of a server that means ill.
pub const MOST_HEAD_BYTES: usize = 64 * 1024;

/// Whether a byte may stand in a token (RFC 9110, section 5.6.2).
pub(crate) fn is_token_byte(byte: u8) -> bool {
    const TOKEN: [bool; 256] = token_bytes();
    TOKEN[usize::from(byte)]
}

/// A table, because names are checked byte by byte on the hot path.
const fn token_bytes() -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let others = b"!#$%&'*+-.^_`|~";
    let mut index = 0;
    while index < others.len() {
        table[others[index] as usize] = true;
        index += 1;
    }
    table
}
