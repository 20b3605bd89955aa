//! Listening sockets. The launching process creates them, and its children inherit them.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;

use nix::sys::socket::sockopt::{ReuseAddr, ReusePort, TcpNoDelay};
use nix::sys::socket::{
    AddressFamily, Backlog, SockFlag, SockType, SockaddrStorage, bind, getsockname, listen,
    setsockopt, socket,
};

use super::error::LaunchError;

/// The name under which processes inherit a listening socket.
pub(crate) const LISTENER: &str = "listener";

/// Opens a listening socket, and returns it with its address.
pub(crate) fn open(address: SocketAddr) -> Result<(OwnedFd, SocketAddr), LaunchError> {
    let bound = |fd: OwnedFd| {
        listen(&fd, Backlog::MAXALLOWABLE)?;
        let address = local_address(&fd)?;
        Ok((fd, address))
    };
    bind_to(address, false)
        .and_then(bound)
        .map_err(|error| refused(address, error))
}

/// Reserves a port: as long as the socket exists, no other program gets the port.
pub(crate) fn reserve(address: SocketAddr) -> Result<(OwnedFd, SocketAddr), LaunchError> {
    let named = |fd: OwnedFd| local_address(&fd).map(|address| (fd, address));
    bind_to(address, false)
        .and_then(named)
        .map_err(|error| refused(address, error))
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

fn bind_group(address: SocketAddr, count: usize) -> nix::Result<(Vec<OwnedFd>, SocketAddr)> {
    if address.port() != 0 {
        // With SO_REUSEPORT this could join the group of another program of the same user, and
        // share its connections. A socket without the option fails then.
        drop(
            bind_to(address, false)
                .and_then(|probe| listen(&probe, Backlog::MAXALLOWABLE).map(|()| probe))?,
        );
    }
    let first = bind_to(address, true)?;
    let address = local_address(&first)?;
    let mut group = vec![first];
    for _ in 1..count {
        group.push(bind_to(address, true)?);
    }
    for listener in &group {
        listen(listener, Backlog::MAXALLOWABLE)?;
    }
    Ok((group, address))
}

fn bind_to(address: SocketAddr, shared_port: bool) -> nix::Result<OwnedFd> {
    let family = if address.is_ipv4() {
        AddressFamily::Inet
    } else {
        AddressFamily::Inet6
    };
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let listener = socket(family, SockType::Stream, flags, None)?;
    // Allows a port whose last connections are still in TIME_WAIT.
    setsockopt(&listener, ReuseAddr, &true)?;
    setsockopt(&listener, ReusePort, &shared_port)?;
    // Accepted sockets inherit the option, which saves a system call for each.
    setsockopt(&listener, TcpNoDelay, &true)?;
    bind(
        std::os::fd::AsRawFd::as_raw_fd(&listener),
        &SockaddrStorage::from(address),
    )?;
    Ok(listener)
}

fn local_address(listener: &OwnedFd) -> nix::Result<SocketAddr> {
    let name: SockaddrStorage = getsockname(std::os::fd::AsRawFd::as_raw_fd(listener))?;
    let v4 = name
        .as_sockaddr_in()
        .map(|name| SocketAddr::from((name.ip(), name.port())));
    let v6 = || {
        name.as_sockaddr_in6()
            .map(|name| SocketAddr::from((name.ip(), name.port())))
    };
    v4.or_else(v6).ok_or(nix::errno::Errno::EAFNOSUPPORT)
}

fn refused(address: SocketAddr, error: nix::Error) -> LaunchError {
    let source = error.into();
    LaunchError::Listen { address, source }
}
