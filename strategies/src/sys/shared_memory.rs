//! Counters in a memory file that all processes of a fleet map.
#![allow(unsafe_code, reason = "mmap, and references into the mapping")]

use std::ffi::c_void;
use std::io;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::os::fd::{AsFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::AtomicU64;

use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use nix::sys::stat::SFlag;

/// Counters of one writer. 128 bytes are two cache lines, since the prefetcher of current x86 processors
/// fetches them in pairs. So writers do not disturb each other.
#[derive(Debug)]
#[repr(C, align(128))]
pub(crate) struct CounterLine(pub(crate) [AtomicU64; 16]);

const LINE: NonZeroUsize = NonZeroUsize::new(size_of::<CounterLine>()).expect("128 bytes");

/// Lines of counters in shared memory, initially zero.
#[derive(Debug)]
pub(crate) struct SharedCounters {
    start: NonNull<c_void>,
    lines: NonZeroUsize,
}

// SAFETY: the mapping is not bound to a thread, and contains only atomics.
unsafe impl Send for SharedCounters {}
// SAFETY: as above. A shared reference only gives access to `&[CounterLine]`.
unsafe impl Sync for SharedCounters {}

impl SharedCounters {
    /// Creates a memory file for `lines` lines. Other processes map it with the descriptor.
    pub(crate) fn create(name: &str, lines: NonZeroUsize) -> io::Result<(Self, OwnedFd)> {
        let file = memfd_create(name, MFdFlags::MFD_CLOEXEC)?;
        let bytes = lines.saturating_mul(LINE).get();
        nix::unistd::ftruncate(&file, i64::try_from(bytes).map_err(io::Error::other)?)?;
        Ok((Self::map(&file, lines)?, file))
    }

    /// Maps a memory file or a BPF map with at least `lines` lines.
    pub(crate) fn map(file: &OwnedFd, lines: NonZeroUsize) -> io::Result<Self> {
        let bytes = lines.saturating_mul(LINE);
        let stat = nix::sys::stat::fstat(file)?;
        // A BPF map has no size in its status, but the kernel refuses to map more than it contains.
        let is_file =
            SFlag::from_bits_truncate(stat.st_mode & SFlag::S_IFMT.bits()) == SFlag::S_IFREG;
        let size = usize::try_from(stat.st_size);
        if is_file && size.is_ok_and(|size| size < bytes.get()) {
            return Err(io::Error::other(
                "the shared memory is smaller than announced",
            ));
        }
        let access = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        // SAFETY: no address is requested, so no existing mapping is replaced.
        let start = unsafe { mmap(None, bytes, access, MapFlags::MAP_SHARED, file.as_fd(), 0) }?;
        Ok(Self { start, lines })
    }
}

impl Deref for SharedCounters {
    type Target = [CounterLine];

    fn deref(&self) -> &[CounterLine] {
        // SAFETY: the mapping is page-aligned and lives as long as `self`. It contains this number of
        // lines: `map` or the kernel has checked that, and no code shrinks the file. Any bytes are
        // valid atomics.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr().cast(), self.lines.get()) }
    }
}

impl Drop for SharedCounters {
    fn drop(&mut self) {
        // SAFETY: `map` has created this mapping, and no reference outlives `self`.
        let unmapped = unsafe { munmap(self.start, self.lines.get() * LINE.get()) };
        debug_assert_eq!(unmapped, Ok(()));
    }
}
