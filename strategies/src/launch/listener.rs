//! Listening sockets. The launching process creates them, and its children inherit them.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::os::fd::{AsRawFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::sockopt::{ReuseAddr, ReusePort, TcpNoDelay};
use nix::sys::socket::{
    AddressFamily, Backlog, Shutdown, SockFlag, SockType, SockaddrStorage, bind, getsockname,
    listen, setsockopt, shutdown, socket,
};

use super::error::LaunchError;

/// The name under which processes inherit a listening socket.
pub(crate) const LISTENER: &str = "listener";

/// How a socket is opened.
pub(crate) type Open = fn(SocketAddr) -> Result<(OwnedFd, SocketAddr), LaunchError>;

/// Opens a listening socket, and returns it with its address.
pub(crate) fn open(address: SocketAddr) -> Result<(OwnedFd, SocketAddr), LaunchError> {
    let opened = bind_to(address, false).and_then(|(socket, bound)| {
        listen(&socket, Backlog::MAXALLOWABLE)?;
        Ok((socket, bound))
    });
    opened.map_err(|error| refused(address, error))
}

/// Reserves a port: as long as the socket exists, no other program gets the port. A program that is told
/// the port can bind and listen, too, if it sets SO_REUSEADDR, as servers do.
pub(crate) fn reserve(address: SocketAddr) -> Result<(OwnedFd, SocketAddr), LaunchError> {
    bind_to(address, false).map_err(|error| refused(address, error))
}

/// Opens `count` listening sockets on one port (SO_REUSEPORT). The kernel distributes connections over
/// them by a hash of both addresses and ports.
///
/// All are bound before any listens, and all listen before this returns.
pub(crate) fn open_group(
    address: SocketAddr,
    count: usize,
) -> Result<(Vec<OwnedFd>, SocketAddr), LaunchError> {
    bind_group(address, count).map_err(|error| refused(address, error))
}

/// Opens one more listening socket on the port of a group.
pub(crate) fn join_group(address: SocketAddr) -> Result<OwnedFd, LaunchError> {
    let opened = bind_to(address, true).and_then(|(socket, _bound)| {
        listen(&socket, Backlog::MAXALLOWABLE)?;
        Ok(socket)
    });
    opened.map_err(|error| refused(address, error))
}

/// Lets a listener that was shut down listen again. It is in its group again, if it was in one.
pub(crate) fn listen_again(listener: &OwnedFd) -> io::Result<()> {
    Ok(listen(listener, Backlog::MAXALLOWABLE)?)
}

/// Opens a listening socket for each dispatcher. A single one is not in a group.
pub(crate) fn open_some(
    address: SocketAddr,
    count: NonZeroUsize,
) -> Result<(Vec<OwnedFd>, SocketAddr), LaunchError> {
    if count == NonZeroUsize::MIN {
        return open(address).map(|(listener, address)| (vec![listener], address));
    }
    open_group(address, count.get())
}

/// Lets a listening socket refuse connections from now on. The kernel resets those that wait for it. It keeps its
/// port. A call of accept(2) fails meanwhile.
pub(crate) fn stop_listening(listener: &OwnedFd) -> io::Result<()> {
    let socket = listener.as_raw_fd();
    let address: SockaddrStorage = getsockname(socket)?;
    shutdown(socket, Shutdown::Read)?;
    // The kernel takes a port back that it has chosen itself. Any other it keeps.
    match bind(socket, &address) {
        Ok(()) | Err(Errno::EINVAL) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn bind_group(address: SocketAddr, count: usize) -> io::Result<(Vec<OwnedFd>, SocketAddr)> {
    if address.port() != 0 {
        // With SO_REUSEPORT this could join the group of another program of the same user, and
        // share its connections. A socket without the option fails then.
        let (probe, _address) = bind_to(address, false)?;
        listen(&probe, Backlog::MAXALLOWABLE)?;
    }
    // A socket whose port the kernel has chosen loses it when it is shut down, so none of these is in the group.
    let (_chosen, address) = bind_to(address, true)?;
    let mut group = Vec::with_capacity(count);
    for _ in 0..count {
        group.push(bind_to(address, true)?.0);
    }
    for listener in &group {
        listen(listener, Backlog::MAXALLOWABLE)?;
    }
    Ok((group, address))
}

/// Returns a socket that does not listen yet, and its address.
fn bind_to(address: SocketAddr, shared_port: bool) -> io::Result<(OwnedFd, SocketAddr)> {
    let family = match address {
        SocketAddr::V4(_) => AddressFamily::Inet,
        SocketAddr::V6(_) => AddressFamily::Inet6,
    };
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let socket = socket(family, SockType::Stream, flags, None)?;
    // Allows a port whose last connections are still in TIME_WAIT.
    setsockopt(&socket, ReuseAddr, &true)?;
    setsockopt(&socket, ReusePort, &shared_port)?;
    // Accepted sockets inherit the option, which saves a system call for each.
    setsockopt(&socket, TcpNoDelay, &true)?;
    bind(socket.as_raw_fd(), &SockaddrStorage::from(address))?;
    let socket = TcpListener::from(socket);
    let address = socket.local_addr()?;
    Ok((socket.into(), address))
}

fn refused(address: SocketAddr, source: io::Error) -> LaunchError {
    LaunchError::Listen { address, source }
}
