//! Bytes that were read from a connection and not processed yet.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead, ReadBuf};

/// A buffer of fixed size for bytes from a connection.
pub(super) struct ReadBuffer {
    bytes: Box<[u8]>,
    filled: usize,
}

impl ReadBuffer {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            bytes: vec![0; capacity].into(),
            filled: 0,
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }

    pub(super) fn has_room(&self) -> bool {
        self.filled < self.bytes.len()
    }

    pub(super) fn consume(&mut self, length: usize) {
        self.bytes.copy_within(length..self.filled, 0);
        self.filled -= length;
    }

    pub(super) fn clear(&mut self) {
        self.filled = 0;
    }

    /// Appends what the connection has to read. Returns `false` at the end of the connection.
    pub(super) fn poll_fill(
        &mut self,
        stream: &mut (impl AsyncRead + Unpin),
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<bool>> {
        let mut buffer = ReadBuf::new(&mut self.bytes[self.filled..]);
        ready!(Pin::new(stream).poll_read(cx, &mut buffer))?;
        let length = buffer.filled().len();
        self.filled += length;
        Poll::Ready(Ok(length > 0))
    }

    pub(super) fn to_bytes(&self) -> Bytes {
        Bytes::copy_from_slice(self.bytes())
    }
}
