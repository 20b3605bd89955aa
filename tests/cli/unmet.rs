//! Unmet requirements are recorded skips with a reason; all other strategies are measured.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::unistd::geteuid;

use crate::program::{EVENKEEL, Finished, record, shell};

const STUDY: &str = "-q -S bare-keep-alive -d 500ms --warmup 50ms -b 1 -w 2 -c 4 -o OUT";

/// How many strategies `-s nat` selects.
const NAT_STRATEGIES: usize = 5;

/// The user id of `nobody` on Debian.
const NOBODY: u32 = 65534;

/// Asserts that every strategy except `single` was skipped, each for one of these reasons.
fn assert_skipped(finished: &Finished, folder: &Path, strategies: usize, reasons: &[&str]) {
    finished.assert_measured();
    let (_, trials) = record(&folder.join("OUT"));
    assert_eq!(trials.len(), strategies + 1, "{finished:?}");
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
fn a_missing_program_is_named_with_its_package() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = format!("PATH=/nowhere exec \"$0\" run -s single -s nat {STUDY}");
    let finished = shell(&line, folder.path());
    let reasons = [
        "`nft` is not installed; install the package nftables",
        "`iptables-restore` is not installed; install the package iptables",
        // If only root may create namespaces, that is the reason instead.
        "it needs a network namespace",
    ];
    assert_skipped(&finished, folder.path(), NAT_STRATEGIES, &reasons);
}

#[test]
fn rules_that_the_kernel_does_not_support_are_reported_with_the_message_of_nft() {
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
    let finished = shell(&line, folder.path());
    let refused = ["nft", "iptables-restore"]
        .map(|name| format!("`{name}` rejected the rules: Error: {words}; check that the kernel"));
    let reasons = [&refused[0], &refused[1], "it needs a network namespace"];
    assert_skipped(&finished, folder.path(), NAT_STRATEGIES, &reasons);
}

#[test]
fn missing_rights_of_an_ordinary_user_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = format!("run -s single -s reuseport:least {STUDY}");
    let finished = as_an_ordinary_user(&line, folder.path());
    assert_skipped(
        &finished,
        folder.path(),
        1,
        &["with CAP_BPF and CAP_NET_ADMIN"],
    );
}

#[test]
fn an_ordinary_user_gets_network_namespaces_or_a_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = format!("run -s single -s nat {STUDY}");
    let finished = as_an_ordinary_user(&line, folder.path());
    finished.assert_measured();
    let (_, trials) = record(&folder.path().join("OUT"));
    assert_eq!(trials.len(), NAT_STRATEGIES + 1, "{finished:?}");
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

/// Runs the program as an ordinary user, who then owns the folder.
fn as_an_ordinary_user(line: &str, folder: &Path) -> Finished {
    let mut command = Command::new(EVENKEEL);
    if geteuid().is_root() {
        // An ordinary user may not be able to read the build folder.
        let program = folder.join("evenkeel");
        std::fs::copy(EVENKEEL, &program).expect("room");
        set_permissions(&program, Permissions::from_mode(0o755)).expect("it is ours");
        chown(folder, Some(NOBODY), Some(NOBODY)).expect("root may change the owner");
        command = Command::new(program);
        command.uid(NOBODY).gid(NOBODY);
    }
    command.args(line.split_whitespace()).current_dir(folder);
    let output = command.stdin(Stdio::null()).output();
    output.expect("the program starts").into()
}
