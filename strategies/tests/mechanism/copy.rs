//! A dispatcher copies the bytes of every connection through its own memory.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncWriteExt, copy};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::dispatched::MechanismInfo;
use super::splice::{Layer4Proxy, Relay, SPLICE, both};
use crate::profile::Profile;

/// A layer-4 proxy that reads and writes all bytes, as most proxies did before splice(2). A worker
/// is picked for each connection.
pub static COPY: MechanismInfo = MechanismInfo {
    profile: Profile {
        mechanism: "copy",
        summary: "a layer-4 proxy picks a worker for each connection and copies its bytes",
        known_from: "balance, rinetd",
        ..SPLICE.profile
    },
    check: |_host| Ok(()),
    open: SPLICE.open,
    prepare: |start| Ok(Box::new(Layer4Proxy::<Copy>::prepare(start)?)),
};

/// Copies in user space.
struct Copy;

impl Relay for Copy {
    fn open(_connections: usize) -> io::Result<Self> {
        Ok(Self)
    }

    async fn relay(
        &self,
        client: TcpStream,
        worker: TcpStream,
        _used: bool,
        ends_within: Duration,
    ) -> io::Result<()> {
        let (from_client, to_client) = client.into_split();
        let (from_worker, to_worker) = worker.into_split();
        let to_worker = forward(from_client, to_worker);
        let to_client = forward(from_worker, to_client);
        both(to_worker, to_client, ends_within).await
    }
}

/// Forwards the bytes of one side, and its end.
async fn forward(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> io::Result<()> {
    copy(&mut from, &mut to).await?;
    to.shutdown().await
}
