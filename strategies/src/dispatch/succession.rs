//! Succession: how a dispatcher hands over to its successor.
//!
//! The two have a pair of Unix sockets (SOCK_SEQPACKET). The old dispatcher sends what it has, each thing in
//! a packet with its descriptors, and keeps copies. The new one confirms when it has all. From then on only
//! the new one acts; without the confirmation only the old one does. Both block meanwhile, so that nothing
//! changes under way. The listener is not sent: both have it, and so the connections that wait there.

use std::io::{self, ErrorKind};
use std::os::fd::{BorrowedFd, OwnedFd};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{RecvFlags, SendFlags, Shutdown};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::launch::membership::PREDECESSOR;
use crate::launch::{Inherited, packet};

/// Time limit for the successor to take over: well below that of the master for the whole hand-over.
const CONFIRMED_WITHIN: Duration = Duration::from_secs(5);

/// Maximum length of a packet in bytes. The longest one has a PROXY header of 4096 bytes, each as a number of
/// up to three digits.
const PACKET: usize = 32 * 1024;

/// Pause while too many descriptors are on their way (ETOOMANYREFS), until the successor has received some.
const PAUSE: Duration = Duration::from_millis(1);

#[derive(Serialize, Deserialize)]
enum Packet<T> {
    Item(T),
    /// That was all.
    End,
}

/// The old dispatcher's end.
#[derive(Debug)]
pub(crate) struct Successor(OwnedFd);

impl Successor {
    /// Uses the end that has come with a message of the master.
    pub(crate) fn new(socket: OwnedFd) -> io::Result<Self> {
        for direction in [Timeout::Send, Timeout::Recv] {
            set_socket_timeout(&socket, direction, Some(CONFIRMED_WITHIN))?;
        }
        Ok(Self(socket))
    }

    /// Gives something to the successor. The caller keeps its descriptors.
    pub(crate) fn give<T: Serialize>(
        &self,
        item: T,
        descriptors: &[BorrowedFd<'_>],
    ) -> io::Result<()> {
        self.send(&Packet::Item(item), descriptors)
    }

    fn send<T: Serialize>(
        &self,
        packet: &Packet<T>,
        descriptors: &[BorrowedFd<'_>],
    ) -> io::Result<()> {
        let deadline = Instant::now() + CONFIRMED_WITHIN;
        loop {
            let sent = packet::send(&self.0, packet, descriptors, SendFlags::empty());
            let is_crowded = (sent.as_ref().err())
                .is_some_and(|error| Errno::from_io_error(error) == Some(Errno::TOOMANYREFS));
            if !is_crowded || Instant::now() > deadline {
                return sent;
            }
            sleep(PAUSE);
        }
    }

    /// Waits until the successor has taken over. After an error it has not, and will not.
    pub(crate) fn confirmed(self) -> io::Result<()> {
        self.send(&Packet::<()>::End, &[])?;
        let receive = |flags| packet::receive::<Packet<()>>(&self.0, &mut [0; 64], flags);
        let received = receive(RecvFlags::empty());
        // From now on it cannot confirm, but may have done so just before.
        let _shut = rustix::net::shutdown(&self.0, Shutdown::Read);
        match received.or_else(|_late| receive(RecvFlags::DONTWAIT))? {
            Some(_confirmed) => Ok(()),
            None => Err(io::Error::new(
                ErrorKind::UnexpectedEof,
                "its successor has not taken over",
            )),
        }
    }
}

/// The end of the successor.
#[derive(Debug)]
pub(crate) struct Predecessor(OwnedFd);

impl Predecessor {
    /// Takes the inherited end, if this dispatcher is to succeed another one.
    pub(crate) fn inherit(inherited: &mut Inherited) -> Option<Self> {
        inherited.one(PREDECESSOR).ok().map(Self)
    }

    /// Waits for the next thing that it gives. Returns `None` when that was all.
    ///
    /// # Errors
    /// Also if the predecessor goes on, or is gone.
    pub(crate) fn next<T: DeserializeOwned>(&self) -> io::Result<Option<(T, Vec<OwnedFd>)>> {
        match packet::receive(&self.0, &mut vec![0; PACKET], RecvFlags::empty())? {
            Some((Packet::Item(item), descriptors)) => Ok(Some((item, descriptors))),
            Some((Packet::End, _)) => Ok(None),
            None => Err(io::Error::new(
                ErrorKind::UnexpectedEof,
                "its predecessor has not handed over",
            )),
        }
    }

    /// Confirms that everything has arrived. After an error the predecessor goes on.
    pub(crate) fn take_over(self) -> io::Result<()> {
        packet::send(&self.0, &Packet::<()>::End, &[], SendFlags::DONTWAIT)
    }
}

/// Takes the next descriptor of something that was given.
pub(crate) fn take(descriptors: &mut impl Iterator<Item = OwnedFd>) -> io::Result<OwnedFd> {
    descriptors.next().ok_or_else(|| {
        io::Error::new(
            ErrorKind::InvalidData,
            "the predecessor gave something without its descriptor",
        )
    })
}
