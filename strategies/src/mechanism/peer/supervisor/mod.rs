//! The supervisor process: it starts a peer, and makes sure that none of its processes survives.
//!
//! Our own processes ask the kernel to be killed with their parent. The processes of other systems do
//! not, and some leave their parent. So the supervisor is a subreaper (PR_SET_CHILD_SUBREAPER,
//! prctl(2)). It also owns the folder of the peer's files. It needs no privileges.
//!
//! It ends all processes gracefully when a signal requests it. It ends them at once when the process
//! that launched it is gone, which it notices by the closed link.
//!
//! If the supervisor itself is killed, the kernel kills its children, and the process that launched
//! it kills the other processes that it knows. If both are killed at the same moment, grandchildren
//! may survive. The kernel offers no unprivileged way to prevent that.

mod children;
mod handle;
mod link;
mod monitor;
mod output;

use std::fs::Permissions;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;

use nix::sys::prctl;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::launch::{CONTROL, ChildError, ChildSetup, Inherited, error::shortage_hint};
use crate::subreaper::{Events, end_gracefully, kill_all};
use link::{Link, Message};
use monitor::{Monitor, StopReason};

pub(crate) use handle::Supervisor;
pub(crate) use link::{Command, Instructions};

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SupervisorConfig {
    pub(crate) child_setup: ChildSetup,
    /// Limit of open files for each process of the peer.
    pub(crate) open_files: u64,
}

/// The `supervisor` subcommand.
///
/// # Errors
/// [`ChildError`] if the argument or the inherited descriptors are invalid, or the operating system
/// reports an error.
pub fn run(config: &str) -> Result<(), ChildError> {
    let config: SupervisorConfig = serde_json::from_str(config)?;
    let link = Link::from_inherited(Inherited::take()?.one(CONTROL)?);
    match prepare(&config) {
        Ok((events, folder)) => Ok(supervise(link, &events, folder)?),
        Err(error) => {
            let hint = shortage_hint(&error);
            // The parent reports the error to the user.
            let _sent = link.send(&Message::GivesUp(format!("{error}{hint}")));
            std::process::exit(1)
        }
    }
}

/// Sets up this process for its children, and creates the folder.
fn prepare(config: &SupervisorConfig) -> io::Result<(Events, TempDir)> {
    prctl::set_child_subreaper(true)?;
    config.child_setup.stay_on_cpus()?;
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, config.open_files.min(hard), hard)?;
    let folder = tempfile::Builder::new()
        .prefix("evenkeel-")
        // Other users of the host can reach the peer by its port only.
        .permissions(Permissions::from_mode(0o700))
        .tempdir()?;
    Ok((Events::listen()?, folder))
}

/// Waits for instructions and follows them. No process or file is left when it returns.
fn supervise(mut link: Link, events: &Events, folder: TempDir) -> io::Result<()> {
    link.send(&Message::Ready(folder.path().to_owned()))?;
    let Some(instructions) = link.receive()? else {
        // The launching process is gone.
        return folder.close();
    };
    match Monitor::new(events, &mut link, folder.path()).run(&instructions) {
        StopReason::Signal => drain(&instructions, events, &link),
        StopReason::Abandoned => {}
        StopReason::Failed(reason) => {
            let last_lines = output::last_lines(folder.path());
            // It fails only if the launching process is gone.
            let _sent = link.send(&Message::GivesUp(format!("{reason}; {last_lines}")));
        }
    }
    kill_all(events);
    folder.close()
}

/// Asks the children to end, and waits for it.
fn drain(instructions: &Instructions, events: &Events, link: &Link) {
    let Ok(signal) = Signal::try_from(instructions.stop_signal) else {
        return;
    };
    end_gracefully(signal, instructions.drain_within, |deadline| {
        events.next_but_messages(link.as_fd(), deadline)
    });
}
