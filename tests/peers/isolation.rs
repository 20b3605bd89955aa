//! Peers are isolated from each other and from the rest of the host.

use std::env::current_exe;
use std::process::Command;
use std::time::Duration;

use super::recipe::{SmallPeer, server};
use super::support::client::get;
use super::support::processes::is_alive;
use super::{WORKERS, folder_of, pids};

#[test]
fn two_deployments_of_a_peer_do_not_share_connections() {
    let peer = SmallPeer::of(&[server()]);
    let (one, other) = (peer.launch(), peer.launch());
    assert_ne!(one.address(), other.address());
    let (ones, others) = (pids(&one), pids(&other));
    assert!(ones.iter().all(|pid| !others.contains(pid)));
    assert_ne!(folder_of(ones[0]), folder_of(others[0]));
    one.stop();
    assert!(others.iter().all(|pid| is_alive(*pid)));
    assert_eq!(get(other.address(), "/").expect("an answer").status, 200);
}

#[test]
fn a_peer_gets_only_the_environment_of_its_recipe() {
    let env = "env = { MINE = \"{{ folder }}/mine\" }\n";
    let command = format!("[[start]]\ncommand = [\"env\"]\n{env}");
    let message = SmallPeer::of(&[command]).refusal(Duration::from_secs(20));
    let message = message.to_string();
    let variables = message
        .lines()
        .filter_map(|line| line.trim().split_once('='));
    let mut names: Vec<&str> = variables.map(|(name, _)| name).collect();
    names.sort_unstable();
    // The first line of the message names the command, which starts with its own variable.
    names.dedup();
    let expected = ["HOME", "MINE", "PATH", "TMPDIR"];
    assert!(
        expected.iter().all(|name| names.contains(name)),
        "{message}"
    );
    assert!(!names.contains(&"CARGO_MANIFEST_DIR"), "{message}");
}

#[test]
fn a_peer_starts_with_default_signal_handling() {
    let command = ["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"];
    let command = format!("[[start]]\ncommand = {command:?}\n");
    let message = SmallPeer::of(&[command]).refusal(Duration::from_secs(20));
    let message = message.to_string();
    for mask in ["SigBlk:", "SigIgn:"] {
        let mut lines = message.lines().map(str::trim);
        let set = lines.find_map(|line| line.strip_prefix(mask));
        let set = u64::from_str_radix(set.expect("a line of it").trim(), 16);
        // One bit per signal, from 1; the C library uses those from 32.
        assert_eq!(set.expect("hexadecimal") & 0x7fff_ffff, 0, "{message}");
    }
}

#[test]
fn a_peer_starts_with_default_signal_handling_also_under_nohup() {
    let test = "isolation::a_peer_starts_with_default_signal_handling";
    let script = "trap '' HUP INT QUIT; exec \"$0\" --exact \"$1\"";
    let mut shell = Command::new("sh");
    shell
        .args(["-c", script])
        .arg(current_exe().expect("a path"));
    let ended = shell.arg(test).output().expect("a shell");
    let out = String::from_utf8_lossy(&ended.stdout);
    assert!(ended.status.success() && out.contains("1 passed"), "{out}");
}

#[test]
fn files_of_a_recipe_are_copied_into_the_folder() {
    let beginning = "templates = [\"some.conf\"]\nfiles = [\"plain.txt\"]\nbodies = [3]\n";
    let files = [
        ("some.conf", "{{ worker_count }} at {{ port }}\n"),
        ("plain.txt", "{{ as it is }}\n"),
    ];
    let head = format!("{beginning}{}", SmallPeer::head());
    let peer = SmallPeer::with_files(&files, &head, &[server()]);
    let fleet = peer.launch();
    let folder = folder_of(pids(&fleet)[0]);
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a file");
    let rendered = format!("{WORKERS} at {}\n", fleet.address().port());
    assert_eq!(read("some.conf"), rendered);
    assert_eq!(read("plain.txt"), "{{ as it is }}\n");
    assert_eq!(read("bytes/3"), "abc");
    let peer = fleet.system().expect("a peer");
    assert_eq!(peer.configuration["some.conf"], rendered);
}

#[test]
fn a_peer_is_configured_by_the_rendered_templates() {
    let fleet = SmallPeer::of(&[server()]).launch();
    let peer = fleet.system().expect("a peer");
    let commands = &peer.configuration["(commands)"];
    let end = format!("-w {WORKERS} --listen {}\n", fleet.address());
    assert!(commands.ends_with(&end), "{commands}");
}
