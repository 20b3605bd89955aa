//! Client sockets.

use std::io;
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::fd::OwnedFd;
use std::path::Path;

use nix::sys::socket::{setsockopt, sockopt::IpBindAddressNoPort};
use rustix::io::{Errno, IoSlice};
use rustix::net::{
    self, AddressFamily, RecvFlags, SendAncillaryBuffer, SendFlags, SocketAddrUnix, SocketFlags,
    SocketType, bind, connect, sendmsg, socket_with, sockopt,
};

/// The smallest send buffer that Linux gives a TCP socket is larger than this: a socket that has
/// nothing else to send takes this number of bytes whole.
pub(crate) const ALWAYS_WRITABLE: usize = 4_096;

/// Begins to connect to `target`, from `source` or from an address that the kernel chooses. On
/// loopback the handshake is usually complete when this returns, so a first write is tried at once.
/// With `no_delay` (TCP_NODELAY) data is sent at once even if earlier data is not acknowledged; a
/// first send always is.
pub(super) fn begin_tcp(
    target: &SocketAddr,
    source: Option<Ipv4Addr>,
    no_delay: bool,
) -> Result<OwnedFd, Errno> {
    let family = match target {
        SocketAddr::V4(_) => AddressFamily::INET,
        SocketAddr::V6(_) => AddressFamily::INET6,
    };
    let socket = new_socket(family)?;
    if let Some(source) = source {
        // The port is chosen at connect, among those that are free for this target: otherwise bind
        // would need a port that no connection uses.
        setsockopt(&socket, IpBindAddressNoPort, &true)
            .map_err(|error| Errno::from_raw_os_error(error as i32))?;
        bind(&socket, &SocketAddrV4::new(source, 0))?;
    }
    if no_delay {
        sockopt::set_tcp_nodelay(&socket, true)?;
    }
    match connect(&socket, target) {
        Ok(()) | Err(Errno::INPROGRESS) => Ok(socket),
        Err(error) => Err(error),
    }
}

/// Connects a Unix socket, which succeeds or fails at once.
pub(super) fn connect_unix(path: &Path) -> Result<OwnedFd, Errno> {
    let socket = new_socket(AddressFamily::UNIX)?;
    match connect(&socket, &SocketAddrUnix::new(path)?) {
        Ok(()) => Ok(socket),
        // The backlog of the server is full. TCP would retry; a Unix socket does not report when to try
        // again.
        Err(Errno::AGAIN) => Err(Errno::CONNREFUSED),
        Err(error) => Err(error),
    }
}

fn new_socket(family: AddressFamily) -> Result<OwnedFd, Errno> {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    socket_with(family, SocketType::STREAM, flags, None)
}

/// A closed connection is an error to count, not a signal.
const NO_SIGNAL: SendFlags = SendFlags::NOSIGNAL;

pub(super) fn send(socket: &OwnedFd, bytes: &[u8]) -> Result<usize, Errno> {
    rustix::io::retry_on_intr(|| net::send(socket, bytes, NO_SIGNAL))
}

/// Sends head and body in one system call, and so in one segment if they fit.
pub(super) fn send_two(socket: &OwnedFd, head: &[u8], body: &[u8]) -> Result<usize, Errno> {
    let parts = [IoSlice::new(head), IoSlice::new(body)];
    rustix::io::retry_on_intr(|| {
        let mut none: [MaybeUninit<u8>; 0] = [];
        let mut nothing = SendAncillaryBuffer::new(&mut none);
        sendmsg(socket, &parts, &mut nothing, NO_SIGNAL)
    })
}

/// Reads what has arrived; 0 at the end of the connection.
pub(super) fn receive(socket: &OwnedFd, buffer: &mut [u8]) -> Result<usize, Errno> {
    rustix::io::retry_on_intr(|| {
        net::recv(socket, &mut *buffer, RecvFlags::empty()).map(|(bytes, _)| bytes)
    })
}

/// An error on a connection, below HTTP.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WireError {
    /// An error of the kernel; [`Errno::AGAIN`] means to wait.
    #[error(transparent)]
    Kernel(#[from] Errno),
    /// An error of TLS. Boxed, since this type is returned by every read.
    #[error(transparent)]
    Tls(Box<rustls::Error>),
}

impl WireError {
    pub(crate) fn must_wait(&self) -> bool {
        matches!(self, Self::Kernel(Errno::AGAIN))
    }
}

impl From<rustls::Error> for WireError {
    fn from(error: rustls::Error) -> Self {
        Self::Tls(Box::new(error))
    }
}

/// rustls passes on errors of the kernel as `io::Error`.
impl From<io::Error> for WireError {
    fn from(error: io::Error) -> Self {
        Self::Kernel(Errno::from_io_error(&error).unwrap_or(Errno::IO))
    }
}
