//! Open descriptors and memory of processes.

use std::iter::Sum;

use nix::unistd::Pid;
use procfs::process::Process;

/// Open descriptors and memory of processes at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Number of open descriptors (`/proc/PID/fd`).
    pub descriptors: u64,
    /// Resident memory in bytes (`VmRSS` of proc_pid_status(5)). A page that several processes share,
    /// such as code, counts for each of them.
    pub resident_bytes: u64,
}

/// Bytes in a kB of `/proc`.
const BYTES_PER_KB: u64 = 1024;

impl Holdings {
    /// Reads the figures of a process. Returns `None` if it is gone.
    pub(crate) fn of(pid: Pid) -> Option<Self> {
        let process = Process::new(pid.as_raw()).ok()?;
        Some(Self {
            descriptors: process.fd_count().ok()? as u64,
            resident_bytes: process.status().ok()?.vmrss? * BYTES_PER_KB,
        })
    }
}

impl Sum for Holdings {
    fn sum<I: Iterator<Item = Self>>(processes: I) -> Self {
        processes.fold(Self::default(), |sum, one| Self {
            descriptors: sum.descriptors + one.descriptors,
            resident_bytes: sum.resident_bytes + one.resident_bytes,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_process_that_opens_files_has_more_descriptors() {
        let holdings = || Holdings::of(Pid::this()).expect("this process");
        let before = holdings();
        let files: Vec<_> = (0..200).map(|_| fs::File::open("/dev/null")).collect();
        // Other tests open and close descriptors meanwhile.
        assert!(holdings().descriptors >= before.descriptors + 100);
        assert!(files.iter().all(Result::is_ok) && before.resident_bytes > 0);
    }
}
