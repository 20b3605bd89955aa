//! Listening sockets: made by the launching process and left to its children.

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

/// One listening socket.
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

/// A port that nobody listens on and nobody else gets, for as long as the socket lives.
pub(crate) fn reserve(address: SocketAddr) -> Result<(OwnedFd, SocketAddr), LaunchError> {
    let named = |fd: OwnedFd| local_address(&fd).map(|address| (fd, address));
    bind_to(address, false)
        .and_then(named)
        .map_err(|error| refused(address, error))
}

/// As many listening sockets as asked for, all on one port (SO_REUSEPORT): the kernel spreads
/// connections over them by a hash of both addresses and ports.
///
/// All are bound before any listens, and all listen before this returns.
pub(crate) fn open_group(
    address: SocketAddr,
    count: usize,
) -> Result<(Vec<OwnedFd>, SocketAddr), LaunchError> {
    bind_group(address, count).map_err(|error| refused(address, error))
}

/// A listening socket for each of so many dispatchers: a plain one if there is but one.
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
        // SO_REUSEPORT would let us join a group that another program of this user has on the
        // port, and share its connections. A socket without the option finds that out.
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
    // A port whose last connections are still in TIME_WAIT may be listened on again.
    setsockopt(&listener, ReuseAddr, &true)?;
    setsockopt(&listener, ReusePort, &shared_port)?;
    // Accepted sockets take the option over, which saves each its own system call.
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
