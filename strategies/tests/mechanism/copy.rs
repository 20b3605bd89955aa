//! A dispatcher copies the bytes of every connection through its own memory.

use std::io;

use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;

use super::dispatched::MechanismInfo;
use super::splice::{Layer4Proxy, Relay, SPLICE};
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
        mut client: TcpStream,
        mut worker: TcpStream,
        _used: bool,
    ) -> io::Result<()> {
        copy_bidirectional(&mut client, &mut worker).await?;
        Ok(())
    }
}
