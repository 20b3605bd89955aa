//! Commands, one file each.

pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod gate;
pub(crate) mod list;
pub(crate) mod load;
pub(crate) mod report;
pub(crate) mod run;
pub(crate) mod scenario;
pub(crate) mod schema;
pub(crate) mod serve;
mod strict;

use std::path::PathBuf;

use evenkeel_strategies::{Privileges, Strategy, become_root_of_a_user_namespace};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::failure::Failure;

/// Raises the soft limit of open files to the hard limit, for this process and its children. If the
/// kernel refuses, the plan's check of the limit reports it.
fn raise_open_files() {
    if let Ok((_, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let _ = setrlimit(Resource::RLIMIT_NOFILE, hard, hard);
    }
}

/// Acquires the privileges that some of these strategies need, while this process has one thread.
/// If the host refuses, the check of the strategy reports it.
fn acquire_privileges(strategies: impl IntoIterator<Item = &'static dyn Strategy>) {
    let needs_namespace =
        |strategy: &dyn Strategy| strategy.profile().privileges == Privileges::NetworkNamespace;
    if strategies.into_iter().any(needs_namespace) {
        let _ = become_root_of_a_user_namespace();
    }
}

/// Path of this program, which dispatchers and workers run.
fn own_executable() -> Result<PathBuf, Failure> {
    std::env::current_exe().map_err(|error| {
        Failure::Failed(format!(
            "the path of this executable is not known ({error}); start it by its full path"
        ))
    })
}
