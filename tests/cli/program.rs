//! Helpers that run the program and read its output.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

pub(crate) const EVENKEEL: &str = env!("CARGO_BIN_EXE_evenkeel");

/// The smallest complete study: two strategies, two blocks.
pub(crate) const SMALL: &str =
    "run -q -s single -s reuseport -S bare-keep-alive -d 200ms --warmup 50ms -b 2 -w 2 -c 4";

/// A study that is longer than every test.
pub(crate) const LONG: &str = "run -s handoff -S keep-alive -d 300ms -b 50 -w 2 -o OUT";

/// Output and exit code of a process.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Finished {
    /// Asserts that load was measured. On a busy machine it may be invalid, which exit code 3 and a
    /// message report.
    pub(crate) fn assert_measured(&self) {
        match self.code {
            Some(0) => assert!(!self.err.contains("not valid"), "{self:?}"),
            Some(3) => assert!(self.err.contains("not valid"), "{self:?}"),
            _ => panic!("{self:?}"),
        }
    }
}

impl From<Output> for Finished {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

/// Runs the program in a folder and waits for its end. The line is split at spaces.
pub(crate) fn evenkeel(line: &str, folder: &Path) -> Finished {
    end_of(start(line, folder))
}

/// Starts the program in a folder.
pub(crate) fn start(line: &str, folder: &Path) -> Child {
    let mut command = Command::new(EVENKEEL);
    command.args(line.split_whitespace());
    spawn(command, folder)
}

/// Runs a shell command in which `$0` is the program.
pub(crate) fn shell(line: &str, folder: &Path) -> Finished {
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

/// Waits for the end of a child and collects its output.
pub(crate) fn end_of(child: Child) -> Finished {
    let output = child.wait_with_output();
    output.expect("a child of this process").into()
}

/// Reads a record: its header and its trials, of one that was made again the last attempt.
pub(crate) fn record(folder: &Path) -> (Value, Vec<Value>) {
    let (header, attempts) = attempts(folder);
    let id = |trial: &Value| ["strategy", "scenario", "block"].map(|key| trial[key].clone());
    let mut trials: Vec<Value> = Vec::new();
    for attempt in attempts {
        trials.retain(|trial| id(trial) != id(&attempt));
        trials.push(attempt);
    }
    (header, trials)
}

/// Reads a record: its header and every attempt of its trials.
pub(crate) fn attempts(folder: &Path) -> (Value, Vec<Value>) {
    let text = std::fs::read_to_string(folder.join("results.jsonl")).expect("a record");
    let mut lines = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let header = lines.next().expect("a header");
    (
        header,
        lines.filter(|line| line["type"] == "trial").collect(),
    )
}

/// Number of trials in a record so far; 0 if there is no record yet.
pub(crate) fn trials_so_far(folder: &Path) -> usize {
    let text = std::fs::read_to_string(folder.join("results.jsonl")).unwrap_or_default();
    text.matches('\n').count().saturating_sub(1)
}
