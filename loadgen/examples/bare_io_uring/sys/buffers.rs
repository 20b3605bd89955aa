//! Buffers from which the kernel chooses when it receives.

use std::io;
use std::ptr;
use std::sync::atomic::{AtomicU16, Ordering};

use io_uring::Submitter;
use io_uring::types::BufRingEntry;
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};

use crate::bare::ANSWER_BYTES;

/// The only group of buffers.
pub(super) const GROUP: u16 = 0;

/// More than a batch of answers, and a power of two, as the kernel requires.
const COUNT: u16 = 512;

/// A ring of entries, one for each buffer, followed by the buffers. The kernel writes both, so they
/// are only accessed through pointers.
pub(crate) struct Buffers {
    base: *mut BufRingEntry,
    /// Entries handed to the kernel so far, modulo 2^16.
    tail: u16,
}

const RING_BYTES: usize = COUNT as usize * size_of::<BufRingEntry>();
const ALL_BYTES: usize = RING_BYTES + COUNT as usize * ANSWER_BYTES;

impl Buffers {
    pub(crate) fn register(submitter: &Submitter<'_>) -> io::Result<Self> {
        let access = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping at an address that the kernel chooses.
        let base =
            unsafe { mmap_anonymous(ptr::null_mut(), ALL_BYTES, access, MapFlags::PRIVATE) }?;
        let mut buffers = Self {
            base: base.cast(),
            tail: 0,
        };
        let address = base as u64;
        // SAFETY: the mapping is aligned to a page and holds COUNT entries. It is unmapped when the
        // buffers are dropped. They are created after the ring and dropped before it, and nothing is
        // submitted after that.
        unsafe { submitter.register_buf_ring_with_flags(address, COUNT, GROUP, 0) }?;
        (0..COUNT).for_each(|buffer| buffers.give_back(buffer));
        buffers.publish();
        Ok(buffers)
    }

    /// Lets the kernel use this buffer again, from the next `publish` on.
    pub(crate) fn give_back(&mut self, buffer: u16) {
        let slot = usize::from(self.tail % COUNT);
        // SAFETY: the slot is below COUNT, so the entry lies in the mapping.
        let entry = unsafe { self.base.add(slot) };
        // SAFETY: the kernel reads no entry beyond the published tail.
        let entry = unsafe { &mut *entry };
        let offset = RING_BYTES + usize::from(buffer) * ANSWER_BYTES;
        entry.set_addr(self.base as u64 + offset as u64);
        entry.set_len(ANSWER_BYTES as u32);
        entry.set_bid(buffer);
        self.tail = self.tail.wrapping_add(1);
    }

    /// Makes the buffers that were given back visible to the kernel.
    pub(crate) fn publish(&mut self) {
        // SAFETY: `base` is the start of the ring, which contains the tail.
        let tail = unsafe { BufRingEntry::tail(self.base) };
        // SAFETY: the tail is aligned and lives as long as the mapping; the kernel reads it as an
        // atomic.
        let tail = unsafe { AtomicU16::from_ptr(tail.cast_mut()) };
        tail.store(self.tail, Ordering::Release);
    }
}

impl Drop for Buffers {
    fn drop(&mut self) {
        // SAFETY: mapped in `register` with this length, and not used after this.
        let _ = unsafe { munmap(self.base.cast(), ALL_BYTES) };
    }
}
