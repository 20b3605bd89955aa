//! Many sends, or many receives, in one system call (`io_uring_enter(2)`).
#![allow(
    unsafe_code,
    reason = "the kernel reads and writes memory at addresses that it is given"
)]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use io_uring::types::Fd;
use io_uring::{IoUring, opcode, squeue};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags};

/// Most transfers of one call. A power of two, as the kernel requires; from about sixteen on, the cost
/// of the call is shared by enough transfers.
pub(crate) const MAX_TRANSFERS: usize = 64;

/// Transfers never wait: what is not possible at once fails with [`Errno::AGAIN`].
const SEND: SendFlags = SendFlags::NOSIGNAL.union(SendFlags::DONTWAIT);
const RECEIVE: RecvFlags = RecvFlags::DONTWAIT;

/// Checks whether this process may use io_uring.
///
/// # Errors
/// The error of the kernel if it does not have it (before 6.1), or if a sandbox or
/// `kernel.io_uring_disabled` forbids it.
pub fn io_uring() -> io::Result<()> {
    Ring::new().map(drop)
}

/// A ring that belongs to the thread that created it.
pub(crate) struct Ring {
    ring: IoUring,
    entries: Vec<squeue::Entry>,
    /// Results of the transfers of the last call: the number of bytes of each.
    pub(crate) results: [Result<usize, Errno>; MAX_TRANSFERS],
}

impl Ring {
    /// # Errors
    /// See [`io_uring`].
    pub(crate) fn new() -> io::Result<Self> {
        let ring = IoUring::builder()
            .setup_single_issuer()
            .setup_defer_taskrun()
            .build(MAX_TRANSFERS as u32)?;
        // Avoids a look-up with each call; the ring works without it.
        let _ = ring.submitter().register_ring_fd();
        Ok(Self {
            ring,
            entries: Vec::with_capacity(MAX_TRANSFERS),
            results: [Err(Errno::AGAIN); MAX_TRANSFERS],
        })
    }

    /// Receives from up to [`MAX_TRANSFERS`] sockets, each into its own slot of `slot_bytes`.
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

    /// Sends on up to [`MAX_TRANSFERS`] sockets, each with its bytes.
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

    /// Submits the entries and waits until all are complete.
    fn complete(&mut self, entries: impl Iterator<Item = squeue::Entry>) {
        let numbered = entries
            .zip(0..)
            .map(|(entry, number)| entry.user_data(number));
        self.entries.clear();
        self.entries.extend(numbered);
        // SAFETY: the caller borrows sockets and memory for this call, which does not return before
        // each entry is complete.
        unsafe { self.ring.submission().push_multiple(&self.entries) }
            .expect("no more than MAX_TRANSFERS transfers at a time");
        let mut open = self.entries.len();
        while open > 0 {
            match self.ring.submit_and_wait(open) {
                Ok(_) => {}
                // Interrupted, or short of memory: the remaining entries are submitted again.
                Err(error) if is_temporary(&error) => {}
                Err(error) => panic!("io_uring_enter on our ring: {error}"),
            }
            for completion in self.ring.completion() {
                self.results[completion.user_data() as usize] = match completion.result() {
                    bytes @ 0.. => Ok(bytes as usize),
                    error => Err(Errno::from_raw_os_error(-error)),
                };
                open -= 1;
            }
        }
    }
}

fn is_temporary(error: &io::Error) -> bool {
    let temporary = [Errno::INTR, Errno::AGAIN, Errno::BUSY];
    Errno::from_io_error(error).is_some_and(|error| temporary.contains(&error))
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::os::fd::AsFd;
    use std::os::unix::net::UnixStream;

    use super::*;

    /// `None`, with a message, if this host has no io_uring: nothing can be tested then.
    fn ring() -> Option<Ring> {
        (Ring::new().inspect_err(|error| eprintln!("skipped: no io_uring here: {error}"))).ok()
    }

    fn pairs(count: usize) -> Vec<(UnixStream, UnixStream)> {
        let pair = |_| UnixStream::pair().expect("a pair of sockets");
        (0..count).map(pair).collect()
    }

    #[test]
    fn each_socket_sends_its_bytes() {
        let Some(mut ring) = ring() else { return };
        let pairs = pairs(MAX_TRANSFERS);
        let texts: Vec<_> = (0..MAX_TRANSFERS)
            .map(|number| format!("to {number}"))
            .collect();
        let parts = pairs.iter().map(|(near, _)| near.as_fd());
        ring.send(parts.zip(texts.iter().map(|text| text.as_bytes())));
        for (number, (_, far)) in pairs.iter().enumerate() {
            assert_eq!(ring.results[number], Ok(texts[number].len()));
            let mut read = [0; 16];
            let bytes = { far }.read(&mut read).expect("what was sent");
            assert_eq!(&read[..bytes], texts[number].as_bytes());
        }
    }

    #[test]
    fn received_bytes_are_in_the_slot_of_their_socket() {
        let Some(mut ring) = ring() else { return };
        let mut pairs = pairs(3);
        pairs[0].1.write_all(b"first").expect("room to write");
        pairs[2].1.write_all(b"the third").expect("room to write");
        let mut slots = [0; 3 * 8];
        ring.receive(pairs.iter().map(|(near, _)| near.as_fd()), &mut slots, 8);
        let results = [0, 1, 2].map(|number| ring.results[number]);
        assert_eq!(results, [Ok(5), Err(Errno::AGAIN), Ok(8)]);
        assert_eq!(&slots[..5], b"first");
        assert_eq!(&slots[16..], b"the thir");
    }

    #[test]
    fn an_end_and_a_broken_connection_are_distinguished() {
        let Some(mut ring) = ring() else { return };
        let (near, far) = UnixStream::pair().expect("a pair of sockets");
        drop(far);
        ring.receive([near.as_fd()].into_iter(), &mut [0; 8], 8);
        assert_eq!(ring.results[0], Ok(0));
        ring.send([(near.as_fd(), b"late".as_slice())].into_iter());
        assert_eq!(ring.results[0], Err(Errno::PIPE));
    }
}
