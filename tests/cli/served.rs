//! A strategy that is served while a test looks at something else.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout};

use nix::sys::signal::Signal;

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
    let mut process = start(&format!("serve -s {strategy} -w 2"), Path::new("/"));
    let mut out = BufReader::new(process.stdout.take().expect("piped"));
    let mut first = String::new();
    out.read_line(&mut first).expect("UTF-8");
    let mut words = first.split_whitespace();
    let url = words.find(|word| word.starts_with("http://"));
    Served {
        url: url
            .expect("the address stands in the first line")
            .to_owned(),
        process: Some(process),
        _rest: out,
    }
}

impl Served {
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
