//! Where this process may make cgroups that limit CPU time (cgroups(7)).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use procfs::process::{MountInfo, Process};

/// Length of the periods in which CPU time is counted, as Kubernetes has it.
const PERIOD_US: u64 = 100_000;

/// Least CPU time per period that the kernel allows.
const LEAST_US: u64 = 1_000;

/// The controller that limits CPU time.
const CPU: &str = "cpu";

/// A place for cgroups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hierarchy {
    /// The cgroup of this process, and of those that it starts.
    pub(super) own: PathBuf,
    /// The cgroup in which others are made.
    pub(super) parent: PathBuf,
    version: Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    V1,
    V2,
}

impl Hierarchy {
    /// Finds a place for cgroups, one of version 2 first.
    ///
    /// # Errors
    /// Why there is none, one sentence.
    pub(super) fn find() -> Result<Self, String> {
        let reads = || -> procfs::ProcResult<_> {
            let this = Process::myself()?;
            Ok((this.mountinfo()?.0, this.cgroups()?.0))
        };
        let (mounts, groups) = reads().map_err(|error| format!("cgroups are unknown: {error}"))?;
        let candidates = groups.iter().flat_map(|group| {
            let version = match group.controllers.iter().any(|name| name == CPU) {
                true => Version::V1,
                false => Version::V2,
            };
            let of_it = mounts.iter().filter(move |mount| version.is_of(mount));
            of_it.filter_map(move |mount| Self::at(mount, &group.pathname, version))
        });
        let mut candidates: Vec<Self> = candidates.collect();
        candidates.sort_by_key(|found| found.version == Version::V1);
        let is_usable = |found: &Self| found.is_usable();
        candidates.into_iter().find(is_usable).ok_or_else(|| {
            "a fault limits CPU time, and this process may make no cgroup that does; run evenkeel as root, or in \
             a cgroup whose parent is delegated with the cpu controller"
                .to_owned()
        })
    }

    /// `group` is the path of the cgroup of this process in the hierarchy.
    fn at(mount: &MountInfo, group: &str, version: Version) -> Option<Self> {
        let below = Path::new(group).strip_prefix(&mount.root).ok()?;
        let own = mount.mount_point.join(below);
        // In version 2 a cgroup with processes has no limited cgroups in it, except for the first one.
        let parent = match version {
            Version::V2 if below.parent().is_some() => own.parent()?.to_owned(),
            _ => own.clone(),
        };
        Some(Self {
            own,
            parent,
            version,
        })
    }

    fn is_usable(&self) -> bool {
        let limits_cpu = match self.version {
            Version::V1 => true,
            Version::V2 => fs::read_to_string(self.parent.join("cgroup.subtree_control"))
                .is_ok_and(|controllers| controllers.split_whitespace().any(|it| it == CPU)),
        };
        limits_cpu && nix::unistd::access(&self.parent, nix::unistd::AccessFlags::W_OK).is_ok()
    }

    /// Limits the processes of a cgroup to this number of CPUs.
    pub(super) fn limit(&self, group: &Path, cpus: f64) -> io::Result<()> {
        let quota_us = ((cpus * PERIOD_US as f64) as u64).max(LEAST_US);
        match self.version {
            Version::V1 => {
                fs::write(group.join("cpu.cfs_period_us"), PERIOD_US.to_string())?;
                fs::write(group.join("cpu.cfs_quota_us"), quota_us.to_string())
            }
            Version::V2 => fs::write(group.join("cpu.max"), format!("{quota_us} {PERIOD_US}")),
        }
    }
}

impl Version {
    fn is_of(self, mount: &MountInfo) -> bool {
        match self {
            Self::V1 => mount.fs_type == "cgroup" && mount.super_options.contains_key(CPU),
            Self::V2 => mount.fs_type == "cgroup2",
        }
    }
}
