//! The folders in which requirements are looked for.

use std::env;
use std::fs;
use std::path::{self, Path, PathBuf};

use nix::unistd::{AccessFlags, access};
use semver::Version;
use serde::Deserialize;

use super::version;

/// The folder into which `scripts/install-peers` installs.
const PEERS: &str = ".peers";

/// Environment variable with the path of that folder, if it is not `.peers` here or above.
const PEERS_VARIABLE: &str = "EVENKEEL_PEERS";

/// Folders of programs inside `.peers`.
const BINARIES: [&str; 3] = ["bin", "python/bin", "node/node_modules/.bin"];

/// Debian installs servers here, and the PATH of an ordinary user does not contain these folders.
const SERVER_FOLDERS: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SearchPath {
    /// The folder of `scripts/install-peers`, if it exists.
    pub(super) peers: Option<PathBuf>,
    /// Other folders of programs, in the order of the search.
    pub(super) path: Vec<PathBuf>,
}

impl SearchPath {
    /// Returns the folders of this host: `.peers` in the working folder or above it, PATH, and the
    /// folders in which Debian installs servers.
    pub(super) fn of_this_host() -> Self {
        let configured = env::var_os(PEERS_VARIABLE).map(PathBuf::from);
        let path = env::var_os("PATH").unwrap_or_default();
        let path = env::split_paths(&path).chain(SERVER_FOLDERS.map(PathBuf::from));
        // Programs run in another working folder.
        let absolute = |path: PathBuf| path::absolute(&path).unwrap_or(path);
        Self {
            peers: configured.or_else(nearest).map(absolute),
            path: path.map(absolute).collect(),
        }
    }

    /// Returns the paths of all programs of this name, in the order of the search.
    pub(super) fn programs(&self, name: &str) -> impl Iterator<Item = PathBuf> {
        let of_peers = self.peers.iter();
        let of_peers = of_peers.flat_map(|peers| BINARIES.map(|folder| peers.join(folder)));
        of_peers
            .chain(self.path.iter().cloned())
            .map(move |folder| folder.join(name))
            .filter(|path| path.is_file() && access(path, AccessFlags::X_OK).is_ok())
    }

    /// Returns the folder that contains an npm module, and the module's version.
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
            .map_err(|error| format!("{} is invalid: {error}", file.display()))?;
        let version = version::in_text(&package.version)
            .ok_or_else(|| format!("{} contains no version", file.display()))?;
        Ok((folder, version))
    }

    pub(super) fn file(&self, path: &Path) -> PathBuf {
        self.peers.as_deref().unwrap_or(Path::new(PEERS)).join(path)
    }
}

/// Returns `.peers` in the working folder, or in the nearest folder above that has one.
fn nearest() -> Option<PathBuf> {
    let here = env::current_dir().ok()?;
    let folders = here.ancestors().map(|folder| folder.join(PEERS));
    folders.into_iter().find(|folder| folder.is_dir())
}
