//! A fleet neither uses nor changes firewall rules and namespaces that exist already.

mod support;

use std::io::Write;
use std::process::{Command, Stdio};

use evenkeel_strategies::{Host, catalog};
use nix::sched::{CloneFlags, unshare};
use support::client::get;
use support::launch;

/// Tables and chains that are named like evenkeel's and drop every packet.
const STALE: &str = "\
table ip evenkeel {
    chain output { type filter hook output priority 0; policy drop; }
}
table ip nat {
    chain evenkeel { drop; }
}
";

#[test]
fn stale_rules_and_namespaces_of_the_same_name_have_no_effect_and_stay() {
    // A namespace takes the place of the host, since a test must not change the host's rules. It ends
    // with the thread.
    let host = std::thread::spawn(|| {
        if let Err(error) = unshare(CloneFlags::CLONE_NEWNET) {
            return eprintln!("skipped: no network namespace ({error})");
        }
        if nft(&["-f", "-"], STALE).is_none() {
            return eprintln!("skipped: nft is not installed or accepts no rules");
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
                    // The fleet's namespace has no name, so no name can conflict.
                    assert_eq!(named_namespaces(), names);
                });
            });
            assert_eq!(left(), rules, "{}", strategy.key());
        }
    });
    host.join().expect("no assertion failed");
}

/// Returns the named namespaces of this host (ip-netns(8)).
fn named_namespaces() -> Vec<std::ffi::OsString> {
    let folder = std::fs::read_dir("/run/netns").into_iter().flatten();
    folder.flatten().map(|entry| entry.file_name()).collect()
}

/// Returns the output of nft; `None` if it is not installed or fails.
fn nft(arguments: &[&str], input: &str) -> Option<String> {
    let mut command = Command::new("nft");
    command.args(arguments).stdin(Stdio::piped());
    let mut running = command.stdout(Stdio::piped()).spawn().ok()?;
    running.stdin.take()?.write_all(input.as_bytes()).ok()?;
    let output = running.wait_with_output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then_some(text)
}
