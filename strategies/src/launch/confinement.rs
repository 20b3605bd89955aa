//! What dispatchers and workers give up before they serve (capabilities(7), PR_SET_NO_NEW_PRIVS(2const)).

use std::io;

use nix::sys::prctl;
use nix::unistd::{Gid, Uid, setgid, setgroups, setuid};
use rustix::io::Errno;
use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, remove_capability_from_bounding_set,
    set_capabilities,
};
use serde::{Deserialize, Serialize};

use super::user::User;

/// The user that a process becomes, and the capabilities that it keeps.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Confinement {
    user: Option<User>,
    /// Numbers of linux/capability.h, as bits.
    capabilities: u64,
}

impl Confinement {
    pub(crate) fn new(user: Option<&User>, capabilities: CapabilitySet) -> Self {
        Self {
            user: user.cloned(),
            capabilities: capabilities.bits(),
        }
    }

    /// Gives up everything else, for good. What a process does not have it does not lose, so this has little
    /// effect for an ordinary user. Call it while the process has one thread.
    pub(super) fn apply(&self) -> io::Result<()> {
        let held = capabilities(None)?;
        let kept = held.permitted & CapabilitySet::from_bits_retain(self.capabilities);
        if held.effective.contains(CapabilitySet::SETPCAP) {
            let all = CapabilitySet::from_bits_retain(u64::MAX);
            all.difference(kept).iter().try_for_each(give_up_for_good)?;
        }
        if let Some(user) = &self.user {
            become_user(user)?;
        }
        set_capabilities(
            None,
            CapabilitySets {
                effective: kept,
                permitted: kept,
                inheritable: CapabilitySet::empty(),
            },
        )?;
        Ok(prctl::set_no_new_privs()?)
    }
}

/// Makes it impossible that this process, or one that it starts, acquires the capability.
fn give_up_for_good(capability: CapabilitySet) -> io::Result<()> {
    match remove_capability_from_bounding_set(capability) {
        // The kernel does not know this one.
        Ok(()) | Err(Errno::INVAL) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn become_user(user: &User) -> io::Result<()> {
    let changed = || {
        // Otherwise the change of the user would end all capabilities, also those that are kept.
        prctl::set_keepcaps(true)?;
        setgroups(&[])?;
        setgid(Gid::from_raw(user.gid))?;
        setuid(Uid::from_raw(user.uid))
    };
    changed().map_err(|error| {
        io::Error::other(format!(
            "it cannot become the user {} ({error}); run evenkeel as root, or choose another user",
            user.name
        ))
    })
}
