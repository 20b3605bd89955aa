//! Other systems: how they come up, what is told of them, and that nothing of them is left. They
//! are small ones, described by recipes that the tests write: shell scripts, and evenkeel itself
//! in the place of a server with a balancer of its own.

mod ending;
mod failing;
mod figures;
mod isolation;
mod parity;
mod recipe;
#[path = "../support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};

use evenkeel_strategies::Deployment;

const WORKERS: usize = 2;

/// The folder in which a process of a system runs.
fn folder_of(pid: i32) -> PathBuf {
    std::fs::read_link(format!("/proc/{pid}/cwd")).expect("the process is there")
}

/// The processes that run in a folder, also in one that has been removed.
fn processes_in(folder: &Path) -> Vec<i32> {
    let entries = std::fs::read_dir("/proc").expect("Linux has /proc");
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter(|pid| {
        let there = std::fs::read_link(format!("/proc/{pid}/cwd"));
        there.is_ok_and(|there| {
            there
                .to_string_lossy()
                .starts_with(&*folder.to_string_lossy())
        })
    })
    .collect()
}

fn pids(fleet: &Deployment) -> Vec<i32> {
    fleet.processes().map(|(_, pid)| pid).collect()
}

/// What a process calls itself.
fn name_of(pid: i32) -> String {
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).expect("the process is there");
    name.trim().to_owned()
}
