//! One worker at a time waits for connections: nginx's `accept_mutex`.
//!
//! A worker tries to lock at each turn of its event loop. The worker that holds the lock waits for a
//! connection, accepts it, and releases the lock before it serves the connection. The others try again
//! at their next turn, or after [`RETRY_AFTER`] without one.

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

/// The name under which workers inherit the lock file.
pub(crate) const ACCEPT_MUTEX: &str = "accept-mutex";

/// The default of nginx's `accept_mutex_delay`.
const RETRY_AFTER: Duration = Duration::from_millis(500);

/// Notified at every turn of the event loop of this process's only runtime.
static TURN: Notify = Notify::const_new();

pub(super) fn notify_turn() {
    TURN.notify_one();
}

/// A listening socket, and the lock that a worker must hold to accept from it.
pub(in crate::worker) struct AcceptMutex {
    listener: TcpListener,
    lock: Arc<File>,
}

impl AcceptMutex {
    /// Opens the lock. `file` is the lock file, which all workers inherit.
    pub(super) fn new(listener: std::net::TcpListener, file: &OwnedFd) -> io::Result<Self> {
        // Opened again, since the lock belongs to the open file description, and the workers share
        // the inherited one. The kernel releases the lock when its holder ends.
        let path = format!("/proc/self/fd/{}", file.as_raw_fd());
        let lock = File::options().read(true).write(true).open(path)?;
        Ok(Self {
            listener: TcpListener::from_std(listener)?,
            lock: Arc::new(lock),
        })
    }

    pub(super) async fn accept(&mut self) -> io::Result<TcpStream> {
        loop {
            if let Some(_guard) = self.try_lock()? {
                return listening::accept(&self.listener).await;
            }
            let _turn_or_late = tokio::time::timeout(RETRY_AFTER, TURN.notified()).await;
        }
    }

    fn try_lock(&self) -> io::Result<Option<LockGuard>> {
        match set_lock(&self.lock, libc::F_WRLCK) {
            Ok(()) => Ok(Some(LockGuard(Arc::clone(&self.lock)))),
            Err(Errno::EAGAIN | Errno::EACCES) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn close(self) -> io::Result<Vec<TcpStream>> {
        listening::accept_queued(&self.listener.into_std()?)
    }
}

/// Holds the lock until it is dropped.
struct LockGuard(Arc<File>);

impl Drop for LockGuard {
    fn drop(&mut self) {
        // It can fail only for a descriptor that is not open.
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
