//! How a program gets its connections.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::OwnedFd;

use nix::sys::socket::{getsockopt, sockopt::AcceptConn};

/// How a program gets its connections, and where clients or dispatchers connect.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contract {
    pub(super) address: SocketAddr,
    /// Whether it inherits a listening socket. Otherwise it listens on the port of the address itself.
    pub(super) inherits_socket: bool,
}

impl Contract {
    /// `socket` listens, or reserves the port on which the program is to listen.
    pub(super) fn of(socket: &OwnedFd) -> io::Result<Self> {
        Ok(Self {
            address: TcpListener::from(socket.try_clone()?).local_addr()?,
            inherits_socket: getsockopt(socket, AcceptConn)?,
        })
    }
}
