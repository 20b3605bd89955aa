//! The flags with which a listening socket is registered with epoll(7).
//!
//! tokio registers a socket edge-triggered, so that every connection wakes each epoll instance that
//! watches the socket. Other programs use other flags. This module replaces the registration in the
//! runtime's epoll instance by one with other flags and the same token, so that the runtime does not
//! notice. The token is in `/proc/self/fdinfo` (proc_pid_fdinfo(5)).

use std::io;
use std::os::fd::{AsRawFd, RawFd};

use rustix::event::epoll::EventFlags;
use tokio::net::TcpListener;

use crate::sys::epoll;

/// Watches a listener like a simple epoll loop: while a connection is queued, all waiting workers
/// wake.
pub(super) fn level_triggered(listener: std::net::TcpListener) -> io::Result<TcpListener> {
    watch(listener, EventFlags::IN)
}

/// Watches a listener like nginx and unicorn: a connection wakes one of the waiting workers.
pub(super) fn exclusive(listener: std::net::TcpListener) -> io::Result<TcpListener> {
    watch(listener, EventFlags::IN | EventFlags::EXCLUSIVE)
}

fn watch(listener: std::net::TcpListener, flags: EventFlags) -> io::Result<TcpListener> {
    let listener = TcpListener::from_std(listener)?;
    let (instance, token) = registration(listener.as_raw_fd())?;
    epoll::replace_registration(instance, &listener, token, flags)?;
    Ok(listener)
}

/// Returns the epoll instance of this process that watches a descriptor, and its token.
fn registration(descriptor: RawFd) -> io::Result<(RawFd, u64)> {
    for entry in std::fs::read_dir("/proc/self/fdinfo")? {
        let entry = entry?;
        let instance = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        // The descriptor of the folder itself is closed again by now.
        let Ok(info) = std::fs::read_to_string(entry.path()) else {
            continue;
        };
        if let Some(found) = instance.zip(token_of(&info, descriptor)) {
            return Ok(found);
        }
    }
    Err(io::Error::other(
        "/proc/self/fdinfo has no epoll registration of the listening socket",
    ))
}

/// Returns the token of a descriptor in the fdinfo of an epoll instance. Each descriptor has a line
/// such as `tfd:        9 events: 80002019 data:     7f61c4001040  pos:0 ino:3d sdev:9`.
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
    fn the_token_is_in_the_line_of_the_descriptor() {
        assert_eq!(token_of(INFO, 9), Some(0x7f61_c400_1040));
        assert_eq!(token_of(INFO, 5), Some(0));
        assert_eq!(token_of(INFO, 7), None);
        assert_eq!(token_of("pos:\t0\nflags:\t0100000\n", 9), None);
    }

    #[test]
    fn an_unregistered_descriptor_has_no_epoll_instance() {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        assert!(registration(socket.as_raw_fd()).is_err());
    }
}
