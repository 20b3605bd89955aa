//! The descendants of a process.

use std::collections::BTreeSet;
use std::fs;
use std::os::fd::OwnedFd;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::Pid;
use procfs::process::{Process as Proc, Stat, all_processes};
use procfs::ticks_per_second;
use rustix::process::{PidfdFlags, pidfd_open};

/// A process. It is identified by its PID and its start time, since the PID may be reused after the
/// process has ended. Its name and its parent may change.
#[derive(Clone, Debug)]
pub(crate) struct Process {
    pub(crate) pid: Pid,
    pub(crate) parent: Pid,
    /// Name of the process, at most 15 bytes.
    pub(crate) name: String,
    /// Start time in clock ticks since the host was started.
    started: u64,
    /// Whether the process has ended and waits to be reaped.
    has_ended: bool,
}

impl PartialEq for Process {
    fn eq(&self, other: &Self) -> bool {
        (self.pid, self.started) == (other.pid, other.started)
    }
}

impl From<Stat> for Process {
    fn from(stat: Stat) -> Self {
        Self {
            pid: Pid::from_raw(stat.pid),
            parent: Pid::from_raw(stat.ppid),
            name: stat.comm,
            started: stat.starttime,
            has_ended: matches!(stat.state, 'Z' | 'X'),
        }
    }
}

impl Process {
    /// Reads the process with this PID. Returns `None` if it does not exist.
    fn read(pid: Pid) -> Option<Self> {
        let stat = Proc::new(pid.as_raw()).and_then(|process| process.stat());
        stat.ok().map(Self::from)
    }

    /// Whether the process has not ended.
    pub(crate) fn is_alive(&self) -> bool {
        Self::read(self.pid).is_some_and(|now| now.started == self.started && !now.has_ended)
    }

    /// Whether the process has ended, and its parent knows.
    pub(crate) fn is_reaped(&self) -> bool {
        Self::read(self.pid).is_none_or(|now| now.started != self.started)
    }

    /// Opens the process. `None` if it has ended.
    pub(crate) fn open(&self) -> Option<OwnedFd> {
        let pid = rustix::process::Pid::from_raw(self.pid.as_raw())?;
        let opened = pidfd_open(pid, PidfdFlags::empty()).ok()?;
        // Otherwise it may be another process with this PID.
        self.is_alive().then_some(opened)
    }

    /// Returns how long ago the process was started, with a resolution of one clock tick (usually 10 ms).
    pub(crate) fn age(&self) -> Duration {
        let now = clock_gettime(ClockId::CLOCK_BOOTTIME).map_or(Duration::ZERO, Duration::from);
        let started = Duration::from_secs_f64(self.started as f64 / ticks_per_second() as f64);
        now.saturating_sub(started)
    }

    /// Whether the process has a handler for a signal. A process that is still starting may lose it, or be
    /// killed by it.
    pub(crate) fn handles(&self, signal: Signal) -> bool {
        let status = Proc::new(self.pid.as_raw()).and_then(|process| process.status());
        status.is_ok_and(|status| status.sigcgt & (1 << (signal as i32 - 1)) != 0)
    }

    /// Sends a signal to the process, if it is alive.
    pub(crate) fn signal(&self, signal: Signal) {
        if self.is_alive() {
            let _ended_just_now = kill(self.pid, signal);
        }
    }

    /// Whether the name or the command line contains a text.
    pub(crate) fn is_named(&self, text: &str) -> bool {
        self.name.contains(text) || self.command_line().contains(text)
    }

    /// Whether all of its threads sleep until something happens.
    pub(crate) fn is_asleep(&self) -> bool {
        let threads = Proc::new(self.pid.as_raw()).and_then(|process| process.tasks());
        let states = threads.into_iter().flatten().flatten();
        let mut states = states.filter_map(|thread| thread.stat().ok());
        states.all(|thread| thread.state == 'S')
    }

    /// Returns the arguments, separated by blanks. A program may change them.
    fn command_line(&self) -> String {
        let arguments = Proc::new(self.pid.as_raw()).and_then(|process| process.cmdline());
        arguments.unwrap_or_default().join(" ")
    }
}

/// Lists the children of a process, their children and so on, in the order of their PIDs. Processes
/// that have ended are left out.
pub(crate) fn descendants(ancestor: Pid) -> Vec<Process> {
    // Most kernels list children (`CONFIG_PROC_CHILDREN`), so that only the tree is read.
    let mut found = match fs::exists("/proc/thread-self/children") {
        Ok(true) => from_lists_of_children(ancestor),
        _ => from_all_processes(ancestor),
    };
    found.retain(|process| !process.has_ended);
    found.sort_by_key(|process| process.pid);
    found.dedup();
    found
}

/// Reads the children of each thread (proc_tid_children(5)). While processes start and end, the
/// lists may miss one, or contain a PID that another process has by now.
fn from_lists_of_children(ancestor: Pid) -> Vec<Process> {
    let mut family = BTreeSet::from([ancestor]);
    let mut found: Vec<Process> = Vec::new();
    let mut parents = vec![ancestor];
    while let Some(parent) = parents.pop() {
        let new = children_of(parent).filter(|child| family.insert(*child));
        let children: Vec<Process> = new.filter_map(Process::read).collect();
        parents.extend(children.iter().map(|child| child.pid));
        found.extend(children);
    }
    found.retain(|process| family.contains(&process.parent));
    found
}

fn children_of(pid: Pid) -> impl Iterator<Item = Pid> {
    let threads = Proc::new(pid.as_raw()).and_then(|process| process.tasks());
    let threads = threads.into_iter().flatten().flatten();
    let children = threads.filter_map(|thread| thread.children().ok());
    children
        .flatten()
        .map(|pid| Pid::from_raw(pid.cast_signed()))
}

/// Searches all processes that this user may see.
fn from_all_processes(ancestor: Pid) -> Vec<Process> {
    let all = all_processes().into_iter().flatten().flatten();
    let all = all.filter_map(|process| process.stat().ok());
    let mut others: Vec<Process> = all.map(Process::from).collect();
    let mut found = Vec::new();
    let mut generation = vec![ancestor];
    while !generation.is_empty() {
        let children = others.extract_if(.., |process| generation.contains(&process.parent));
        let children: Vec<Process> = children.collect();
        generation = children.iter().map(|process| process.pid).collect();
        found.extend(children);
    }
    found
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use procfs::FromRead;

    use super::*;

    #[test]
    fn any_name_of_a_process_is_read() {
        let numbers = "1 2 3 0 -1 4194560 11 0 0 0 37 4 0 0 20 0 1 0 4711 9 9";
        let others = "0 ".repeat(27);
        for name in ["sh", "a b", ") (R 1 2 3", "((", ""] {
            let stat = format!("7 ({name}) S {numbers} {others}\n");
            let stat = Stat::from_read(stat.as_bytes()).expect(name);
            let process = Process::from(stat);
            assert_eq!(process.name, name);
            assert_eq!((process.parent.as_raw(), process.started), (1, 4711));
        }
    }

    #[test]
    fn another_process_with_the_same_pid_is_not_mistaken_for_the_first() {
        let this = Process::read(Pid::this()).expect("this process");
        assert!(this.is_alive());
        let earlier = Process {
            started: this.started - 1,
            ..this
        };
        assert!(!earlier.is_alive());
    }

    #[test]
    fn children_of_children_are_descendants_until_they_end() {
        let mut shell = Command::new("sh");
        let mut shell = shell.args(["-c", "sleep 60 & wait"]).spawn().expect("sh");
        let pid = Pid::from_raw(shell.id().cast_signed());
        for tree in [descendants, from_all_processes] {
            let sleeper = |process: &Process| process.parent == pid && process.is_named("sleep 60");
            while !tree(Pid::this()).iter().any(sleeper) {}
        }
        let tree = descendants(Pid::this());
        let sleeper = tree.iter().find(|process| process.parent == pid);
        let sleeper = sleeper.expect("the sleeper of the loop above");
        sleeper.signal(Signal::SIGKILL);
        shell.wait().expect("a child of this process");
        assert!(!sleeper.is_alive());
        let left = descendants(Pid::this());
        assert!(left.iter().all(|process| process.pid != pid));
    }
}
