//! What a strategy is like, told in a few words.

use std::fmt::{self, Display, Formatter};

use serde::Deserialize;

/// What a strategy is like besides its policy: what `evenkeel list --long` tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile<'a> {
    /// What it spreads over the workers.
    pub layer: Layer,
    /// Who chooses the worker.
    pub chooser: &'a str,
    /// By what a client is kept at the same worker, if it is.
    pub sticky: Option<&'a str>,
    /// What the host must offer, if it is more than Linux 3.9 does to anybody.
    pub needs: Option<&'a str>,
    /// Systems that bring connections or requests to workers in this way. Those known for the
    /// policy stand [there](crate::policy::PolicyInfo::known_from).
    pub known_from: &'a str,
}

/// The layer of the OSI model at which a worker is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// The transport layer: a worker for each connection.
    Connections,
    /// The application layer: a worker for each request.
    Requests,
}

impl Layer {
    /// Its number in the OSI model.
    pub fn number(self) -> u8 {
        match self {
            Self::Connections => 4,
            Self::Requests => 7,
        }
    }
}

impl Display for Layer {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let what = match self {
            Self::Connections => "a connection",
            Self::Requests => "a request",
        };
        write!(f, "{}: a worker for {what}", self.number())
    }
}
