//! Many sends, or many receives, in one system call (`io_uring_enter(2)`).
#![allow(
    unsafe_code,
    reason = "the kernel reads and writes memory that it is given addresses of"
)]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use io_uring::types::Fd;
use io_uring::{IoUring, opcode, squeue};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags};

/// How many transfers one call takes at most. A power of two, as the kernel demands; beyond some
/// sixteen the cost of the call is shared by enough of them.
pub(crate) const MOST: usize = 64;

/// Transfers never wait: what cannot be done at once is refused with [`Errno::AGAIN`].
const SEND: SendFlags = SendFlags::NOSIGNAL.union(SendFlags::DONTWAIT);
const RECEIVE: RecvFlags = RecvFlags::DONTWAIT;

/// Whether this process may have such rings.
///
/// # Errors
/// What the kernel says where it has none (before 6.1), or where a sandbox or
/// `kernel.io_uring_disabled` forbids them.
pub fn io_uring() -> io::Result<()> {
    Ring::new().map(drop)
}

/// A ring that belongs to the thread that made it.
pub(crate) struct Ring {
    ring: IoUring,
    entries: Vec<squeue::Entry>,
    results: [Result<usize, Errno>; MOST],
}

impl Ring {
    /// # Errors
    /// As those of [`io_uring`].
    pub(crate) fn new() -> io::Result<Self> {
        let ring = IoUring::builder()
            .setup_single_issuer()
            .setup_defer_taskrun()
            .build(MOST as u32)?;
        // Spares a look-up with each call. Where it is refused, it is done without.
        let _ = ring.submitter().register_ring_fd();
        Ok(Self {
            ring,
            entries: Vec::with_capacity(MOST),
            results: [Err(Errno::AGAIN); MOST],
        })
    }

    /// Receives from each of up to [`MOST`] sockets into a slot of so many bytes of its own.
    pub(crate) fn receive<'sockets>(
        &mut self,
        sockets: impl Iterator<Item = BorrowedFd<'sockets>>,
        slots: &mut [u8],
        slot_bytes: usize,
    ) {
        let slots = slots.chunks_exact_mut(slot_bytes);
        self.complete(sockets.zip(slots).map(|(socket, slot)| {
            let (socket, length) = (Fd(socket.as_raw_fd()), slot.len() as u32);
            opcode::Recv::new(socket, slot.as_mut_ptr(), length)
                .flags(RECEIVE.bits() as i32)
                .build()
        }));
    }

    /// Sends to each of up to [`MOST`] sockets what stands beside it.
    pub(crate) fn send<'all>(
        &mut self,
        parts: impl Iterator<Item = (BorrowedFd<'all>, &'all [u8])>,
    ) {
        self.complete(parts.map(|(socket, bytes)| {
            let (socket, length) = (Fd(socket.as_raw_fd()), bytes.len() as u32);
            opcode::Send::new(socket, bytes.as_ptr(), length)
                .flags(SEND.bits() as i32)
                .build()
        }));
    }

    /// What has become of the transfer with this number in the last call: how many bytes it moved.
    pub(crate) fn result(&self, number: usize) -> Result<usize, Errno> {
        self.results[number]
    }

    /// Hands the entries over and takes in what has become of all of them.
    fn complete(&mut self, entries: impl Iterator<Item = squeue::Entry>) {
        let numbered = entries
            .zip(0..)
            .map(|(entry, number)| entry.user_data(number));
        self.entries.clear();
        self.entries.extend(numbered);
        // SAFETY: sockets and memory are borrowed by the caller, which is not left before each
        // entry has completed.
        unsafe { self.ring.submission().push_multiple(&self.entries) }
            .expect("no more than MOST transfers at a time");
        let mut open = self.entries.len();
        while open > 0 {
            match self.ring.submit_and_wait(open) {
                Ok(_) => {}
                // Interrupted, or short of memory: what was not taken is handed over again.
                Err(error) if is_passing(&error) => {}
                Err(error) => panic!("io_uring_enter on a ring of our own: {error}"),
            }
            for completion in self.ring.completion() {
                let outcome = completion.result();
                self.results[completion.user_data() as usize] = match outcome {
                    bytes @ 0.. => Ok(bytes as usize),
                    error => Err(Errno::from_raw_os_error(-error)),
                };
                open -= 1;
            }
        }
    }
}

fn is_passing(error: &io::Error) -> bool {
    let passing = [Errno::INTR, Errno::AGAIN, Errno::BUSY];
    Errno::from_io_error(error).is_some_and(|error| passing.contains(&error))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;

    use super::*;

    /// `None`, and a word about it, where this host has none: nothing can be tested there.
    fn ring() -> Option<Ring> {
        (Ring::new().inspect_err(|error| eprintln!("skipped: no io_uring here: {error}"))).ok()
    }

    fn pairs(count: usize) -> Vec<(UnixStream, UnixStream)> {
        let pair = |_| UnixStream::pair().expect("a pair of sockets");
        (0..count).map(pair).collect()
    }

    #[test]
    fn each_socket_is_sent_what_stands_beside_it() {
        let Some(mut ring) = ring() else { return };
        let pairs = pairs(MOST);
        let texts: Vec<_> = (0..MOST).map(|number| format!("to {number}")).collect();
        let parts = pairs.iter().map(|(near, _)| near.as_fd());
        ring.send(parts.zip(texts.iter().map(|text| text.as_bytes())));
        for (number, (_, far)) in pairs.iter().enumerate() {
            assert_eq!(ring.result(number), Ok(texts[number].len()));
            let mut read = [0; 16];
            let bytes = { far }.read(&mut read).expect("what was sent");
            assert_eq!(&read[..bytes], texts[number].as_bytes());
        }
    }

    #[test]
    fn what_is_received_lies_in_the_slot_of_its_socket() {
        let Some(mut ring) = ring() else { return };
        let mut pairs = pairs(3);
        pairs[0].1.write_all(b"first").expect("room to write");
        pairs[2].1.write_all(b"the third").expect("room to write");
        let mut slots = [0; 3 * 8];
        ring.receive(pairs.iter().map(|(near, _)| near.as_fd()), &mut slots, 8);
        let results = [0, 1, 2].map(|number| ring.result(number));
        assert_eq!(results, [Ok(5), Err(Errno::AGAIN), Ok(8)]);
        assert_eq!(&slots[..5], b"first");
        assert_eq!(&slots[16..], b"the thir");
    }

    #[test]
    fn an_end_and_a_broken_connection_are_told_apart() {
        let Some(mut ring) = ring() else { return };
        let (near, far) = UnixStream::pair().expect("a pair of sockets");
        drop(far);
        ring.receive([near.as_fd()].into_iter(), &mut [0; 8], 8);
        assert_eq!(ring.result(0), Ok(0));
        ring.send([(near.as_fd(), b"late".as_slice())].into_iter());
        assert_eq!(ring.result(0), Err(Errno::PIPE));
    }
}
