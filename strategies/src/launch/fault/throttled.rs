//! Processes that get less CPU time than they need.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use nix::sys::signal::kill;
use nix::unistd::Pid;

use super::cgroup::Hierarchy;

/// How the names of our cgroups begin. The process that made one follows, and a number.
const PREFIX: &str = "evenkeel-throttle-";

/// Processes in a cgroup of their own that limits their CPU time. Dropping it moves them back and removes the
/// cgroup.
#[derive(Debug)]
pub(super) struct Throttled {
    hierarchy: Hierarchy,
    group: PathBuf,
}

impl Throttled {
    pub(super) fn start(processes: &[Pid], cpus: f64) -> io::Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let hierarchy = Hierarchy::find().map_err(io::Error::other)?;
        remove_abandoned(&hierarchy.parent);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{PREFIX}{}-{number}", Pid::this());
        let group = hierarchy.parent.join(name);
        fs::create_dir(&group)?;
        let throttled = Self { hierarchy, group };
        throttled.hierarchy.limit(&throttled.group, cpus)?;
        let mut processes = processes.iter();
        processes.try_for_each(|pid| enter(&throttled.group, &pid.to_string()))?;
        Ok(throttled)
    }
}

impl Drop for Throttled {
    fn drop(&mut self) {
        let inside = fs::read_to_string(members(&self.group)).unwrap_or_default();
        for pid in inside.lines() {
            // It fails only for a process that has just ended.
            let _moved = enter(&self.hierarchy.own, pid);
        }
        if let Err(error) = fs::remove_dir(&self.group) {
            eprintln!("evenkeel: cannot remove {}: {error}", self.group.display());
        }
    }
}

fn members(group: &Path) -> PathBuf {
    group.join("cgroup.procs")
}

fn enter(group: &Path, pid: &str) -> io::Result<()> {
    fs::write(members(group), pid)
}

/// Removes what an evenkeel that was killed has left: cgroups without processes.
fn remove_abandoned(parent: &Path) {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let maker = name.to_str().and_then(|name| {
            let (pid, _number) = name.strip_prefix(PREFIX)?.split_once('-')?;
            pid.parse().ok().map(Pid::from_raw)
        });
        if maker.is_some_and(|pid| kill(pid, None).is_err()) {
            // The kernel refuses as long as processes are in it.
            let _removed = fs::remove_dir(entry.path());
        }
    }
}
