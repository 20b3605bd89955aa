//! A strategy that `evenkeel serve` serves during a test.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout};

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::program::{signal, start};

/// A running server, which ends when this value is dropped.
pub(crate) struct Served {
    process: Option<Child>,
    /// Its URL, with a `/` at the end.
    pub(crate) url: String,
    /// The rest of its output, kept open since writing to a closed pipe would fail.
    _rest: BufReader<ChildStdout>,
}

/// Serves a strategy with two workers.
pub(crate) fn serve(strategy: &str) -> Served {
    let (process, out, first) = begin(strategy, "text");
    let mut words = first.split_whitespace();
    let url = words.find(|word| word.starts_with("http://"));
    let url = url.expect("the first line has the address");
    Served::new(process, out, url)
}

/// Serves a strategy, and returns the description that programs get, too.
pub(crate) fn serve_for_programs(strategy: &str) -> (Served, Value) {
    let (process, out, first) = begin(strategy, "json");
    let description: Value = serde_json::from_str(&first).expect("JSON in one line");
    let url = description["url"].as_str().expect("a string");
    (Served::new(process, out, url), description)
}

/// Starts the server and reads its first line.
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

    /// PID of the server.
    pub(crate) fn pid(&self) -> u32 {
        self.process
            .as_ref()
            .expect("the process was not taken")
            .id()
    }

    /// The process, which the caller has to end.
    pub(crate) fn into_process(mut self) -> Child {
        self.process.take().expect("the process was not taken")
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
