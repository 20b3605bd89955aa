//! What processes hold at a moment.

use std::fs;
use std::iter::Sum;

use nix::unistd::Pid;

use super::field;

/// What processes hold at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Open descriptors (`/proc/PID/fd`).
    pub descriptors: u64,
    /// Memory that is in use (`VmRSS` of proc_pid_status(5)), bytes. A page that processes share,
    /// as they do the code of their executable, counts in each of them.
    pub resident_bytes: u64,
}

/// Bytes in what `/proc` calls a kB.
const BYTES_PER_KB: u64 = 1024;

impl Holdings {
    /// Of a process; `None` once it is gone.
    pub(crate) fn of(pid: Pid) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let resident_kb: u64 = field(&status, "VmRSS")?;
        let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count();
        Some(Self {
            descriptors: descriptors as u64,
            resident_bytes: resident_kb * BYTES_PER_KB,
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
    use super::*;

    #[test]
    fn a_process_holds_more_once_it_has_opened_more() {
        let holdings = || Holdings::of(Pid::this()).expect("this process is there");
        let before = holdings();
        let files: Vec<_> = (0..200).map(|_| fs::File::open("/dev/null")).collect();
        // Other tests open and close some meanwhile.
        assert!(holdings().descriptors >= before.descriptors + 100);
        assert!(files.iter().all(Result::is_ok) && before.resident_bytes > 0);
    }
}
