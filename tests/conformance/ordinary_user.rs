//! The same suite as an ordinary user.

use std::collections::BTreeSet;
use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use evenkeel_strategies::{Host, Privileges, Strategy, catalog};
use nix::unistd::geteuid;

use crate::MUST_RUN_ALL;
use crate::support::{EVENKEEL, ONLY, PROGRAM, SKIPPED};

/// The user id of `nobody` on Debian.
const NOBODY: u32 = 65534;

#[test]
fn the_suite_passes_for_an_ordinary_user() {
    if is_root_of_the_host() {
        let skipped = pass(&["env"], &one_of_each_mechanism());
        let lacks_rights = |key: &String| select(key).profile().privileges != Privileges::None;
        assert!(skipped.iter().all(lacks_rights), "{skipped:?}");
    }
}

/// The keys of all strategies without a policy, and of one per mechanism with policies: a policy needs no rights.
fn one_of_each_mechanism() -> String {
    let mut ours: Vec<_> = catalog::OURS.iter().collect();
    ours.dedup_by_key(|strategy| {
        let profile = strategy.profile();
        match profile.policy {
            Some(_) => profile.mechanism,
            None => strategy.key(),
        }
    });
    let keys: Vec<_> = ours.iter().map(|strategy| strategy.key()).collect();
    keys.join(" ")
}

/// evenkeel creates its user namespace before it has a second thread; tests have several threads.
#[test]
fn the_suite_with_network_namespaces_passes_in_a_user_namespace() {
    const AS_ROOT_OF_ONE: [&str; 3] = ["unshare", "--user", "--map-root-user"];
    if !is_root_of_the_host() {
        return;
    }
    let mut trial = as_nobody(&AS_ROOT_OF_ONE);
    if !trial.arg("true").status().is_ok_and(|end| end.success()) {
        return eprintln!("{SKIPPED}the suite in a user namespace: this host allows none");
    }
    let skipped = pass(&AS_ROOT_OF_ONE, "nat");
    let root_lacks_it_too = |key: &String| select(key).check(&Host::probe()).is_err();
    assert!(skipped.iter().all(root_lacks_it_too), "{skipped:?}");
}

/// Whether these tests run as root. If they run as an ordinary user, all other tests already check that.
fn is_root_of_the_host() -> bool {
    geteuid().is_root() && std::env::var_os(PROGRAM).is_none()
}

/// Runs this suite as an ordinary user, through another program, for the named strategies. Returns the
/// keys of skipped strategies.
fn pass(by: &[&str], strategies: &str) -> BTreeSet<String> {
    let folder = tempfile::tempdir().expect("a folder");
    set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("it is ours");
    let this_suite = std::env::current_exe().expect("Linux has /proc");
    let mut suite = as_nobody(by);
    suite
        .arg(copy(&this_suite, folder.path()))
        .arg("--nocapture")
        .env(PROGRAM, copy(Path::new(EVENKEEL), folder.path()))
        .env(ONLY, strategies)
        .env_remove(MUST_RUN_ALL)
        .current_dir(folder.path());
    let output = suite.output().expect("it starts");
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{messages}");

    let skips: BTreeSet<&str> = messages
        .lines()
        .filter_map(|line| line.strip_prefix(SKIPPED))
        .collect();
    let keys = skips.into_iter().map(|skip| {
        eprintln!("{SKIPPED}{skip}");
        let (key, _reason) = skip.split_once(": ").expect("a reason");
        key.to_owned()
    });
    keys.collect()
}

fn as_nobody(line: &[&str]) -> Command {
    let mut command = Command::new(line[0]);
    command.args(&line[1..]).uid(NOBODY).gid(NOBODY);
    command
}

fn select(key: &str) -> &'static dyn Strategy {
    catalog::select(&[key]).expect("a key")[0]
}

/// Copies a program, since an ordinary user may not be able to read the build folder. Another process
/// makes the copy: a child that a concurrent test starts would inherit the descriptor that is open for
/// writing, and the kernel runs no file that is open for writing.
fn copy(program: &Path, folder: &Path) -> PathBuf {
    let copy = folder.join(program.file_name().expect("a file"));
    let copied = Command::new("cp").arg(program).arg(&copy).status();
    assert!(copied.expect("every system has cp").success());
    set_permissions(&copy, Permissions::from_mode(0o755)).expect("it is ours");
    copy
}
