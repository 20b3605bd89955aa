//! Asking another program a question that it answers at once, if it is the right one.

use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Generous: an answer takes milliseconds, but a busy machine may stall for seconds.
const WITHIN: Duration = Duration::from_secs(10);

/// More than any right answer has, and less than would fill the memory.
const MOST_BYTES: u64 = 1 << 20;

/// What a program prints when it is run with these arguments.
///
/// # Errors
/// One sentence, if it cannot be run, does not end in time, or ends with an error.
pub(super) fn ask(program: &Path, arguments: &[&str]) -> Result<String, String> {
    let asked = arguments.join(" ");
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("it cannot be run ({error})"))?;
    let output = child.stdout.take();
    let (tell, told) = mpsc::channel();
    // A thread of its own, as a read has no deadline.
    std::thread::spawn(move || tell.send(output.map_or(Ok(String::new()), whole)));
    let said = told.recv_timeout(WITHIN);
    if said.is_err() {
        let _ended_just_now = child.kill();
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    match said {
        Err(_) => Err(format!(
            "asked for `{asked}` it did not answer within {WITHIN:?}"
        )),
        Ok(_) if !status.success() => Err(format!("asked for `{asked}` it ended with {status}")),
        Ok(said) => said.map_err(|error| format!("asked for `{asked}` it answered with {error}")),
    }
}

fn whole(output: impl Read) -> io::Result<String> {
    let mut said = String::new();
    output.take(MOST_BYTES).read_to_string(&mut said)?;
    Ok(said)
}
