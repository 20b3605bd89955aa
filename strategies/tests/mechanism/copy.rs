//! A dispatcher copies the bytes of every connection through its own memory.

use std::io::{self, ErrorKind};
use std::time::Duration;

use rustix::net::{Shutdown, shutdown};
use tokio::net::TcpStream;

use super::dispatched::MechanismInfo;
use super::splice::{Layer4Proxy, Relay, SPLICE, Sockets, both};
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
    type Tunnel = Sockets;

    fn open(_connections: usize) -> io::Result<Self> {
        Ok(Self)
    }

    fn join(&self, client: TcpStream, worker: TcpStream, _used: bool) -> io::Result<Sockets> {
        Ok(Sockets { client, worker })
    }

    async fn relay(&self, tunnel: &Sockets, ends_within: Duration) -> io::Result<()> {
        let to_worker = forward(&tunnel.client, &tunnel.worker);
        let to_client = forward(&tunnel.worker, &tunnel.client);
        both(to_worker, to_client, ends_within).await
    }
}

/// Forwards the bytes of one side, and its end. Bytes are taken from one side when the other has
/// them, so none are lost when a successor of the dispatcher goes on.
async fn forward(from: &TcpStream, to: &TcpStream) -> io::Result<()> {
    let mut bytes = vec![0; 65536];
    loop {
        let seen = from.peek(&mut bytes).await?;
        if seen == 0 {
            return Ok(shutdown(to, Shutdown::Write)?);
        }
        to.writable().await?;
        match to.try_write(&bytes[..seen]) {
            Ok(sent) => from.try_read(&mut bytes[..sent]).map(drop)?,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}
