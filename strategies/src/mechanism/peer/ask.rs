//! Running a program that prints an answer and ends.

use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::launch::child::describe;
use crate::sys::pre_exec::die_with_this_thread;

/// What a program has printed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

/// Limit per stream in bytes: more than any valid answer has, and little memory.
const MAX_BYTES: u64 = 1 << 20;

/// Runs a program and returns what it prints. A program that does not end in time is killed,
/// together with its process group.
///
/// # Errors
/// What went wrong, as a part of a sentence about the program: it cannot be run, does not end in
/// time, fails, or prints something that is not UTF-8.
pub fn ask(mut command: Command, within: Duration) -> Result<Answer, String> {
    let deadline = Instant::now() + within;
    // This thread waits for the program, so both end if this process is killed.
    die_with_this_thread(&mut command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| format!("cannot be run ({error})"))?;
    let (out, err) = (read(child.stdout.take()), read(child.stderr.take()));
    let left = || deadline.saturating_duration_since(Instant::now());
    let output = out
        .recv_timeout(left())
        .and_then(|out| Ok((out, err.recv_timeout(left())?)));
    let Ok((out, err)) = output else {
        kill(&mut child);
        return Err(format!("did not answer within {within:?}"));
    };
    let status = child.wait().map_err(|error| error.to_string())?;
    let unreadable = |error| format!("answered with {error}");
    let answer = Answer {
        out: out.map_err(unreadable)?,
        err: err.map_err(unreadable)?,
    };
    match status.success() {
        true => Ok(answer),
        false => Err(describe(status) + &last_line(&answer)),
    }
}

/// Reads a stream to its end, in a thread of its own, since a read has no deadline.
fn read(stream: Option<impl Read + Send + 'static>) -> Receiver<io::Result<String>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = String::new();
        let read = stream.map_or(Ok(0), |stream| {
            stream.take(MAX_BYTES).read_to_string(&mut text)
        });
        // After the deadline the receiver is gone.
        let _sent = sender.send(read.map(|_| text));
    });
    receiver
}

fn kill(child: &mut Child) {
    let _ended_just_now = killpg(Pid::from_raw(child.id().cast_signed()), Signal::SIGKILL);
    let _reaped = child.wait();
}

/// Returns the last line that was printed, which usually explains an error.
fn last_line(answer: &Answer) -> String {
    let lines = answer.out.lines().chain(answer.err.lines());
    let last = lines.map(str::trim).rfind(|line| !line.is_empty());
    last.map_or_else(String::new, |line| format!(": {line}"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    fn run(script: &str) -> Result<Answer, String> {
        ask(shell(script), Duration::from_secs(60))
    }

    #[test]
    fn both_streams_are_read() {
        let answer = run("echo one; echo two >&2").expect("an answer");
        assert_eq!(
            (answer.out.as_str(), answer.err.as_str()),
            ("one\n", "two\n")
        );
    }

    #[test]
    fn an_error_contains_the_last_line() {
        let problem = run("echo first; echo last >&2; exit 7").expect_err("it failed");
        assert_eq!(problem, "ended with exit code 7: last");
        let problem = run("printf '\\377'").expect_err("not UTF-8");
        assert!(problem.starts_with("answered with "), "{problem}");
        let absent = ask(Command::new("/nowhere/program"), Duration::from_secs(1));
        let problem = absent.expect_err("it does not exist");
        assert!(problem.starts_with("cannot be run ("), "{problem}");
    }

    #[test]
    fn a_program_that_hangs_is_killed_with_its_children() {
        let folder = tempfile::tempdir().expect("a folder");
        let pids = folder.path().join("pids");
        let script = format!(
            "sleep 600 & echo $! > {0}.new; mv {0}.new {0}; wait",
            pids.display()
        );
        let answer = ask(shell(&script), Duration::from_secs(2));
        assert_eq!(answer, Err("did not answer within 2s".to_owned()));
        let pid = std::fs::read_to_string(pids).expect("it started");
        let gone = || {
            let state = std::fs::read_to_string(Path::new("/proc").join(pid.trim()).join("stat"));
            state.map_or(true, |state| state.contains(") Z "))
        };
        let checks = (0..10_000).map(|_| std::thread::sleep(Duration::from_millis(1)));
        assert!(checks.into_iter().any(|()| gone()), "it is still running");
    }
}
