//! Processes that others have started, and whose they are (proc_pid_stat(5)).

use std::collections::BTreeSet;
use std::fs;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A process. Its number may be given to another once it has ended, so it is told by its number
/// and by when it was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: Pid,
    pub(crate) parent: Pid,
    /// What it calls itself, at most 15 bytes.
    pub(crate) name: String,
    /// Clock ticks since the host was started.
    started: u64,
    /// It waits to be reaped, if it has ended.
    has_ended: bool,
}

impl Process {
    /// The process of that number; `None` if there is none.
    fn read(pid: Pid) -> Option<Self> {
        Self::parse(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// The second field is the name in parentheses, which may hold blanks and parentheses itself.
    fn parse(pid: Pid, stat: &str) -> Option<Self> {
        let (_, from_name) = stat.split_once(" (")?;
        let (name, from_third) = from_name.rsplit_once(") ")?;
        let fields: Vec<&str> = from_third.split_whitespace().collect();
        let field = |number: usize| fields.get(number - 3).copied();
        Some(Self {
            pid,
            parent: Pid::from_raw(field(4)?.parse().ok()?),
            name: name.to_owned(),
            started: field(22)?.parse().ok()?,
            has_ended: matches!(field(3)?, "Z" | "X"),
        })
    }

    /// Whether it has not ended.
    pub(crate) fn is_there(&self) -> bool {
        Self::read(self.pid).is_some_and(|now| now.started == self.started && !now.has_ended)
    }

    /// Sends it a signal, if it is there.
    pub(crate) fn signal(&self, signal: Signal) {
        if self.is_there() {
            let _ended_just_now = kill(self.pid, signal);
        }
    }

    /// Whether its name or its command line contains a text.
    pub(crate) fn is_named(&self, text: &str) -> bool {
        self.name.contains(text) || self.command_line().contains(text)
    }

    /// Its arguments, with blanks between; a program may write there what it likes.
    fn command_line(&self) -> String {
        let arguments = fs::read(format!("/proc/{}/cmdline", self.pid)).unwrap_or_default();
        String::from_utf8_lossy(&arguments).replace('\0', " ")
    }
}

/// The processes that a process has started and all that these have, in the order of their
/// numbers, without those that have ended.
pub(crate) fn descendants(ancestor: Pid) -> Vec<Process> {
    // `CONFIG_PROC_CHILDREN`, which most kernels have: what is read is then but the tree.
    let mut found = match fs::exists("/proc/thread-self/children") {
        Ok(true) => by_their_parents_lists(ancestor),
        _ => among_all(ancestor),
    };
    found.retain(|process| !process.has_ended);
    found.sort_by_key(|process| process.pid);
    found.dedup();
    found
}

/// What the kernel lists for each thread of a process (proc_tid_children(5)). While processes
/// come and go one may be missed, or one be listed that is another's by now.
fn by_their_parents_lists(ancestor: Pid) -> Vec<Process> {
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
    let threads = fs::read_dir(format!("/proc/{pid}/task"));
    let threads = threads.into_iter().flatten().flatten();
    let lists =
        threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    let numbers = lists.flat_map(|list| numbers(&list));
    numbers.map(Pid::from_raw)
}

fn numbers(list: &str) -> Vec<i32> {
    let words = list.split_whitespace();
    words.filter_map(|word| word.parse().ok()).collect()
}

/// Those of all processes that this user may see.
fn among_all(ancestor: Pid) -> Vec<Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten();
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let all = pids.filter_map(|pid| Process::read(Pid::from_raw(pid)));
    let mut others: Vec<Process> = all.collect();
    let mut found = Vec::new();
    let mut generation = vec![ancestor];
    while !generation.is_empty() {
        let born = others.extract_if(.., |process| generation.contains(&process.parent));
        let born: Vec<Process> = born.collect();
        generation = born.iter().map(|process| process.pid).collect();
        found.extend(born);
    }
    found
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_process_is_read_whatever_name_it_has() {
        let numbers = "1 2 3 0 -1 4194560 11 0 0 0 37 4 0 0 20 0 1 0 4711 9 9";
        for name in ["sh", "a b", ") (R 1 2 3", "((", ""] {
            let stat = format!("7 ({name}) S {numbers}\n");
            let process = Process::parse(Pid::from_raw(7), &stat).expect(name);
            assert_eq!(process.name, name);
            assert_eq!((process.parent.as_raw(), process.started), (1, 4711));
        }
        for stat in ["", "7", "7 (sh)", "7 (sh) S 1 2"] {
            assert_eq!(Process::parse(Pid::from_raw(7), stat), None, "{stat}");
        }
    }

    #[test]
    fn another_process_of_the_same_number_is_not_taken_for_the_first() {
        let this = Process::read(Pid::this()).expect("this process is there");
        assert!(this.is_there());
        let earlier = Process {
            started: this.started - 1,
            ..this
        };
        assert!(!earlier.is_there());
    }

    #[test]
    fn children_of_children_are_descendants_until_they_end() {
        let mut shell = Command::new("sh");
        let mut shell = shell.args(["-c", "sleep 60 & wait"]).spawn().expect("sh");
        let pid = Pid::from_raw(shell.id().cast_signed());
        for tree in [descendants, among_all] {
            let sleeper = |process: &Process| process.parent == pid && process.is_named("sleep 60");
            while !tree(Pid::this()).iter().any(sleeper) {}
        }
        let tree = descendants(Pid::this());
        let sleeper = tree.iter().find(|process| process.parent == pid);
        let sleeper = sleeper.expect("it was there");
        sleeper.signal(Signal::SIGKILL);
        shell.wait().expect("it is a child");
        assert!(!sleeper.is_there());
        let left = descendants(Pid::this());
        assert!(left.iter().all(|process| process.pid != pid));
    }
}
