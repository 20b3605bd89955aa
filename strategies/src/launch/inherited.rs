//! What a child inherits: variables of the environment, and descriptors with the convention of systemd's
//! socket activation (sd_listen_fds(3)). These start at 3, `LISTEN_FDS` is their number, and `LISTEN_FDNAMES` contains their
//! names. `LISTEN_PID` is missing, since it is known only after the fork.

use std::ffi::OsString;
use std::io;
use std::os::fd::{OwnedFd, RawFd};

use nix::fcntl::{FcntlArg, FdFlag, fcntl};

/// The first descriptor after standard input, output and error.
pub(crate) const FIRST_FD: RawFd = 3;

/// Descriptors with names, in order, and variables of the environment. A name may occur several times.
#[derive(Debug, Default)]
pub(crate) struct Inherited {
    pub(crate) names: Vec<String>,
    pub(crate) fds: Vec<OwnedFd>,
    /// Those for the program of a worker. The child itself reads none of them.
    pub(crate) variables: Vec<(OsString, OsString)>,
}

impl Inherited {
    pub(crate) fn with(mut self, name: &str, fd: impl Into<OwnedFd>) -> Self {
        self.names.push(name.to_owned());
        self.fds.push(fd.into());
        self
    }

    /// Adds the descriptors of another one after those of this one.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.names.extend(other.names);
        self.fds.extend(other.fds);
        self
    }

    pub(crate) fn with_variables(self, variables: Vec<(OsString, OsString)>) -> Self {
        Self { variables, ..self }
    }

    /// Takes all descriptors that this process has inherited. It succeeds once per process.
    pub(crate) fn take() -> io::Result<Self> {
        let missing = || {
            io::Error::other(
                "no descriptors were inherited: this subcommand is for evenkeel's own use",
            )
        };
        let names = std::env::var_os("LISTEN_FDNAMES").ok_or_else(missing)?;
        let names = names.to_string_lossy();
        let names: Vec<String> = names.split(':').map(str::to_owned).collect();
        let fds = crate::sys::inherited::take(FIRST_FD, names.len()).ok_or_else(missing)?;
        for fd in &fds {
            fcntl(fd, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
        }
        Ok(Self {
            names,
            fds,
            variables: Vec::new(),
        })
    }

    /// Removes and returns the first descriptor with this name.
    pub(crate) fn one(&mut self, name: &str) -> io::Result<OwnedFd> {
        let index = self.names.iter().position(|known| known == name);
        let index = index.ok_or_else(|| {
            io::Error::other(format!("no descriptor named `{name}` was inherited"))
        })?;
        self.names.remove(index);
        Ok(self.fds.remove(index))
    }

    /// Removes and returns all descriptors with this name, in order.
    pub(crate) fn all(&mut self, name: &str) -> Vec<OwnedFd> {
        std::iter::from_fn(|| self.one(name).ok()).collect()
    }
}
