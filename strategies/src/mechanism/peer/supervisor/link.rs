//! What a supervisor and the process that launched it tell each other: a line of JSON at a time,
//! over a pair of sockets.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// What a supervisor says.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Word {
    /// It is ready for orders and keeps this folder, which is empty.
    Folder(PathBuf),
    /// All commands have been run, and those that are to end by themselves have.
    AllRun,
    /// It ends everything, because of this.
    GivesUp(String),
}

/// What a supervisor is told.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Orders {
    /// What it runs, in this order.
    pub(crate) commands: Vec<Command>,
    /// The number of the signal that asks its children to end in good order.
    pub(crate) stop_signal: i32,
    /// How long they may take.
    pub(crate) drain_within: Duration,
}

/// A command to run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Command {
    /// Program and arguments.
    pub(crate) words: Vec<String>,
    /// Environment besides what every command has.
    pub(crate) env: BTreeMap<String, String>,
    /// Whether it must have ended, with success, before the next is run.
    pub(crate) ends: bool,
}

impl std::fmt::Display for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let env = self
            .env
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let words: Vec<String> = env.chain(self.words.iter().cloned()).collect();
        write!(f, "{}", words.join(" "))
    }
}

/// One end of the pair.
#[derive(Debug)]
pub(crate) struct Link(BufReader<UnixStream>);

impl Link {
    /// This end, and that of a child to be inherited.
    pub(crate) fn pair() -> io::Result<(Self, OwnedFd)> {
        let (ours, theirs) = UnixStream::pair()?;
        Ok((Self(BufReader::new(ours)), theirs.into()))
    }

    /// The end that was inherited.
    pub(crate) fn over(inherited: OwnedFd) -> Self {
        Self(BufReader::new(inherited.into()))
    }

    pub(crate) fn say(&self, word: &impl Serialize) -> io::Result<()> {
        let line = serde_json::to_string(word)?;
        let mut stream = self.0.get_ref();
        stream.write_all(format!("{line}\n").as_bytes())
    }

    /// Waits for the next word; `None` if the other end is closed.
    pub(crate) fn hear<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
        let mut line = String::new();
        match self.0.read_line(&mut line)? {
            0 => Ok(None),
            _ => Ok(Some(serde_json::from_str(&line)?)),
        }
    }

    /// Whether there is something to hear before then, be it only that the other end is closed.
    pub(crate) fn has_news(&self, deadline: Instant) -> bool {
        // Words that came together were read together.
        if !self.0.buffer().is_empty() {
            return true;
        }
        let mut end = [PollFd::new(self.as_fd(), PollFlags::POLLIN)];
        let left = deadline.saturating_duration_since(Instant::now());
        let left = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        poll(&mut end, left).is_ok_and(|ready| ready > 0)
    }

    /// Closes both ends; what was said before is still heard.
    pub(crate) fn close(&self) {
        // Fails only for what is closed already.
        let _closed = self.0.get_ref().shutdown(std::net::Shutdown::Both);
    }
}

impl AsFd for Link {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.get_ref().as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_come_together_are_heard_one_after_the_other_and_then_the_end() {
        let (mut ours, theirs) = Link::pair().expect("sockets");
        let theirs = Link::over(theirs);
        assert!(!ours.has_news(Instant::now()));
        for word in [Word::AllRun, Word::GivesUp("tired".to_owned())] {
            theirs.say(&word).expect("room for it");
        }
        let mut heard = || {
            assert!(ours.has_news(Instant::now()));
            ours.hear::<Word>().expect("what was said")
        };
        assert!(matches!(heard(), Some(Word::AllRun)));
        assert!(matches!(heard(), Some(Word::GivesUp(reason)) if reason == "tired"));
        drop(theirs);
        assert!(heard().is_none());
    }
}
