//! A connection after an upgrade: bytes in both directions.

use bytes::Bytes;
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

use super::lease::Lease;

/// The worker's end of a connection that no longer speaks HTTP.
pub(super) struct Tunnel {
    pub(super) stream: TcpStream,
    /// Bytes that the worker sent after its 101.
    pub(super) early: Bytes,
    /// The request counts as in flight as long as the tunnel exists.
    pub(super) lease: Lease,
}

impl Tunnel {
    /// Copies bytes in both directions until both have ended or one has failed.
    ///
    /// `early` are the bytes that the client sent after its request.
    pub(super) async fn run(self, mut client: TcpStream, early: &[u8]) {
        let Self {
            stream: mut worker,
            early: answer,
            lease,
        } = self;
        let copied = async {
            client.write_all(&answer).await?;
            worker.write_all(early).await?;
            copy_bidirectional(&mut client, &mut worker).await
        };
        // An error is not reported: both ends see that their connection is closed.
        let _ = copied.await;
        drop(lease);
    }
}
