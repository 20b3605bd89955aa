//! What was received by a connection and not dealt with yet.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;

/// As much as hyper reads at a time at first: enough for nearly every head.
const CAPACITY: usize = 8 * 1024;

pub(super) struct Received {
    bytes: Box<[u8]>,
    filled: usize,
}

impl Received {
    pub(super) fn new() -> Self {
        Self {
            bytes: vec![0; CAPACITY].into(),
            filled: 0,
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }

    pub(super) fn has_room(&self) -> bool {
        self.filled < CAPACITY
    }

    /// Forgets so many bytes at the start.
    pub(super) fn consume(&mut self, length: usize) {
        self.bytes.copy_within(length..self.filled, 0);
        self.filled -= length;
    }

    pub(super) fn clear(&mut self) {
        self.filled = 0;
    }

    /// Receives more behind what is there. Whether the connection goes on.
    pub(super) fn poll_fill(
        &mut self,
        stream: &mut TcpStream,
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
