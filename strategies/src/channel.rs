//! How an accepted connection goes from a dispatcher to a worker: one message of a Unix
//! SOCK_SEQPACKET pair carries one descriptor (SCM_RIGHTS). A byte the other way acknowledges.
//!
//! Neither direction allocates, and sending never blocks.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::task::{Context, Poll, ready};

use rustix::cmsg_space;
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, Shutdown, SocketFlags, SocketType,
};
use tokio::io::unix::AsyncFd;
use tokio::net::TcpStream;

use crate::sys::readiness;

/// The name under which processes inherit their ends.
pub(crate) const CHANNEL: &str = "channel";

/// A channel: the dispatcher's end and the worker's.
///
/// # Errors
/// If the limit of open files is reached.
pub fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    Ok(rustix::net::socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        flags,
        None,
    )?)
}

/// What became of an attempt to hand a connection over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandOff {
    /// It is with the worker, or on its way there.
    Sent,
    /// The worker has not taken in the last ones yet, and there is no more room.
    Full,
    /// The worker has closed its end.
    Gone,
}

/// The dispatcher's end of a channel.
#[derive(Debug)]
pub struct Sender {
    socket: OwnedFd,
}

impl Sender {
    /// The dispatcher's end.
    pub fn new(socket: OwnedFd) -> Self {
        Self { socket }
    }

    /// Hands a connection over. The caller keeps its own descriptor, and closes it if sent.
    pub fn send(&self, connection: BorrowedFd<'_>) -> HandOff {
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let descriptors = [connection];
        let fits = control.push(SendAncillaryMessage::ScmRights(&descriptors));
        debug_assert!(fits, "the space is made for one descriptor");
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        match rustix::net::sendmsg(&self.socket, &[IoSlice::new(&[0])], &mut control, flags) {
            Ok(_) => HandOff::Sent,
            // Too many descriptors under way (ETOOMANYREFS) ends as a full buffer does: when
            // workers take some in.
            Err(Errno::AGAIN | Errno::NOBUFS | Errno::NOMEM | Errno::TOOMANYREFS) => HandOff::Full,
            Err(_) => HandOff::Gone,
        }
    }

    /// Takes the acknowledgements that have come. An error or the end of the channel is not
    /// told here: the next [`send`](Self::send), or epoll, tells it.
    pub fn acknowledgements(&self) -> u32 {
        let mut byte = [0_u8];
        let mut count = 0;
        while let Ok((1, _)) = rustix::net::recv(&self.socket, &mut byte, RecvFlags::DONTWAIT) {
            count += 1;
        }
        count
    }
}

impl AsFd for Sender {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

/// The worker's end of a channel.
#[derive(Debug)]
pub struct Receiver {
    socket: AsyncFd<OwnedFd>,
    acknowledge: bool,
}

impl Receiver {
    /// The worker's end, which acknowledges each connection that it takes in, or does not.
    /// Needs to be called within a tokio runtime.
    ///
    /// # Errors
    /// If the runtime cannot watch the socket.
    pub fn new(socket: OwnedFd, acknowledge: bool) -> io::Result<Self> {
        let socket = readiness::watch(socket)?;
        Ok(Self {
            socket,
            acknowledge,
        })
    }

    /// The next connection; `None` when the dispatcher has closed its end.
    ///
    /// # Errors
    /// If the channel fails.
    pub fn poll_take(&self, context: &mut Context<'_>) -> Poll<io::Result<Option<TcpStream>>> {
        loop {
            let mut ready = ready!(self.socket.poll_read_ready(context))?;
            if let Ok(taken) = ready.try_io(|_| self.take()) {
                return Poll::Ready(taken);
            }
        }
    }

    /// A connection that has come already, if there is one.
    ///
    /// # Errors
    /// As [`poll_take`](Self::poll_take).
    pub fn take_queued(&self) -> io::Result<Option<TcpStream>> {
        match self.take() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            taken => taken,
        }
    }

    /// From now on the dispatcher's sends fail; what is under way can still be taken.
    ///
    /// # Errors
    /// If the dispatcher is gone already.
    pub fn refuse_more(&self) -> io::Result<()> {
        Ok(rustix::net::shutdown(
            self.socket.get_ref(),
            Shutdown::Read,
        )?)
    }

    fn take(&self) -> io::Result<Option<TcpStream>> {
        loop {
            let connection = match receive(self.socket.get_ref())? {
                Message::End => return Ok(None),
                Message::Connection(connection) => Some(connection),
                Message::Lost => None,
            };
            if self.acknowledge {
                // It fails only if the dispatcher is gone, which the next take tells; the
                // dispatcher allows few unacknowledged hand-offs, so there is room.
                let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
                let _sent = rustix::net::send(self.socket.get_ref(), &[1], flags);
            }
            match connection {
                Some(connection) => return TcpStream::from_std(connection.into()).map(Some),
                None => eprintln!(
                    "evenkeel: a connection was lost, as a worker has no descriptor left for it; \
                     raise the limit of open files (ulimit -n)"
                ),
            }
        }
    }
}

/// What comes over a channel.
enum Message {
    Connection(OwnedFd),
    /// A connection for which this process had no number: the kernel has closed it.
    Lost,
    /// The dispatcher has closed its end.
    End,
}

fn receive(socket: &OwnedFd) -> io::Result<Message> {
    let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0_u8];
    let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
    let mut buffers = [IoSliceMut::new(&mut byte)];
    let received = loop {
        match rustix::net::recvmsg(socket, &mut buffers, &mut control, flags) {
            // A dispatcher that ended without reading the last acknowledgements leaves this
            // error, once. What it had handed over before is still there.
            Err(Errno::CONNRESET) => {}
            received => break received?,
        }
    };
    if received.bytes == 0 {
        return Ok(Message::End);
    }
    let descriptor = control.drain().find_map(|message| match message {
        RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
        _ => None,
    });
    Ok(descriptor.map_or(Message::Lost, Message::Connection))
}
