//! What is wrong with a response.

/// What is wrong with a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The first line is not `HTTP/1.x NNN ...`.
    #[error("it does not begin with an HTTP/1 status line")]
    StatusLine,
    /// A line of the head is not `name: value`.
    #[error("a header line is not `name: value`")]
    FieldLine,
    /// A head, or the lines around a chunk, are too long.
    #[error("a head, trailer or chunk extension has more than {MAX_HEAD_BYTES} bytes")]
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
    /// The server switched protocols without a request to do so.
    #[error("it switches to a protocol that was not requested")]
    UnaskedUpgrade,
    /// More bytes arrived than the answer has.
    #[error("bytes follow that belong to no answer")]
    Surplus,
}

/// Longest head that is read, in bytes. Common servers limit request heads to 8 or 16 KiB; four times
/// that is more than any answer worth measuring, and small enough to keep for each connection of a
/// malicious server.
pub const MAX_HEAD_BYTES: usize = 64 * 1024;
