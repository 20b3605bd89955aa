//! Where installed things are looked for.

use std::env;
use std::fs;
use std::path::{self, Path, PathBuf};

use nix::unistd::{AccessFlags, access};
use semver::Version;
use serde::Deserialize;

use super::version;

/// The folder into which `scripts/install-peers` installs.
const PEERS: &str = ".peers";

/// Set to the folder where it is not `.peers` here or above.
const PEERS_VARIABLE: &str = "EVENKEEL_PEERS";

/// Folders of programs within it.
const BINARIES: [&str; 3] = ["bin", "python/bin", "node/node_modules/.bin"];

/// Debian keeps servers here, and an ordinary user's PATH does not have it.
const OF_SERVERS: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/// Where installed things are looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    /// The folder of `scripts/install-peers`, if there is one.
    pub(super) peers: Option<PathBuf>,
    /// Further folders of programs, in this order.
    pub(super) path: Vec<PathBuf>,
}

impl Places {
    /// Those of this host: `.peers` in the working folder or above it, PATH, and where Debian keeps
    /// servers.
    pub(super) fn of_this_host() -> Self {
        let named = env::var_os(PEERS_VARIABLE).map(PathBuf::from);
        let path = env::var_os("PATH").unwrap_or_default();
        let path = env::split_paths(&path).chain(OF_SERVERS.map(PathBuf::from));
        // What is found is run from elsewhere.
        let absolute = |path: PathBuf| path::absolute(&path).unwrap_or(path);
        Self {
            peers: named.or_else(nearest).map(absolute),
            path: path.map(absolute).collect(),
        }
    }

    /// Every program of this name, the first to be taken first.
    pub(super) fn programs(&self, name: &str) -> impl Iterator<Item = PathBuf> {
        let of_peers = self.peers.iter();
        let of_peers = of_peers.flat_map(|peers| BINARIES.map(|folder| peers.join(folder)));
        of_peers
            .chain(self.path.iter().cloned())
            .map(move |folder| folder.join(name))
            .filter(|path| path.is_file() && access(path, AccessFlags::X_OK).is_ok())
    }

    /// The folder that has an npm module, and the module's version.
    pub(super) fn module(&self, name: &str) -> Result<(PathBuf, Version), String> {
        #[derive(Deserialize)]
        struct Package {
            version: String,
        }
        let missing = || format!("the npm module {name} is not installed");
        let folder = self.peers.as_ref().ok_or_else(missing)?;
        let folder = folder.join("node/node_modules");
        let file = folder.join(name).join("package.json");
        let text = fs::read_to_string(&file).map_err(|_| missing())?;
        let package: Package = serde_json::from_str(&text)
            .map_err(|error| format!("{} is not understood ({error})", file.display()))?;
        let version = version::in_text(&package.version)
            .ok_or_else(|| format!("{} tells no version", file.display()))?;
        Ok((folder, version))
    }

    /// Where a file of a need is to be.
    pub(super) fn file(&self, path: &Path) -> PathBuf {
        self.peers.as_deref().unwrap_or(Path::new(PEERS)).join(path)
    }
}

/// `.peers` in the working folder, or in the nearest above it that has one.
fn nearest() -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    let folders = here.ancestors().map(|folder| folder.join(PEERS));
    folders.into_iter().find(|folder| folder.is_dir())
}
