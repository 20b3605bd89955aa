//! What the templates of a recipe know.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::Serialize;

use super::needs::Found;

/// The variables of a deployment, under the names by which templates use them.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Variables {
    /// Temporary folder of the deployment, in which its commands run.
    pub(crate) folder: PathBuf,
    /// Where clients connect: `address`, `host` and `port`.
    #[serde(flatten)]
    pub(crate) place: Place,
    /// How many processes, or threads, may choose.
    pub(crate) dispatchers: usize,
    /// Of a balancer, our workers; of a server, addresses that are free for its own.
    pub(crate) workers: Vec<Worker>,
    /// How many workers are ordered.
    pub(crate) worker_count: usize,
    /// The limit of open files of each process.
    pub(crate) open_files: u64,
    /// What is installed: `programs` and `modules`.
    #[serde(flatten)]
    pub(crate) found: Found,
    /// What the recipe sets itself.
    #[serde(flatten)]
    pub(crate) set: BTreeMap<String, String>,
}

/// An address and its parts.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Place {
    /// `127.0.0.1:8080`.
    pub(crate) address: SocketAddr,
    /// `127.0.0.1`.
    pub(crate) host: std::net::IpAddr,
    /// `8080`.
    pub(crate) port: u16,
}

/// A worker: its `number`, from 0, and its `address`, `host` and `port`.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Worker {
    /// From 0.
    pub(crate) number: usize,
    /// Where it is reached.
    #[serde(flatten)]
    pub(crate) place: Place,
}

impl From<SocketAddr> for Place {
    fn from(address: SocketAddr) -> Self {
        Self {
            address,
            host: address.ip(),
            port: address.port(),
        }
    }
}

/// Names that a recipe cannot set.
pub(crate) const GIVEN: [&str; 10] = [
    "folder",
    "address",
    "host",
    "port",
    "dispatchers",
    "workers",
    "worker_count",
    "open_files",
    "programs",
    "modules",
];

impl Variables {
    /// Variables of a deployment that there is not, to try out templates with.
    pub(crate) fn sample(found: Found, set: &BTreeMap<String, String>) -> Self {
        let at = |port| Place::from(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        let worker = |number| Worker {
            number,
            place: at(8081 + number as u16),
        };
        Self {
            folder: "/tmp/sample".into(),
            place: at(8080),
            dispatchers: 1,
            workers: (0..2).map(worker).collect(),
            worker_count: 2,
            open_files: 1024,
            found,
            set: set.clone(),
        }
    }
}
