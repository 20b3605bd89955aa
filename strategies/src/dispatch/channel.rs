//! How accepted connections go from a dispatcher to a worker: a message of a Unix SOCK_SEQPACKET
//! pair carries descriptors (SCM_RIGHTS), and says how many. A byte the other way acknowledges
//! one of them.
//!
//! Neither direction allocates, and sending never blocks.

use std::collections::VecDeque;
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

/// Connections that a message carries at most. A worker keeps as many descriptors free for each
/// channel, as it cannot leave a part of a message for later. With eight the cost of a message is
/// spread nearly as far as it can be: an eighth of it is left to each.
pub const MOST_IN_A_MESSAGE: usize = 8;

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

    /// Hands connections over, all or none: from one to [`MOST_IN_A_MESSAGE`]. The caller keeps
    /// its own descriptors, and closes them if sent.
    pub fn send(&self, connections: &[BorrowedFd<'_>]) -> HandOff {
        let mut space = [MaybeUninit::uninit(); CONTROL_BYTES];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let fits = control.push(SendAncillaryMessage::ScmRights(connections));
        debug_assert!(fits, "the space is made for the most");
        let count = [connections.len() as u8];
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        match rustix::net::sendmsg(&self.socket, &[IoSlice::new(&count)], &mut control, flags) {
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
    /// What came in one message with a connection that was taken.
    received: VecDeque<OwnedFd>,
    acknowledge: bool,
}

impl Receiver {
    /// The worker's end, which acknowledges each connection that it takes in, or does not.
    /// Needs to be called within a tokio runtime.
    ///
    /// # Errors
    /// If the runtime cannot watch the socket.
    pub fn new(socket: OwnedFd, acknowledge: bool) -> io::Result<Self> {
        Ok(Self {
            socket: readiness::watch(socket)?,
            received: VecDeque::with_capacity(MOST_IN_A_MESSAGE),
            acknowledge,
        })
    }

    /// The next connection; `None` when the dispatcher has closed its end.
    ///
    /// # Errors
    /// If the channel fails.
    pub fn poll_take(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<TcpStream>>> {
        while self.received.is_empty() {
            let mut ready = ready!(self.socket.poll_read_ready(context))?;
            let received = ready.try_io(|socket| receive(socket.get_ref(), &mut self.received));
            match received {
                Ok(Ok(Message::End)) => return Poll::Ready(Ok(None)),
                Ok(message) => self.mourn(&message?),
                Err(_would_block) => {}
            }
        }
        Poll::Ready(self.take())
    }

    /// A connection that has come already, if there is one.
    ///
    /// # Errors
    /// As [`poll_take`](Self::poll_take).
    pub fn take_queued(&mut self) -> io::Result<Option<TcpStream>> {
        while self.received.is_empty() {
            match receive(self.socket.get_ref(), &mut self.received) {
                Ok(Message::End) => return Ok(None),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                message => self.mourn(&message?),
            }
        }
        self.take()
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

    fn take(&mut self) -> io::Result<Option<TcpStream>> {
        let Some(connection) = self.received.pop_front() else {
            return Ok(None);
        };
        self.tell_taken();
        TcpStream::from_std(connection.into()).map(Some)
    }

    /// Tells of connections that were lost, if any were.
    fn mourn(&self, message: &Message) {
        let Message::Connections { lost: lost @ 1.. } = message else {
            return;
        };
        for _ in 0..*lost {
            self.tell_taken();
        }
        eprintln!(
            "evenkeel: connections were lost ({lost}), as a worker has no descriptors left for \
             them; raise the limit of open files (ulimit -n)"
        );
    }

    fn tell_taken(&self) {
        if self.acknowledge {
            // It fails only if the dispatcher is gone, which the next take tells; the
            // dispatcher allows few unacknowledged hand-offs, so there is room.
            let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
            let _sent = rustix::net::send(self.socket.get_ref(), &[1], flags);
        }
    }
}

/// What comes over a channel.
enum Message {
    /// Connections. For those that are lost this process had no number, and the kernel has closed
    /// them.
    Connections { lost: usize },
    /// The dispatcher has closed its end.
    End,
}

/// Space for the descriptors of a message.
const CONTROL_BYTES: usize = cmsg_space!(ScmRights(MOST_IN_A_MESSAGE));

fn receive(socket: &OwnedFd, connections: &mut VecDeque<OwnedFd>) -> io::Result<Message> {
    let mut space = [MaybeUninit::uninit(); CONTROL_BYTES];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut count = [0_u8];
    let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
    let mut buffers = [IoSliceMut::new(&mut count)];
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
    let before = connections.len();
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(descriptors) = message {
            connections.extend(descriptors);
        }
    }
    let come = connections.len() - before;
    let lost = usize::from(count[0]).saturating_sub(come);
    Ok(Message::Connections { lost })
}
