//! Peers: how they start, which figures they have, and that nothing of them remains. The tests write
//! recipes of small peers: shell scripts, and evenkeel itself as a server with its own balancer.

mod changing;
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

/// Returns the current folder of a process.
fn folder_of(pid: i32) -> PathBuf {
    std::fs::read_link(format!("/proc/{pid}/cwd")).expect("the process is there")
}

/// Returns the processes that run in a folder, even if it has been removed.
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

/// Returns the name of a process.
fn name_of(pid: i32) -> String {
    let name = std::fs::read_to_string(format!("/proc/{pid}/comm")).expect("the process is there");
    name.trim().to_owned()
}
