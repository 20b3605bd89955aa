//! A supervisor process: it starts another system and sees to it that nothing is left of that.
//!
//! Our own processes ask the kernel to be killed with their parent; those of other systems do not,
//! and some leave their parent. So they get one that keeps them all: a *subreaper* (prctl(2)), to
//! which the kernel gives every process whose parent has ended, so that even a daemon stays its
//! descendant. It keeps the folder in which the system has its files, too. It needs no rights.
//!
//! It ends everything in good order when a signal asks it to, and at once when the process that
//! launched it is gone, however that ended: then its end of the link is closed.
//!
//! Should it be killed itself, the kernel kills its children, and the process that launched it ends
//! what else it knows of. Who kills both at the same moment may leave grandchildren behind: the kernel
//! has nothing against that which takes no rights.

mod children;
mod duty;
mod ending;
mod events;
mod handle;
mod link;
mod output;

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::PermissionsExt;

use nix::sys::prctl;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use crate::launch::{CONTROL, ChildError, ChildSetup, Inherited, error::shortage_hint};
use duty::{Duty, Ending};
use events::Events;
use link::{Link, Word};

pub(crate) use handle::Supervisor;
pub(crate) use link::{Command, Orders};

/// What a supervisor is told before it gets its orders.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SupervisorConfig {
    pub(crate) child_setup: ChildSetup,
    /// How many files each process of the system may have open.
    pub(crate) open_files: u64,
}

/// The `supervisor` subcommand.
///
/// # Errors
/// [`ChildError`] if the argument or the inherited descriptors are not as a parent leaves them, or
/// the operating system refuses something.
pub fn run(config: &str) -> Result<(), ChildError> {
    let config: SupervisorConfig = serde_json::from_str(config)?;
    let link = Link::over(Inherited::take()?.one(CONTROL)?);
    match prepare(&config) {
        Ok((events, folder)) => Ok(supervise(link, &events, folder)?),
        Err(error) => {
            let hint = shortage_hint(&error);
            // The parent tells the user, so this process ends without a word of its own.
            let _told = link.say(&Word::GivesUp(format!("{error}{hint}")));
            std::process::exit(1)
        }
    }
}

/// What its children take over, and what it needs itself.
fn prepare(config: &SupervisorConfig) -> io::Result<(Events, TempDir)> {
    prctl::set_child_subreaper(true)?;
    config.child_setup.stay_on_cpus()?;
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, config.open_files.min(hard), hard)?;
    let folder = tempfile::Builder::new()
        .prefix("evenkeel-")
        // What others have on this host to say to the system, they may say to its port alone.
        .permissions(Permissions::from_mode(0o700))
        .tempdir()?;
    Ok((Events::listen()?, folder))
}

/// Takes its orders and follows them to the end. Nothing is left after it.
fn supervise(mut link: Link, events: &Events, folder: TempDir) -> io::Result<()> {
    link.say(&Word::Folder(folder.path().to_owned()))?;
    let Some(orders) = link.hear()? else {
        // Whoever launched it has thought better of it.
        return folder.close();
    };
    match Duty::new(events, &link, folder.path()).fulfil(&orders) {
        Ending::Asked => ending::in_good_order(&orders, events, &link),
        Ending::Abandoned => {}
        Ending::GivesUp(reason) => {
            let last_lines = output::last_lines(folder.path());
            // If nobody hears it, there is nobody to tell.
            let _told = link.say(&Word::GivesUp(format!("{reason}; {last_lines}")));
        }
    }
    ending::at_once(events);
    folder.close()
}
