//! Users of the host.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A user of the host, with its group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The name, for messages.
    pub name: String,
    /// The user ID.
    pub uid: u32,
    /// The ID of its group.
    pub gid: u32,
}

/// Why a name does not stand for a user.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum UserError {
    /// The host has no such user.
    #[error("this host has no such user; `getent passwd` lists all")]
    Unknown,
    /// The list of users cannot be read.
    #[error("the users of this host cannot be read: {0}")]
    Unreadable(nix::Error),
}

impl User {
    /// Looks up a user (getpwnam(3)).
    ///
    /// # Errors
    /// [`UserError`] if there is none.
    pub fn named(name: &str) -> Result<Self, UserError> {
        let found = nix::unistd::User::from_name(name).map_err(UserError::Unreadable)?;
        let user = found.ok_or(UserError::Unknown)?;
        Ok(Self {
            name: user.name,
            uid: user.uid.as_raw(),
            gid: user.gid.as_raw(),
        })
    }
}
