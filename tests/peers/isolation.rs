//! Systems meet neither each other nor what else is on the host.

use std::time::Duration;

use super::recipe::{System, server};
use super::support::client::get;
use super::support::processes::is_alive;
use super::{WORKERS, folder_of, pids};

#[test]
fn two_of_the_same_kind_do_not_meet() {
    let system = System::of(&[server()]);
    let (one, other) = (system.launch(), system.launch());
    assert_ne!(one.address(), other.address());
    let (ones, others) = (pids(&one), pids(&other));
    assert!(ones.iter().all(|pid| !others.contains(pid)));
    assert_ne!(folder_of(ones[0]), folder_of(others[0]));
    one.stop();
    assert!(others.iter().all(|pid| is_alive(*pid)));
    assert_eq!(get(other.address(), "/").expect("an answer").status, 200);
}

#[test]
fn a_system_sees_of_the_environment_only_what_the_recipe_says() {
    let env = "env = { MINE = \"{{ folder }}/mine\" }\n";
    let command = format!("[[start]]\ncommand = [\"env\"]\n{env}");
    let told = System::of(&[command]).refusal(Duration::from_secs(20));
    let told = told.to_string();
    let variables = told.lines().filter_map(|line| line.trim().split_once('='));
    let mut names: Vec<&str> = variables.map(|(name, _)| name).collect();
    names.sort_unstable();
    // The first line of the message names the command, which begins with its own variable.
    names.dedup();
    let expected = ["HOME", "MINE", "PATH", "TMPDIR"];
    assert!(expected.iter().all(|name| names.contains(name)), "{told}");
    assert!(!names.contains(&"CARGO_MANIFEST_DIR"), "{told}");
}

#[test]
fn signals_reach_a_system_as_they_reach_any_program() {
    let command = ["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"];
    let command = format!("[[start]]\ncommand = {command:?}\n");
    let told = System::of(&[command]).refusal(Duration::from_secs(20));
    let told = told.to_string();
    for mask in ["SigBlk:", "SigIgn:"] {
        let mut lines = told.lines().map(str::trim);
        let set = lines.find_map(|line| line.strip_prefix(mask));
        let set = u64::from_str_radix(set.expect("a line of it").trim(), 16);
        // A bit for each signal, from 1 on; those from 32 on are of the C library.
        assert_eq!(set.expect("hexadecimal") & 0x7fff_ffff, 0, "{told}");
    }
}

#[test]
fn what_a_recipe_has_of_files_is_laid_into_the_folder() {
    let beginning = "templates = [\"some.conf\"]\nfiles = [\"plain.txt\"]\nbodies = [3]\n";
    let files = [
        ("some.conf", "{{ worker_count }} at {{ port }}\n"),
        ("plain.txt", "{{ as it is }}\n"),
    ];
    let head = format!("{beginning}{}", System::head());
    let system = System::with_files(&files, &head, &[server()]);
    let fleet = system.launch();
    let folder = folder_of(pids(&fleet)[0]);
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a file");
    let rendered = format!("{WORKERS} at {}\n", fleet.address().port());
    assert_eq!(read("some.conf"), rendered);
    assert_eq!(read("plain.txt"), "{{ as it is }}\n");
    assert_eq!(read("bytes/3"), "abc");
    let peer = fleet.system().expect("another system");
    assert_eq!(peer.configuration["some.conf"], rendered);
}

#[test]
fn a_system_is_configured_by_what_the_recipe_renders_to() {
    let fleet = System::of(&[server()]).launch();
    let peer = fleet.system().expect("another system");
    let commands = &peer.configuration["(commands)"];
    let end = format!("-w {WORKERS} --listen {}\n", fleet.address());
    assert!(commands.ends_with(&end), "{commands}");
}
