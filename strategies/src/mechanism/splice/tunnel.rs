//! Tunnels: the connection of a client and that to its worker, joined.

use std::io;
use std::os::fd::OwnedFd;

use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;

use super::pipe::Pipe;
use crate::dispatch::succession::take;

/// A client's connection and that to its worker, with what is on its way between them.
pub(crate) trait Tunnel: Sized {
    /// Takes it apart.
    fn suspend(self) -> io::Result<Suspended>;

    /// Puts it together again, in this process or another one. Call it within a runtime.
    fn resume(suspended: Suspended) -> io::Result<Self>;
}

/// A tunnel that nobody forwards for now.
pub(crate) struct Suspended {
    pub(crate) to_worker: Way,
    pub(crate) to_client: Way,
    /// The client's socket and that to the worker, and both ends of each pipe.
    pub(crate) descriptors: Vec<OwnedFd>,
}

/// What is on its way in one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Way {
    /// Nothing outside the sockets.
    Direct,
    /// What is in a pipe.
    Pipe {
        /// Number of bytes.
        held: usize,
        /// Whether the end of the sender was forwarded.
        ended: bool,
    },
}

/// A tunnel that keeps nothing outside its sockets.
pub(crate) struct Sockets {
    pub(crate) client: TcpStream,
    pub(crate) worker: TcpStream,
}

impl Tunnel for Sockets {
    fn suspend(self) -> io::Result<Suspended> {
        let sockets = [
            self.client.into_std()?.into(),
            self.worker.into_std()?.into(),
        ];
        Ok(suspended(sockets, None, None))
    }

    fn resume(suspended: Suspended) -> io::Result<Self> {
        let mut descriptors = suspended.descriptors.into_iter();
        Ok(Self {
            client: watched(take(&mut descriptors)?)?,
            worker: watched(take(&mut descriptors)?)?,
        })
    }
}

/// Returns a suspended tunnel with these sockets, and the pipe of each direction that has one.
pub(crate) fn suspended(
    sockets: [OwnedFd; 2],
    to_worker: Option<Pipe>,
    to_client: Option<Pipe>,
) -> Suspended {
    let mut descriptors = Vec::from(sockets);
    let mut way = |pipe: Option<Pipe>| match pipe.map(Pipe::suspend) {
        Some((way, ends)) => {
            descriptors.extend(ends);
            way
        }
        None => Way::Direct,
    };
    Suspended {
        to_worker: way(to_worker),
        to_client: way(to_client),
        descriptors,
    }
}

/// Makes the current runtime watch a socket.
pub(crate) fn watched(socket: OwnedFd) -> io::Result<TcpStream> {
    TcpStream::from_std(socket.into())
}
