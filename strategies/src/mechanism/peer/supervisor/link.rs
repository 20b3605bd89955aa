//! The messages between a supervisor and the process that launched it: lines of JSON over a pair of
//! sockets.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Message {
    /// It waits for instructions and has created this folder, which is empty.
    Ready(PathBuf),
    /// All commands were started, and those that should end have ended.
    AllRun,
    /// It ends all processes, for this reason.
    GivesUp(String),
    /// The command that it got last has ended: with success, or as the text says.
    HasEnded(Result<(), String>),
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Instructions {
    pub(crate) commands: Vec<Command>,
    /// Number of the signal that asks its children to end gracefully.
    pub(crate) stop_signal: i32,
    /// How long they may take to end.
    pub(crate) drain_within: Duration,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Command {
    pub(crate) arguments: Vec<String>,
    /// Environment variables in addition to those that every command gets.
    pub(crate) env: BTreeMap<String, String>,
    /// Whether the next command waits until this one has ended with success.
    pub(crate) ends: bool,
}

impl std::fmt::Display for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let env = self
            .env
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let words: Vec<String> = env.chain(self.arguments.iter().cloned()).collect();
        write!(f, "{}", words.join(" "))
    }
}

#[derive(Debug)]
pub(crate) struct Link(BufReader<UnixStream>);

impl Link {
    /// Creates a pair: this end, and one for a child to inherit.
    pub(crate) fn pair() -> io::Result<(Self, OwnedFd)> {
        let (ours, theirs) = UnixStream::pair()?;
        Ok((Self(BufReader::new(ours)), theirs.into()))
    }

    pub(crate) fn from_inherited(inherited: OwnedFd) -> Self {
        Self(BufReader::new(inherited.into()))
    }

    pub(crate) fn send(&self, message: &impl Serialize) -> io::Result<()> {
        let line = serde_json::to_string(message)?;
        let mut stream = self.0.get_ref();
        stream.write_all(format!("{line}\n").as_bytes())
    }

    /// Waits for the next message. Returns `None` if the other end is closed.
    pub(crate) fn receive<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
        let mut line = String::new();
        match self.0.read_line(&mut line)? {
            0 => Ok(None),
            _ => Ok(Some(serde_json::from_str(&line)?)),
        }
    }

    /// Waits until [`receive`](Self::receive) does not block, or the deadline passes. Returns whether
    /// it does not block.
    pub(crate) fn wait_until(&self, deadline: Instant) -> bool {
        // Messages that arrived together were read together.
        if !self.0.buffer().is_empty() {
            return true;
        }
        let mut end = [PollFd::new(self.as_fd(), PollFlags::POLLIN)];
        let left = deadline.saturating_duration_since(Instant::now());
        let left = PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX);
        poll(&mut end, left).is_ok_and(|ready| ready > 0)
    }

    /// Closes both ends. Messages sent before can still be received.
    pub(crate) fn close(&self) {
        // It fails only if the socket is closed already.
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
    fn messages_that_arrive_together_are_received_one_by_one_and_then_the_end() {
        let (mut ours, theirs) = Link::pair().expect("sockets");
        let theirs = Link::from_inherited(theirs);
        assert!(!ours.wait_until(Instant::now()));
        for message in [Message::AllRun, Message::GivesUp("failed".to_owned())] {
            theirs.send(&message).expect("room for it");
        }
        let mut receive = || {
            assert!(ours.wait_until(Instant::now()));
            ours.receive::<Message>().expect("a message")
        };
        assert!(matches!(receive(), Some(Message::AllRun)));
        assert!(matches!(receive(), Some(Message::GivesUp(reason)) if reason == "failed"));
        drop(theirs);
        assert!(receive().is_none());
    }
}
