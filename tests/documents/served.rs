//! Strategies that are served for a while.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use nix::sys::signal::Signal;

use crate::program::{EVENKEEL, Finished, end_of, signal};

/// A server to load, until it is dropped.
pub(crate) struct Server {
    process: Option<Child>,
    /// Its address, with a `/` at the end.
    pub(crate) url: String,
}

impl Server {
    pub(crate) fn start() -> Self {
        let (process, first) = start("\"$0\" serve -s handoff:idle -w 2", Path::new("/"));
        let url = first.split(' ').find(|word| word.starts_with("http://"));
        let url = url.expect("the first line has the address").to_owned();
        let process = Some(process);
        Self { process, url }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(process) = self.process.take() {
            end(process);
        }
    }
}

/// Serves until the first line is printed, which contains the address.
///
/// # Errors
/// What the program printed instead.
pub(crate) fn begins_to_serve(line: &str, folder: &Path) -> Result<(), Finished> {
    let (process, first) = start(line, folder);
    match first.is_empty() {
        true => Err(end_of(process)),
        false => {
            end(process);
            Ok(())
        }
    }
}

/// The server, and the first line that it prints.
fn start(line: &str, folder: &Path) -> (Child, String) {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("exec {line}"), EVENKEEL]);
    command.current_dir(folder).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().expect("sh");
    let mut out = BufReader::new(process.stdout.take().expect("piped"));
    let mut first = String::new();
    out.read_line(&mut first).expect("UTF-8");
    // What else it prints is read to its end elsewhere, or it could not print it.
    std::thread::spawn(move || out.lines().count());
    (process, first)
}

fn end(process: Child) {
    signal(&process, Signal::SIGTERM);
    let finished = end_of(process);
    assert_eq!(finished.code, Some(0), "{finished:?}");
}
