//! Starting the program and looking at what it says.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

pub(crate) const EVENKEEL: &str = env!("CARGO_BIN_EXE_evenkeel");

/// The smallest study that has everything: two strategies, two blocks.
pub(crate) const SMALL: &str =
    "run -q -s single -s reuseport -S bare-keep-alive -d 200ms --warmup 50ms -b 2 -w 2 -c 4";

/// A study that does not end while a test looks on.
pub(crate) const LONG: &str = "run -s handoff -S keep-alive -d 300ms -b 50 -w 2 -o OUT";

/// What a process has said and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// Asserts that load was measured. On a busy machine it may not be valid, which is told by
    /// exit code 3 and a sentence.
    pub(crate) fn assert_measured(&self) {
        match self.code {
            Some(0) => assert!(!self.err.contains("not valid"), "{self:?}"),
            Some(3) => assert!(self.err.contains("not valid"), "{self:?}"),
            _ => panic!("{self:?}"),
        }
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

/// Runs the program in a folder to its end. The line is split at spaces.
pub(crate) fn evenkeel(line: &str, folder: &Path) -> Said {
    end_of(start(line, folder))
}

/// Starts the program in a folder and lets it run.
pub(crate) fn start(line: &str, folder: &Path) -> Child {
    let mut command = Command::new(EVENKEEL);
    command.args(line.split_whitespace());
    spawn(command, folder)
}

/// Runs a line of shell in which `$0` is the program.
pub(crate) fn shell(line: &str, folder: &Path) -> Said {
    let mut command = Command::new("sh");
    command.args(["-c", line, EVENKEEL]);
    end_of(spawn(command, folder))
}

fn spawn(mut command: Command, folder: &Path) -> Child {
    command.current_dir(folder).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("the program starts")
}

/// Sends a signal to a child that has not been waited for.
pub(crate) fn signal(child: &Child, signal: Signal) {
    kill(Pid::from_raw(child.id().cast_signed()), signal).expect("the child is ours");
}

/// Waits for its end and takes in what it has said.
pub(crate) fn end_of(child: Child) -> Said {
    let output = child.wait_with_output();
    output.expect("a child of this process").into()
}

/// The lines of a record: the header and the trials.
pub(crate) fn record(folder: &Path) -> (Value, Vec<Value>) {
    let text = std::fs::read_to_string(folder.join("results.jsonl")).expect("a record");
    let mut lines = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    (lines.next().expect("a header"), lines.collect())
}

/// How many trials a record holds by now; 0 as long as there is none.
pub(crate) fn trials_so_far(folder: &Path) -> usize {
    let text = std::fs::read_to_string(folder.join("results.jsonl")).unwrap_or_default();
    text.matches('\n').count().saturating_sub(1)
}
