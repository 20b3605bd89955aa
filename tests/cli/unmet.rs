//! What a host lacks is a recorded skip with a reason, and the rest is measured.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::unistd::geteuid;

use crate::program::{EVENKEEL, Said, record, shell};

const STUDY: &str = "-q -S bare-keep-alive -d 500ms --warmup 50ms -b 1 -w 2 -c 4 -o OUT";

/// By Debian's convention.
const NOBODY: u32 = 65534;

/// Asserts that all but `single` was skipped, each for one of these reasons.
fn assert_skipped(said: &Said, folder: &Path, strategies: usize, reasons: &[&str]) {
    said.assert_measured();
    let (_, trials) = record(&folder.join("OUT"));
    assert_eq!(trials.len(), strategies + 1, "{said:?}");
    for trial in trials {
        let Some(skipped) = trial["skipped"].as_str() else {
            assert_eq!(trial["strategy"], "single", "{trial}");
            assert!(trial["requests"].is_u64(), "not measured: {trial}");
            continue;
        };
        let is_known = reasons.iter().any(|reason| skipped.contains(reason));
        assert!(is_known, "{trial}");
    }
}

#[test]
fn a_program_that_is_not_installed_is_named_with_its_package() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = format!("PATH=/nowhere exec \"$0\" run -s single -s nat {STUDY}");
    let said = shell(&line, folder.path());
    let reasons = [
        "`nft` is not installed; it comes with the package nftables",
        "`iptables-restore` is not installed; it comes with the package iptables",
        // Where nobody but root may make namespaces, it does not come to that.
        "it takes a network namespace",
    ];
    assert_skipped(&said, folder.path(), 4, &reasons);
}

#[test]
fn rules_that_the_kernel_does_not_know_are_told_in_the_words_of_the_program() {
    let folder = tempfile::tempdir().expect("a folder");
    let (programs, words) = (folder.path().join("bin"), "Operation not supported");
    std::fs::create_dir(&programs).expect("room");
    for name in ["nft", "iptables-restore"] {
        // As on a kernel without the modules.
        let program = programs.join(name);
        let script = format!("#!/bin/sh\necho 'Error: {words}' >&2\nexit 1\n");
        std::fs::write(&program, script).expect("room");
        set_permissions(&program, Permissions::from_mode(0o755)).expect("it is ours");
    }
    let line = format!("PATH=\"$PWD/bin\" exec \"$0\" run -s single -s nat {STUDY}");
    let said = shell(&line, folder.path());
    let refused = ["nft", "iptables-restore"]
        .map(|name| format!("`{name}` refused the rules: Error: {words}; does this kernel"));
    let reasons = [&refused[0], &refused[1], "it takes a network namespace"];
    assert_skipped(&said, folder.path(), 4, &reasons);
}

#[test]
fn rights_that_an_ordinary_user_lacks_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = format!("run -s single -s reuseport:least {STUDY}");
    let said = as_an_ordinary_user(&line, folder.path());
    assert_skipped(&said, folder.path(), 1, &["with CAP_BPF and CAP_NET_ADMIN"]);
}

#[test]
fn an_ordinary_user_gets_network_namespaces_or_is_told_why_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = format!("run -s single -s nat {STUDY}");
    let said = as_an_ordinary_user(&line, folder.path());
    said.assert_measured();
    let (_, trials) = record(&folder.path().join("OUT"));
    assert_eq!(trials.len(), 5, "{said:?}");
    for trial in trials {
        match trial["skipped"].as_str() {
            None => assert!(trial["requests"].is_u64(), "not measured: {trial}"),
            Some(skipped) => {
                assert_ne!(trial["strategy"], "single", "{trial}");
                assert!(skipped.len() > 20, "no reason, only {skipped}");
            }
        }
    }
}

/// Runs the program as one who is not root, in a folder that is then that user's.
fn as_an_ordinary_user(line: &str, folder: &Path) -> Said {
    let mut command = Command::new(EVENKEEL);
    if geteuid().is_root() {
        // Where the program was built may be for root's eyes only.
        let program = folder.join("evenkeel");
        std::fs::copy(EVENKEEL, &program).expect("room");
        set_permissions(&program, Permissions::from_mode(0o755)).expect("it is ours");
        chown(folder, Some(NOBODY), Some(NOBODY)).expect("root may");
        command = Command::new(program);
        command.uid(NOBODY).gid(NOBODY);
    }
    command.args(line.split_whitespace()).current_dir(folder);
    let output = command.stdin(Stdio::null()).output();
    output.expect("the program starts").into()
}
