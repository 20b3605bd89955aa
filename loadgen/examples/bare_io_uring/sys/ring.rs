//! The queues: requests to the kernel, and their completions.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use io_uring::types::{Fixed, SubmitArgs, Timespec};
use io_uring::{IoUring, Submitter, cqueue, opcode, squeue};
use rustix::io::Errno;
use rustix::net::SendFlags;

use super::buffers::GROUP;

/// A power of two, with room for a batch of sends and as many receives.
const ENTRIES: u32 = 512;

/// How often the end is checked for while nothing arrives.
const CHECK_NS: u32 = 50_000_000;

/// Set in the user data of sends, which only have a completion if they fail.
const SEND: u64 = 1 << 32;

/// A ring with registered sockets.
pub(crate) struct Ring<'run> {
    ring: IoUring,
    request: &'run [u8],
}

/// A receive that has completed.
pub(crate) struct Completion {
    pub(crate) place: usize,
    /// Number of the buffer with the bytes.
    pub(crate) buffer: u16,
    /// The receive continues.
    pub(crate) more: bool,
}

impl<'run> Ring<'run> {
    pub(crate) fn new(sockets: &[OwnedFd], request: &'run [u8]) -> io::Result<Self> {
        let ring = IoUring::builder()
            .setup_single_issuer()
            .setup_defer_taskrun()
            .setup_cqsize(2 * ENTRIES)
            .build(ENTRIES)?;
        let mut submitter = ring.submitter();
        let descriptors: Vec<_> = sockets.iter().map(AsRawFd::as_raw_fd).collect();
        submitter.register_files(&descriptors)?;
        submitter.register_ring_fd()?;
        Ok(Self { ring, request })
    }

    pub(crate) fn submitter(&self) -> Submitter<'_> {
        self.ring.submitter()
    }

    /// Receives everything that arrives at this socket from now on.
    pub(crate) fn receive(&mut self, place: usize) -> io::Result<()> {
        let entry = opcode::RecvMulti::new(Fixed(place as u32), GROUP).build();
        self.push(&entry.user_data(place as u64))
    }

    /// Sends the request.
    pub(crate) fn send(&mut self, place: usize) -> io::Result<()> {
        let (start, length) = (self.request.as_ptr(), self.request.len() as u32);
        let entry = opcode::Send::new(Fixed(place as u32), start, length)
            .flags(SendFlags::NOSIGNAL.bits() as i32)
            .build()
            .flags(squeue::Flags::SKIP_SUCCESS);
        self.push(&entry.user_data(SEND | place as u64))
    }

    fn push(&mut self, entry: &squeue::Entry) -> io::Result<()> {
        if self.ring.submission().is_full() {
            self.submit()?;
        }
        // SAFETY: the request to which a send points outlives the ring, and so do the descriptors,
        // which belong to the caller of `new`.
        unsafe { self.ring.submission().push(entry) }.map_err(io::Error::other)
    }

    pub(crate) fn submit(&mut self) -> io::Result<()> {
        self.ring.submit().map(|_| ())
    }

    /// Submits all requests and waits for at least one completion.
    pub(crate) fn submit_and_wait(&mut self) -> io::Result<()> {
        let limit = Timespec::new().nsec(CHECK_NS);
        let arguments = SubmitArgs::new().timespec(&limit);
        match self.ring.submitter().submit_with_args(1, &arguments) {
            Err(error) if error.raw_os_error() != Some(Errno::TIME.raw_os_error()) => Err(error),
            _ => Ok(()),
        }
    }

    /// The next completion, if there is one.
    pub(crate) fn next(&mut self) -> Option<io::Result<Completion>> {
        let entry = self.ring.completion().next()?;
        Some(match entry.result() {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            error if error < 0 => Err(io::Error::from_raw_os_error(-error)),
            _ => received(&entry),
        })
    }
}

fn received(entry: &cqueue::Entry) -> io::Result<Completion> {
    let buffer = cqueue::buffer_select(entry.flags());
    Ok(Completion {
        place: entry.user_data() as usize,
        buffer: buffer.ok_or_else(|| io::Error::other("a receive without a buffer"))?,
        more: cqueue::more(entry.flags()),
    })
}
