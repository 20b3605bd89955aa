//! One worker at a time waits for connections: nginx's `accept_mutex`.
//!
//! A worker tries the lock at each turn of its event loop. Whoever has it waits for a connection
//! as long as it takes, accepts one, and gives the lock back before it serves. Who tries in vain
//! tries again at its next turn, or after [`RETRY_AFTER`] without one.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use super::listening;

/// The name under which workers inherit the file whose lock it is.
pub(crate) const ACCEPT_MUTEX: &str = "accept-mutex";

/// nginx's `accept_mutex_delay` where nothing else is set.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// FeedbackMode of every turn of the event loop of this process's only runtime.
static TURN: Notify = Notify::const_new();

/// The event loop turns.
pub(super) fn tell_of_turn() {
    TURN.notify_one();
}

/// A listening socket, and the lock without which it is not watched.
pub(in crate::worker) struct Mutex {
    listener: TcpListener,
    lock: Arc<File>,
}

impl Mutex {
    /// `file` is the one that all workers inherit.
    pub(super) fn new(listener: std::net::TcpListener, file: &OwnedFd) -> io::Result<Self> {
        // Opened anew: an open-file-description lock is the description's, and the inherited one
        // is shared. The kernel gives it back when its holder dies.
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        let lock = File::options().read(true).write(true).open(path)?;
        Ok(Self {
            listener: TcpListener::from_std(listener)?,
            lock: Arc::new(lock),
        })
    }

    pub(super) async fn accept(&mut self) -> io::Result<TcpStream> {
        loop {
            if let Some(_held) = self.try_lock()? {
                return listening::accept(&self.listener).await;
            }
            let _turn_or_late = tokio::time::timeout(RETRY_AFTER, TURN.notified()).await;
        }
    }

    fn try_lock(&self) -> io::Result<Option<Held>> {
        match set_lock(&self.lock, libc::F_WRLCK) {
            Ok(()) => Ok(Some(Held(Arc::clone(&self.lock)))),
            Err(Errno::EAGAIN | Errno::EACCES) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn close(self) -> io::Result<Vec<TcpStream>> {
        listening::accept_queued(&self.listener.into_std()?)
    }
}

/// The lock, until it is dropped.
struct Held(Arc<File>);

impl Drop for Held {
    fn drop(&mut self) {
        // It can only fail for a descriptor that is not open.
        let released = set_lock(&self.0, libc::F_UNLCK);
        debug_assert_eq!(released, Ok(()));
    }
}

fn set_lock(file: &File, kind: libc::c_int) -> nix::Result<()> {
    let whole_file = libc::flock {
        l_type: kind as libc::c_short,
        l_whence: libc::SEEK_SET as libc::c_short,
        l_start: 0,
        l_len: 0,
        l_pid: 0,
    };
    fcntl(file, FcntlArg::F_OFD_SETLK(&whole_file)).map(drop)
}
