//! A strategy that is served while a test looks at something else.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout};

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::program::{signal, start};

/// A served strategy; its end is the server's.
pub(crate) struct Served {
    process: Option<Child>,
    /// Where it is served, with a `/` at the end.
    pub(crate) url: String,
    /// What it has yet to say: a closed pipe would be a broken one.
    _rest: BufReader<ChildStdout>,
}

/// Serves a strategy with two workers.
pub(crate) fn serve(strategy: &str) -> Served {
    let (process, out, first) = begin(strategy, "text");
    let mut words = first.split_whitespace();
    let url = words.find(|word| word.starts_with("http://"));
    let url = url.expect("the address stands in the first line");
    Served::new(process, out, url)
}

/// The same, with what is told to programs of it.
pub(crate) fn serve_for_programs(strategy: &str) -> (Served, Value) {
    let (process, out, first) = begin(strategy, "json");
    let told: Value = serde_json::from_str(&first).expect("JSON in one line");
    let url = told["url"].as_str().expect("a string");
    (Served::new(process, out, url), told)
}

/// The server, and the first line that it says.
fn begin(strategy: &str, format: &str) -> (Child, BufReader<ChildStdout>, String) {
    let command = format!("serve -s {strategy} -w 2 --format {format}");
    let mut process = start(&command, Path::new("/"));
    let mut out = BufReader::new(process.stdout.take().expect("piped"));
    let mut first = String::new();
    out.read_line(&mut first).expect("UTF-8");
    (process, out, first)
}

impl Served {
    fn new(process: Child, rest: BufReader<ChildStdout>, url: &str) -> Self {
        Self {
            process: Some(process),
            url: url.to_owned(),
            _rest: rest,
        }
    }

    /// The number of the process.
    pub(crate) fn pid(&self) -> u32 {
        self.process.as_ref().expect("it is there until now").id()
    }

    /// The process, whose end is then the caller's to see to.
    pub(crate) fn into_process(mut self) -> Child {
        self.process.take().expect("it is there until now")
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            signal(&process, Signal::SIGTERM);
            let _ = process.wait();
        }
    }
}
