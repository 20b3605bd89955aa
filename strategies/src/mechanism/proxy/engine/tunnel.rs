//! What becomes of a connection after an upgrade.

use bytes::Bytes;
use tokio::io::{AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;

use super::lease::Lease;

/// The worker's end of a connection on which HTTP is over.
pub(super) struct Tunnel {
    pub(super) stream: TcpStream,
    /// What the worker sent right behind its 101.
    pub(super) early: Bytes,
    /// An upgraded connection is in flight for as long as it lasts.
    pub(super) lease: Lease,
}

impl Tunnel {
    /// Carries bytes in both directions until both have ended, or one has failed.
    ///
    /// `early` is what the client sent right behind its request.
    pub(super) async fn run(self, mut client: TcpStream, early: &[u8]) {
        let Self {
            stream: mut worker,
            early: answer,
            lease,
        } = self;
        let carried = async {
            client.write_all(&answer).await?;
            worker.write_all(early).await?;
            copy_bidirectional(&mut client, &mut worker).await
        };
        // Nobody is left to be told of an error: both ends see their connection closed.
        let _ = carried.await;
        drop(lease);
    }
}
