//! Whose CPU time counts for a process of a fleet.

use std::iter::once;
use std::time::Duration;

use nix::unistd::Pid;

use crate::subreaper::descendants;
use crate::usage::{CpuTime, cpu_time};

/// Whose CPU time counts for a process of a fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    /// Its own.
    Process,
    /// That of the program of the user that it keeps: of all its descendants, also of those that have ended.
    Program,
}

/// Readings in a row, of which one must find the same processes at its beginning and at its end.
const TRIES: usize = 3;

impl Counted {
    /// Returns the CPU time since the process was started. The process may have ended, but must not be reaped.
    /// `None` if it is gone, or its program starts and ends processes all the time.
    pub(super) fn cpu(self, pid: Pid) -> Option<CpuTime> {
        match self {
            Self::Process => CpuTime::of(pid),
            Self::Program => (0..TRIES).find_map(|_| of_program(pid)),
        }
    }

    /// Returns its total, as far as it is known, with fewer system calls.
    pub(super) fn total(self, pid: Pid) -> Duration {
        match self {
            Self::Process => cpu_time::total(pid).unwrap_or_default(),
            Self::Program => {
                let present = descendants(pid).into_iter().map(|it| it.pid);
                let own = |pid| cpu_time::total(pid).unwrap_or_default();
                let of_ended = |pid| CpuTime::of_ended_children(pid).map(|cpu| cpu.total);
                let of_keeper = of_ended(pid).unwrap_or_default();
                of_keeper
                    + present
                        .map(|it| own(it) + of_ended(it).unwrap_or_default())
                        .sum::<Duration>()
            }
        }
    }
}

/// A process that ends between two readings would count twice or not at all, so there is none then.
fn of_program(keeper: Pid) -> Option<CpuTime> {
    let present = descendants(keeper);
    let own = present.iter().map(|it| CpuTime::of(it.pid));
    let parents = once(keeper).chain(present.iter().map(|it| it.pid));
    let all: Option<CpuTime> = own.chain(parents.map(CpuTime::of_ended_children)).sum();
    all.filter(|_| descendants(keeper) == present)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn what_an_ended_process_of_a_program_has_used_counts_for_the_program() {
        // A shell whose child counts, and which then waits for the end of its input.
        let count = "i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done";
        let mut keeper = Command::new("sh")
            .args([
                "-c",
                &format!("sh -c '{count}; :'; echo done; read line; :"),
            ])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let pid = Pid::from_raw(keeper.id().cast_signed());
        let mut said = String::new();
        let output = keeper.stdout.take().expect("a pipe");
        BufReader::new(output).read_line(&mut said).expect("a line");
        let cpu = Counted::Program.cpu(pid).expect("nothing starts or ends");
        assert!(!cpu.total.is_zero(), "{cpu:?}");
        assert_eq!(Counted::Program.total(pid), cpu.total);
        drop(keeper.stdin.take());
        keeper.wait().expect("it ends");
        assert_eq!(Counted::Program.cpu(pid), None);
    }
}
