//! What others have left where a fleet is started does not matter to it, nor it to that.

mod support;

use std::io::Write;
use std::process::{Command, Stdio};

use evenkeel_strategies::{Host, catalog};
use nix::sched::{CloneFlags, unshare};
use support::client::get;
use support::launch;

/// Tables and chains of the name that ours have, which let nothing through.
const STALE: &str = "\
table ip evenkeel {
    chain output { type filter hook output priority 0; policy drop; }
}
table ip nat {
    chain evenkeel { drop; }
}
";

#[test]
fn stale_rules_and_namespaces_of_the_same_name_neither_matter_nor_change() {
    // A namespace stands in for the host, whose rules are not a test's to touch. It belongs to
    // the thread, which ends with it.
    let host = std::thread::spawn(|| {
        if let Err(error) = unshare(CloneFlags::CLONE_NEWNET) {
            return eprintln!("skipped: no network namespace ({error})");
        }
        if nft(&["-f", "-"], STALE).is_none() {
            return eprintln!("skipped: nft is not there, or takes no rules");
        }
        let left = || nft(&["list", "ruleset"], "").expect("as before");
        let (rules, names) = (left(), named_namespaces());
        for strategy in catalog::select(&["nat"]).expect("a mechanism") {
            if strategy.check(&Host::probe()).is_err() {
                continue;
            }
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    let fleet = launch(strategy, 2);
                    for _ in 0..8 {
                        let answer = get(fleet.address(), "/").expect("an answer");
                        assert_eq!(answer.status, 200);
                    }
                    // Ours has no name, so there is none that could be taken.
                    assert_eq!(named_namespaces(), names);
                });
            });
            assert_eq!(left(), rules, "{}", strategy.key());
        }
    });
    host.join().expect("no assertion failed");
}

/// Namespaces that somebody has given a name (ip-netns(8)).
fn named_namespaces() -> Vec<std::ffi::OsString> {
    let folder = std::fs::read_dir("/run/netns").into_iter().flatten();
    folder.flatten().map(|entry| entry.file_name()).collect()
}

/// What nft says; `None` if it is not there or refuses.
fn nft(arguments: &[&str], input: &str) -> Option<String> {
    let mut command = Command::new("nft");
    command.args(arguments).stdin(Stdio::piped());
    let mut running = command.stdout(Stdio::piped()).spawn().ok()?;
    running.stdin.take()?.write_all(input.as_bytes()).ok()?;
    let output = running.wait_with_output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    output.status.success().then_some(said)
}
