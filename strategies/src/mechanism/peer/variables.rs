//! The variables of templates.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::Serialize;

use super::requirements::Installed;

/// The variables of a deployment, under the names that templates use.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Variables {
    /// Temporary folder of the deployment, in which its commands run.
    pub(crate) folder: PathBuf,
    /// The address to which clients connect: `address`, `host` and `port`.
    #[serde(flatten)]
    pub(crate) address: Address,
    /// Number of processes or threads that may choose workers.
    pub(crate) dispatchers: usize,
    /// For a balancer, our workers. For a server, free addresses for its own workers.
    pub(crate) workers: Vec<Worker>,
    /// Number of workers requested.
    pub(crate) worker_count: usize,
    /// Maximum number of open files per process.
    pub(crate) open_files: u64,
    /// What is installed: `programs` and `modules`.
    #[serde(flatten)]
    pub(crate) installed: Installed,
    /// Variables that the recipe sets.
    #[serde(flatten)]
    pub(crate) set: BTreeMap<String, String>,
}

/// An address and its parts.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Address {
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
    pub(crate) number: usize,
    #[serde(flatten)]
    pub(crate) address: Address,
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Self {
            address,
            host: address.ip(),
            port: address.port(),
        }
    }
}

/// Names of variables that a recipe cannot set.
pub(crate) const RESERVED: [&str; 10] = [
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
    /// Creates sample variables, to check templates with.
    pub(crate) fn sample(installed: Installed, set: &BTreeMap<String, String>) -> Self {
        let at = |port| Address::from(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        let worker = |number| Worker {
            number,
            address: at(8081 + number as u16),
        };
        Self {
            folder: "/tmp/sample".into(),
            address: at(8080),
            dispatchers: 1,
            workers: (0..2).map(worker).collect(),
            worker_count: 2,
            open_files: 1024,
            installed,
            set: set.clone(),
        }
    }
}
