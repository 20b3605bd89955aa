use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

/// Folders in which a test installs small programs.
struct Host {
    folder: tempfile::TempDir,
}

impl Host {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder }
    }

    fn search_path(&self) -> SearchPath {
        SearchPath {
            peers: Some(self.folder.path().join("peers")),
            path: vec![
                self.folder.path().join("one"),
                self.folder.path().join("two"),
            ],
        }
    }

    fn install(&self, path: &str, script: &str) -> &Self {
        let path = self.write(path, &format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("ours");
        self
    }

    fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("room");
        fs::write(&path, text).expect("room");
        path
    }

    fn find(&self, recipe: &str) -> Result<Installed, String> {
        find_in(&self.search_path(), &parse(recipe)).map_err(|missing| missing.to_string())
    }
}

fn parse(recipe: &str) -> Vec<Requirement> {
    #[derive(Deserialize)]
    struct Recipe {
        needs: Vec<Requirement>,
    }
    toml::from_str::<Recipe>(recipe).expect("needs").needs
}

const SERVER: &str = "[[needs]]\nprogram = 'server'\nversion = ['-v']\nknown = '>=2, <4'\nget = 'scripts/install-peers server'";

#[test]
fn the_first_program_of_a_known_version_is_taken() {
    let host = Host::new();
    host.install("one/server", "echo server/1.9.3")
        .install("two/server", "echo server/3.1 >&2");
    let found = host.find(SERVER).expect("the second one");
    assert_eq!(
        found.programs["server"],
        host.folder.path().join("two/server")
    );
    assert_eq!(found.versions["server"], "3.1.0");
    host.install("peers/bin/server", "echo server/2.0.1");
    let found = host.find(SERVER).expect("that of the peers");
    assert_eq!(found.versions["server"], "2.0.1");
}

#[test]
fn a_missing_program_is_reported_with_the_command_that_installs_it() {
    let missing = Host::new().find(SERVER).expect_err("nothing is there");
    assert_eq!(
        missing,
        "`server` is not installed; to get it: scripts/install-peers server"
    );
}

#[test]
fn an_unknown_version_is_reported_with_the_known_ones() {
    let host = Host::new();
    host.install("one/server", "echo server/1.9.3");
    let missing = host.find(SERVER).expect_err("too old");
    assert!(missing.contains("one/server is server 1.9.3"), "{missing}");
    assert!(missing.contains("known to work are >=2, <4;"), "{missing}");
    assert!(
        missing.ends_with("scripts/install-peers server"),
        "{missing}"
    );
}

#[test]
fn a_program_without_a_version_is_reported_with_the_reason() {
    for (script, reason) in [
        (
            "echo broken >&2; exit 3",
            "with the option `-v` ended with exit code 3: broken",
        ),
        ("echo hello", "with the option `-v` prints no version"),
        ("kill -9 $$", "with the option `-v` was killed by SIGKILL"),
    ] {
        let host = Host::new();
        host.install("one/server", script);
        let missing = host.find(SERVER).expect_err(script);
        assert!(missing.contains(reason), "{missing}");
    }
}

#[test]
fn a_program_runs_once_and_away_from_the_users_files() {
    let host = Host::new();
    let log = host.folder.path().join("log");
    host.install(
        "one/server",
        &format!("echo $HOME >> {}; echo 2.0", log.display()),
    );
    host.find(SERVER).expect("it is there");
    host.find(SERVER).expect("it is still there");
    let homes = fs::read_to_string(&log).expect("it ran");
    assert_eq!(homes.lines().count(), 1, "{homes}");
    let home = Path::new(homes.trim());
    assert_ne!(Some(home.as_os_str()), std::env::var_os("HOME").as_deref());
    assert!(!home.exists(), "the folder is removed");
}

#[test]
fn the_version_of_a_module_is_in_its_package() {
    const MODULE: &str = "[[needs]]\nmodule = '@scope/relay'\nknown = '1.18'\nget = 'npm'";
    let host = Host::new();
    let missing = host.find(MODULE).expect_err("nothing is there");
    assert!(
        missing.contains("the npm module @scope/relay is not installed"),
        "{missing}"
    );
    let package = "peers/node/node_modules/@scope/relay/package.json";
    host.write(package, "{\"version\": \"1.18.1\", \"name\": \"relay\"}");
    let found = host.find(MODULE).expect("it is there");
    assert_eq!(found.versions["@scope/relay"], "1.18.1");
    assert!(
        found
            .modules
            .expect("a folder")
            .ends_with("node/node_modules")
    );
    host.write(package, "{\"version\": \"2.0.0\"}");
    let missing = host.find(MODULE).expect_err("too new");
    assert!(missing.contains("is @scope/relay 2.0.0"), "{missing}");
    host.write(package, "{}");
    let missing = host.find(MODULE).expect_err("no version");
    assert!(missing.contains("is invalid"), "{missing}");
}

#[test]
fn a_file_must_exist() {
    let host = Host::new();
    let here = host.write("module.so", "");
    let recipe = |path: &Path| format!("[[needs]]\nfile = '{}'\nget = 'apt'", path.display());
    assert_eq!(host.find(&recipe(&here)), Ok(Installed::default()));
    let missing = host
        .find(&recipe(Path::new("lib/absent.so")))
        .expect_err("none");
    assert!(
        missing.contains("peers/lib/absent.so does not exist; to get it: apt"),
        "{missing}"
    );
}

#[test]
fn a_requirement_has_one_kind() {
    for (table, problem) in [
        ("get = ''", "exactly one of"),
        ("program = 'a'\nmodule = 'b'\nget = ''", "exactly one of"),
        ("file = 'a'\nknown = '1'\nget = ''", "a file has no version"),
        (
            "program = 'a'\nknown = '1'\nget = ''",
            "`known` needs `version`",
        ),
        (
            "module = 'a'\nversion = ['-v']\nget = ''",
            "`version` is for programs",
        ),
    ] {
        let error = toml::from_str::<Requirement>(table)
            .expect_err(table)
            .to_string();
        assert!(error.contains(problem), "{error}");
    }
}
