//! Descriptors that a parent leaves to its child, by the convention of systemd's socket
//! activation (sd_listen_fds(3)): they begin at 3, `LISTEN_FDS` counts and `LISTEN_FDNAMES`
//! names them. `LISTEN_PID` is left out: it could be known only after the fork.

use std::io;
use std::os::fd::{OwnedFd, RawFd};

/// The first descriptor behind standard input, output and error.
pub(crate) const FIRST_FD: RawFd = 3;

/// Descriptors with their names. A name may occur several times; order is kept.
#[derive(Debug, Default)]
pub(crate) struct Inherited {
    pub(crate) names: Vec<String>,
    pub(crate) fds: Vec<OwnedFd>,
}

impl Inherited {
    /// Adds a descriptor under a name.
    pub(crate) fn with(mut self, name: &str, fd: impl Into<OwnedFd>) -> Self {
        self.names.push(name.to_owned());
        self.fds.push(fd.into());
        self
    }

    /// All descriptors that this process was left. Works once in a process.
    pub(crate) fn take() -> io::Result<Self> {
        let missing = || {
            io::Error::other(
                "no descriptors were inherited: this subcommand is for evenkeel's own use",
            )
        };
        let names = std::env::var("LISTEN_FDNAMES").map_err(|_| missing())?;
        let names: Vec<String> = names.split(':').map(str::to_owned).collect();
        let fds = crate::sys::inherited::take(FIRST_FD, names.len()).ok_or_else(missing)?;
        for fd in &fds {
            rustix::io::fcntl_setfd(fd, rustix::io::FdFlags::CLOEXEC)?;
        }
        Ok(Self { names, fds })
    }

    /// Takes out the one descriptor of this name.
    pub(crate) fn one(&mut self, name: &str) -> io::Result<OwnedFd> {
        let index = self.names.iter().position(|known| known == name);
        let index = index.ok_or_else(|| {
            io::Error::other(format!("no descriptor named `{name}` was inherited"))
        })?;
        self.names.remove(index);
        Ok(self.fds.remove(index))
    }

    /// Takes out every descriptor of this name, in order.
    pub(crate) fn all(&mut self, name: &str) -> Vec<OwnedFd> {
        std::iter::from_fn(|| self.one(name).ok()).collect()
    }
}
