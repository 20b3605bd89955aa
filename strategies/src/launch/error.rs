//! Errors of launching.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use nix::errno::Errno;
use thiserror::Error;

use super::child::Role;

/// Why a fleet could not be started. Nothing of it is left.
#[derive(Debug, Error)]
pub enum LaunchError {
    /// The address cannot be used for listening.
    #[error("cannot listen on {address}: {source}{}", address_hint(source))]
    Listen {
        /// The configured address.
        address: SocketAddr,
        /// The error of the kernel.
        source: io::Error,
    },
    /// The executable cannot be run.
    #[error("cannot start {role} from {}: {source}{}", executable.display(), shortage_hint(source))]
    Spawn {
        /// The role of the process.
        role: Role,
        /// The executable.
        executable: PathBuf,
        /// The error of the kernel.
        source: io::Error,
    },
    /// A process was started but did not become ready.
    #[error("{role} did not become ready: {reason}")]
    NotReady {
        /// The role of the process.
        role: Role,
        /// Why it did not become ready.
        reason: String,
    },
    /// A peer could not be started.
    #[error(transparent)]
    System(Box<dyn std::error::Error + Send + Sync>),
    /// Sockets or shared memory for the fleet could not be created.
    #[error(
        "cannot set up the fleet's sockets and shared memory: {source}{}",
        shortage_hint(source)
    )]
    Setup {
        /// The error of the kernel.
        #[from]
        source: io::Error,
    },
}

/// Returns what to do about an address that cannot be used, if known.
fn address_hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            "; another program listens there: choose another port, or 0 to let the kernel choose"
        }
        io::ErrorKind::PermissionDenied => "; ports below 1024 are reserved: choose a higher one",
        io::ErrorKind::AddrNotAvailable => "; this machine does not have that address",
        _ => shortage_hint(error),
    }
}

/// Returns what to do about a resource that has run out.
pub(crate) fn shortage_hint(error: &io::Error) -> &'static str {
    match error.raw_os_error().map(Errno::from_raw) {
        Some(Errno::EMFILE | Errno::ENFILE) => {
            "; raise the limit of open files (ulimit -n) or order fewer workers"
        }
        Some(Errno::EAGAIN | Errno::ENOMEM) => {
            "; raise the limit of processes (ulimit -u), free memory, or order fewer workers"
        }
        _ => "",
    }
}
