//! Channels: how connections get from a dispatcher to a worker. A message over a pair of Unix sockets
//! (SOCK_SEQPACKET) carries descriptors (SCM_RIGHTS) and their number. A byte in the other direction
//! acknowledges one of them.
//!
//! Neither direction allocates, and sending never blocks. nix's calls for descriptors in messages allocate,
//! so this module uses rustix.

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

/// The name under which processes inherit their ends of channels.
pub(crate) const CHANNEL: &str = "channel";

/// Maximum number of connections per message. A worker keeps as many descriptors free for each channel,
/// since it must receive a message as a whole. With eight, each connection bears only an eighth of the
/// cost of a message.
pub const MAX_PER_MESSAGE: usize = 8;

/// Creates a channel: the dispatcher's end and the worker's end.
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

/// The result of a hand-off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandOff {
    /// The connections are at the worker, or on their way there.
    Sent,
    /// The channel is full.
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
    /// Uses the dispatcher's end of a channel.
    pub fn new(socket: OwnedFd) -> Self {
        Self { socket }
    }

    /// Hands over from one to [`MAX_PER_MESSAGE`] connections, all or none. The caller keeps its
    /// descriptors, and should close them after success.
    pub fn send(&self, connections: &[BorrowedFd<'_>]) -> HandOff {
        let mut space = [MaybeUninit::uninit(); CONTROL_BYTES];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let fits = control.push(SendAncillaryMessage::ScmRights(connections));
        debug_assert!(fits, "the space suffices for the maximum");
        let count = [connections.len() as u8];
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        match rustix::net::sendmsg(&self.socket, &[IoSlice::new(&count)], &mut control, flags) {
            Ok(_) => HandOff::Sent,
            // Too many descriptors on their way (ETOOMANYREFS) end like a full buffer: when
            // workers receive some.
            Err(Errno::AGAIN | Errno::NOBUFS | Errno::NOMEM | Errno::TOOMANYREFS) => HandOff::Full,
            Err(_) => HandOff::Gone,
        }
    }

    /// Wakes the worker as soon as it can receive, and gives it nothing.
    pub(crate) fn wake(&self) {
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        // If the channel is full, what is in it wakes the worker.
        let _sent = rustix::net::send(&self.socket, &[0], flags);
    }

    /// Reads the acknowledgements, and returns their number. It does not report an error or the end of the
    /// channel; the next [`send`](Self::send), or epoll, does.
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
    /// The other connections of a message.
    received: VecDeque<OwnedFd>,
    acknowledge: bool,
}

impl Receiver {
    /// Uses the worker's end of a channel, which may acknowledge each connection. Call it within a tokio
    /// runtime.
    ///
    /// # Errors
    /// If the runtime cannot watch the socket.
    pub fn new(socket: OwnedFd, acknowledge: bool) -> io::Result<Self> {
        Ok(Self {
            socket: readiness::watch(socket)?,
            received: VecDeque::with_capacity(MAX_PER_MESSAGE),
            acknowledge,
        })
    }

    /// Waits for the next connection. Returns `None` if the dispatcher has closed its end.
    ///
    /// # Errors
    /// If the channel fails.
    pub fn poll_take(&mut self, context: &mut Context<'_>) -> Poll<io::Result<Option<TcpStream>>> {
        while self.received.is_empty() {
            let mut ready = ready!(self.socket.poll_read_ready(context))?;
            let received = ready.try_io(|socket| receive(socket.get_ref(), &mut self.received));
            match received {
                Ok(Ok(Message::End)) => return Poll::Ready(Ok(None)),
                Ok(message) => self.report_lost(&message?),
                Err(_would_block) => {}
            }
        }
        Poll::Ready(self.take())
    }

    /// Returns a connection that has arrived already, if any.
    ///
    /// # Errors
    /// If the channel fails.
    pub fn take_queued(&mut self) -> io::Result<Option<TcpStream>> {
        while self.received.is_empty() {
            match receive(self.socket.get_ref(), &mut self.received) {
                Ok(Message::End) => return Ok(None),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
                message => self.report_lost(&message?),
            }
        }
        self.take()
    }

    /// Makes the dispatcher's sends fail from now on. Connections that are on their way can still be
    /// received.
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
        self.acknowledge_one();
        TcpStream::from_std(connection.into()).map(Some)
    }

    fn report_lost(&self, message: &Message) {
        let Message::Connections { lost: lost @ 1.. } = message else {
            return;
        };
        for _ in 0..*lost {
            self.acknowledge_one();
        }
        eprintln!(
            "evenkeel: lost {lost} connections, because a worker had no descriptors left; raise the \
             limit of open files (ulimit -n)"
        );
    }

    fn acknowledge_one(&self) {
        if self.acknowledge {
            // It fails only if the dispatcher is gone, which the next read reports. There is always
            // room, since few hand-offs are unacknowledged.
            let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
            let _sent = rustix::net::send(self.socket.get_ref(), &[1], flags);
        }
    }
}

/// Takes back the connections that are in a channel, by way of the worker's end, as long as there is room for those of
/// another message. Each message goes either here or to the worker.
///
/// # Errors
/// If the channel fails. What was taken back is in `connections`.
pub(crate) fn take_back(
    workers_end: &OwnedFd,
    room: usize,
    connections: &mut VecDeque<OwnedFd>,
) -> io::Result<()> {
    while connections.len() + MAX_PER_MESSAGE <= room {
        match receive(workers_end, connections) {
            Ok(Message::Connections { lost: 0 }) => {}
            Ok(Message::Connections { lost }) => {
                let reason = format!("no descriptors were left for {lost} connections");
                return Err(io::Error::other(reason));
            }
            Ok(Message::End) => break,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Whether a channel holds a message that the worker has not received.
pub(crate) fn is_waiting(workers_end: &OwnedFd) -> bool {
    rustix::io::ioctl_fionread(workers_end).is_ok_and(|bytes| bytes > 0)
}

enum Message {
    /// Connections. For `lost` others this process had no free descriptors, so the kernel has closed them.
    Connections { lost: usize },
    /// The dispatcher has closed its end.
    End,
}

/// Space for the descriptors of a message.
const CONTROL_BYTES: usize = cmsg_space!(ScmRights(MAX_PER_MESSAGE));

fn receive(socket: &OwnedFd, connections: &mut VecDeque<OwnedFd>) -> io::Result<Message> {
    let mut space = [MaybeUninit::uninit(); CONTROL_BYTES];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut count = [0_u8];
    let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
    let mut buffers = [IoSliceMut::new(&mut count)];
    let received = loop {
        match rustix::net::recvmsg(socket, &mut buffers, &mut control, flags) {
            // A dispatcher that ended before it had read all acknowledgements causes this error,
            // once. Earlier hand-offs can still be received.
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
    let arrived = connections.len() - before;
    let lost = usize::from(count[0]).saturating_sub(arrived);
    Ok(Message::Connections { lost })
}
