//! Client sockets.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use nix::sys::socket::{setsockopt, sockopt::IpBindAddressNoPort};
use rustix::fd::OwnedFd;
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, socket_with, sockopt};

/// Begins to connect to `target`, from `source` or from wherever the kernel
/// likes. On loopback the handshake is as a rule over when this returns, so it
/// is worth trying to write at once.
pub(crate) fn begin_connect(
    target: &SocketAddr,
    source: Option<Ipv4Addr>,
) -> Result<OwnedFd, Errno> {
    let family = match target {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = socket_with(family, SocketType::STREAM, flags, None)?;
    if let Some(source) = source {
        // The port is chosen at connect, among those free towards this target:
        // a bind alone would need one that no other connection uses at all.
        setsockopt(&socket, IpBindAddressNoPort, &true)
            .map_err(|error| Errno::from_raw_os_error(error as i32))?;
        bind(&socket, &SocketAddrV4::new(source, 0))?;
    }
    sockopt::set_tcp_nodelay(&socket, true)?;
    match connect(&socket, target) {
        Ok(()) | Err(Errno::INPROGRESS) => Ok(socket),
        Err(error) => Err(error),
    }
}
