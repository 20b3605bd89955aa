//! Asking a program a question that it answers at once, if it is the right one.

use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::launch::child::describe;
use crate::sys::parent_death::die_with_this_thread;

/// What a program has said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// On standard output.
    pub out: String,
    /// On standard error.
    pub err: String,
}

/// More than any right answer has, and less than would fill the memory.
const MOST_BYTES: u64 = 1 << 20;

/// What a program says until it ends. One that does not end within that time is killed, with all
/// that it has started in its process group.
///
/// # Errors
/// What went wrong, a part of a sentence about the program: it cannot be run, does not end in
/// time, ends with an error, or says what is no text.
pub fn ask(mut command: Command, within: Duration) -> Result<Answer, String> {
    let deadline = Instant::now() + within;
    // This thread waits for it, so the two end together if the process is killed.
    die_with_this_thread(&mut command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| format!("cannot be run ({error})"))?;
    let (out, err) = (listen(child.stdout.take()), listen(child.stderr.take()));
    let left = || deadline.saturating_duration_since(Instant::now());
    let heard = out
        .recv_timeout(left())
        .and_then(|out| Ok((out, err.recv_timeout(left())?)));
    let Ok((out, err)) = heard else {
        end(&mut child);
        return Err(format!("did not answer within {within:?}"));
    };
    let status = child.wait().map_err(|error| error.to_string())?;
    let sorry = |error| format!("answered with {error}");
    let answer = Answer {
        out: out.map_err(sorry)?,
        err: err.map_err(sorry)?,
    };
    match status.success() {
        true => Ok(answer),
        false => Err(describe(status) + &words(&answer)),
    }
}

/// Reads all that is said, on a thread of its own, as a read has no deadline.
fn listen(from: Option<impl Read + Send + 'static>) -> Receiver<io::Result<String>> {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let mut said = String::new();
        let read = from.map_or(Ok(0), |from| {
            from.take(MOST_BYTES).read_to_string(&mut said)
        });
        // Nobody listens any more once the deadline has passed.
        let _told = tell.send(read.map(|_| said));
    });
    told
}

fn end(child: &mut Child) {
    let _ended_just_now = killpg(Pid::from_raw(child.id().cast_signed()), Signal::SIGKILL);
    let _reaped = child.wait();
}

/// The last thing that was said, which is mostly why it ended.
fn words(answer: &Answer) -> String {
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

    fn said(script: &str) -> Result<Answer, String> {
        ask(shell(script), Duration::from_secs(60))
    }

    #[test]
    fn what_is_said_on_either_stream_is_heard() {
        let answer = said("echo one; echo two >&2").expect("an answer");
        assert_eq!(
            (answer.out.as_str(), answer.err.as_str()),
            ("one\n", "two\n")
        );
    }

    #[test]
    fn an_error_is_told_with_the_last_words() {
        let problem = said("echo first; echo last >&2; exit 7").expect_err("it failed");
        assert_eq!(problem, "ended with exit code 7: last");
        let problem = said("printf '\\377'").expect_err("no text");
        assert!(problem.starts_with("answered with "), "{problem}");
        let absent = ask(Command::new("/nowhere/program"), Duration::from_secs(1));
        let problem = absent.expect_err("it is not there");
        assert!(problem.starts_with("cannot be run ("), "{problem}");
    }

    #[test]
    fn one_that_hangs_is_ended_with_what_it_has_started() {
        let folder = tempfile::tempdir().expect("a folder");
        let pids = folder.path().join("pids");
        let script = format!(
            "sleep 600 & echo $! > {0}.new; mv {0}.new {0}; wait",
            pids.display()
        );
        let asked = ask(shell(&script), Duration::from_secs(2));
        assert_eq!(asked, Err("did not answer within 2s".to_owned()));
        let pid = std::fs::read_to_string(pids).expect("it began");
        let gone = || {
            let state = std::fs::read_to_string(Path::new("/proc").join(pid.trim()).join("stat"));
            state.map_or(true, |state| state.contains(") Z "))
        };
        let looks = (0..10_000).map(|_| std::thread::sleep(Duration::from_millis(1)));
        assert!(looks.into_iter().any(|()| gone()), "it is still there");
    }
}
