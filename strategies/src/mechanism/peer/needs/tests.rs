use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

/// Folders in which a test installs little programs.
struct Host {
    folder: tempfile::TempDir,
}

impl Host {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder }
    }

    fn places(&self) -> Places {
        Places {
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

    fn find(&self, needs: &str) -> Result<Found, String> {
        find_in(&self.places(), &parse(needs)).map_err(|unmet| unmet.to_string())
    }
}

fn parse(needs: &str) -> Vec<Need> {
    #[derive(Deserialize)]
    struct Needs {
        needs: Vec<Need>,
    }
    toml::from_str::<Needs>(needs).expect("needs").needs
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
fn what_is_missing_is_told_with_the_way_to_get_it() {
    let unmet = Host::new().find(SERVER).expect_err("nothing is there");
    assert_eq!(
        unmet,
        "`server` is not installed; to get it: scripts/install-peers server"
    );
}

#[test]
fn another_version_is_told_beside_those_that_are_known() {
    let host = Host::new();
    host.install("one/server", "echo server/1.9.3");
    let unmet = host.find(SERVER).expect_err("too old");
    assert!(unmet.contains("one/server is server 1.9.3"), "{unmet}");
    assert!(unmet.contains("known to work are >=2, <4;"), "{unmet}");
    assert!(unmet.ends_with("scripts/install-peers server"), "{unmet}");
}

#[test]
fn a_program_that_tells_no_version_is_an_unmet_need_with_the_reason() {
    for (script, reason) in [
        (
            "echo broken >&2; exit 3",
            "asked for `-v` ended with exit code 3: broken",
        ),
        ("echo hello", "asked for `-v` tells no version"),
        ("kill -9 $$", "asked for `-v` was killed by SIGKILL"),
    ] {
        let host = Host::new();
        host.install("one/server", script);
        let unmet = host.find(SERVER).expect_err(script);
        assert!(unmet.contains(reason), "{unmet}");
    }
}

#[test]
fn a_program_is_asked_away_from_the_users_files_and_only_once() {
    let host = Host::new();
    let diary = host.folder.path().join("diary");
    host.install(
        "one/server",
        &format!("echo $HOME >> {}; echo 2.0", diary.display()),
    );
    host.find(SERVER).expect("it is there");
    host.find(SERVER).expect("it is there still");
    let homes = fs::read_to_string(&diary).expect("it was asked");
    assert_eq!(homes.lines().count(), 1, "{homes}");
    let home = Path::new(homes.trim());
    assert_ne!(Some(home.as_os_str()), std::env::var_os("HOME").as_deref());
    assert!(!home.exists(), "the folder is taken away");
}

#[test]
fn a_module_tells_its_version_in_its_package() {
    const MODULE: &str = "[[needs]]\nmodule = '@scope/relay'\nknown = '1.18'\nget = 'npm'";
    let host = Host::new();
    let unmet = host.find(MODULE).expect_err("nothing is there");
    assert!(
        unmet.contains("the npm module @scope/relay is not installed"),
        "{unmet}"
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
    let unmet = host.find(MODULE).expect_err("too new");
    assert!(unmet.contains("is @scope/relay 2.0.0"), "{unmet}");
    host.write(package, "{}");
    let unmet = host.find(MODULE).expect_err("no version");
    assert!(unmet.contains("is not understood"), "{unmet}");
}

#[test]
fn a_file_is_there_or_not() {
    let host = Host::new();
    let here = host.write("module.so", "");
    let need = |path: &Path| format!("[[needs]]\nfile = '{}'\nget = 'apt'", path.display());
    assert_eq!(host.find(&need(&here)), Ok(Found::default()));
    let unmet = host
        .find(&need(Path::new("lib/absent.so")))
        .expect_err("none");
    assert!(
        unmet.contains("peers/lib/absent.so; to get it: apt"),
        "{unmet}"
    );
}

#[test]
fn a_need_is_of_one_kind() {
    for (need, problem) in [
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
        let error = toml::from_str::<Need>(need).expect_err(need).to_string();
        assert!(error.contains(problem), "{error}");
    }
}
