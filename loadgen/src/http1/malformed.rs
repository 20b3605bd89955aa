//! What is wrong with a response.

/// What is wrong with a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages are the documentation")]
pub enum Malformed {
    #[error("it does not begin with an HTTP/1 status line")]
    StatusLine,
    #[error("a header line is not `name: value`")]
    FieldLine,
    #[error("a head, trailer or chunk extension has more than {MAX_HEAD_BYTES} bytes")]
    TooLong,
    #[error("its content-length is not one number")]
    ContentLength,
    #[error("a chunk does not begin with its size")]
    ChunkSize,
    #[error("a chunk does not end where its size says")]
    ChunkEnd,
    #[error("it switches to a protocol that was not requested")]
    UnaskedUpgrade,
    #[error("a WebSocket frame is not one that a server may send")]
    Frame,
    #[error("bytes follow that belong to no answer")]
    Surplus,
}

/// Longest head that is read, in bytes. Common servers limit request heads to 8 or 16 KiB; four times
/// that is more than any answer worth measuring, and small enough to keep for each connection of a
/// malicious server.
pub const MAX_HEAD_BYTES: usize = 64 * 1024;
