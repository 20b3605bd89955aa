//! How a listening socket wakes those who wait for it with epoll(7).
//!
//! tokio registers a socket edge-triggered, and each of several epoll instances that watch it is
//! woken by every connection. Programs with an event loop of their own choose otherwise. The
//! registration in the runtime's epoll instance is replaced by one with other flags and the same
//! token, so that the runtime goes on as before. Its token is told by the kernel, in
//! `/proc/self/fdinfo` (proc_pid_fdinfo(5)).

use std::io;
use std::os::fd::{AsRawFd, RawFd};

use rustix::event::epoll::EventFlags;
use tokio::net::TcpListener;

use crate::sys::epoll;

/// As a plain epoll loop has it: while a connection is queued, every waiting worker wakes.
pub(super) fn level_triggered(listener: std::net::TcpListener) -> io::Result<TcpListener> {
    watch(listener, EventFlags::IN)
}

/// As nginx and unicorn have it: a connection wakes one of the waiting workers.
pub(super) fn exclusive(listener: std::net::TcpListener) -> io::Result<TcpListener> {
    watch(listener, EventFlags::IN | EventFlags::EXCLUSIVE)
}

fn watch(listener: std::net::TcpListener, flags: EventFlags) -> io::Result<TcpListener> {
    let listener = TcpListener::from_std(listener)?;
    let (instance, token) = registration(listener.as_raw_fd())?;
    epoll::register_anew(instance, &listener, token, flags)?;
    Ok(listener)
}

/// The epoll instance of this process that watches a descriptor, and under which token.
fn registration(descriptor: RawFd) -> io::Result<(RawFd, u64)> {
    for entry in std::fs::read_dir("/proc/self/fdinfo")? {
        let entry = entry?;
        let instance = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        // The descriptor by which the folder is read is closed again by now.
        let Ok(info) = std::fs::read_to_string(entry.path()) else {
            continue;
        };
        if let Some(found) = instance.zip(token_of(&info, descriptor)) {
            return Ok(found);
        }
    }
    Err(io::Error::other(
        "the runtime does not watch its listening socket with epoll, as far as \
         /proc/self/fdinfo tells",
    ))
}

/// The token of a descriptor in the fdinfo of an epoll instance, which has a line such as
/// `tfd:        9 events: 80002019 data:     7f61c4001040  pos:0 ino:3d sdev:9` for each.
fn token_of(info: &str, descriptor: RawFd) -> Option<u64> {
    info.lines().find_map(|line| {
        let (watched, rest) = line.strip_prefix("tfd:")?.split_once("events:")?;
        let is_it = watched.trim().parse() == Ok(descriptor);
        let token = rest.split_once("data:")?.1.split_whitespace().next()?;
        is_it.then(|| u64::from_str_radix(token, 16).ok()).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: &str = "pos:\t0\nflags:\t02000002\nmnt_id:\t16\nino:\t1039\n\
        tfd:        5 events: 80000019 data:                0  pos:0 ino:40f sdev:10\n\
        tfd:        9 events: 80002019 data:     7f61c4001040  pos:0 ino:3d sdev:9\n";

    #[test]
    fn the_token_is_read_from_the_line_of_the_descriptor() {
        assert_eq!(token_of(INFO, 9), Some(0x7f61_c400_1040));
        assert_eq!(token_of(INFO, 5), Some(0));
        assert_eq!(token_of(INFO, 7), None);
        assert_eq!(token_of("pos:\t0\nflags:\t0100000\n", 9), None);
    }

    #[test]
    fn no_epoll_instance_watches_a_descriptor_that_nobody_registered() {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        assert!(registration(socket.as_raw_fd()).is_err());
    }
}
