//! A program of the user that serves in place of evenkeel's own worker.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::{self, Display, Formatter};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::user::User;

/// A program that serves in place of evenkeel's own worker, and how it is run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerCommand {
    /// The program: a name that is searched for on `PATH`, or a path.
    pub program: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Environment variables in addition to those of this process. They are no part of the command line of a
    /// child, which every user of the host can read.
    #[serde(skip)]
    pub env: BTreeMap<String, String>,
    /// Its working folder. If `None`, that of this process.
    pub cwd: Option<PathBuf>,
    /// The user that it becomes, instead of the user of the fleet.
    #[serde(skip)]
    pub user: Option<User>,
    /// Whether its output appears on standard error. Otherwise its last lines are kept for errors.
    pub shows_output: bool,
    /// The target that it answers with 2xx when it is ready. If `None`, a successful connect suffices.
    pub health: Option<String>,
    /// How long it may take to become ready.
    pub ready_within: Duration,
}

/// Variables that tell a program where its connections come from. Those of this process would mislead it.
pub(crate) const OF_SOCKETS: [&str; 6] = [
    "PORT",
    "HOST",
    "LISTEN_FDS",
    "LISTEN_FDNAMES",
    "LISTEN_PID",
    "NOTIFY_SOCKET",
];

/// What begins the names of evenkeel's own variables, which are options of this process.
const OWN_PREFIX: &str = "EVENKEEL_";

impl WorkerCommand {
    /// Creates a command without arguments, for a program that becomes ready in the usual time.
    pub fn new(program: impl Into<String>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            env: BTreeMap::new(),
            cwd: None,
            user: None,
            shows_output: false,
            health: None,
            ready_within: READY_WITHIN,
        }
    }

    /// Whether evenkeel itself sets this environment variable.
    pub fn sets(variable: &str) -> bool {
        OF_SOCKETS.contains(&variable)
    }

    /// Returns the environment of the program, without what depends on its sockets: that of this process, so
    /// that it runs as from the user's shell, and the variables that were given for it.
    pub(crate) fn variables(&self) -> Vec<(OsString, OsString)> {
        let is_own = |name: &OsString| {
            let name = name.to_string_lossy();
            Self::sets(&name) || name.starts_with(OWN_PREFIX)
        };
        let inherited = std::env::vars_os().filter(|(name, _)| !is_own(name));
        let given = self.env.iter();
        let given = given.map(|(name, value)| (name.into(), value.into()));
        inherited.chain(given).collect()
    }
}

impl Display for WorkerCommand {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.program)?;
        self.args.iter().try_for_each(|arg| write!(f, " {arg}"))
    }
}

/// Interpreters load a real application in a second, on a busy machine in several.
const READY_WITHIN: Duration = Duration::from_secs(10);
