//! `scripts/ci-servers`: two versions of a server, one study, one verdict.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::{TempDir, tempdir};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn script(arguments: &[&str], folder: &Path) -> Output {
    let mut script = Command::new(Path::new(ROOT).join("scripts/ci-servers"));
    script.args(arguments).current_dir(folder);
    script.env("EVENKEEL", env!("CARGO_BIN_EXE_evenkeel"));
    script.output().expect("the script runs")
}

/// Two recipes of nginx under names of their own, with the files that they use.
fn recipes() -> TempDir {
    let folder = tempdir().expect("a folder");
    let peers = Path::new(ROOT).join("strategies/peers");
    let copy = Command::new("cp")
        .arg("-r")
        .arg(peers)
        .arg(folder.path())
        .status();
    assert!(copy.expect("cp runs").success());
    for (peer, version) in [("nginx-shared", "before"), ("nginx-reuseport", "after")] {
        let peers = folder.path().join("peers");
        fs::rename(peers.join(peer), peers.join(version)).expect("a recipe");
    }
    folder
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn two_versions_of_a_server_are_judged_by_one_study() {
    let folder = recipes();
    let study = "-S bare-keep-alive -d 50ms --warmup 10ms -b 2 -w 1 -c 4";
    let mut arguments = vec!["--output", "out", "--summary", "summary.md"];
    arguments.extend(["peers/before/recipe.toml", "peers/after/recipe.toml", "--"]);
    arguments.extend(study.split(' '));
    let ended = script(&arguments, folder.path());

    // Two blocks are too few for a conclusion. Without nginx both are skipped, which decides nothing, either.
    assert_eq!(ended.status.code(), Some(3), "{ended:?}");
    let summary = fs::read_to_string(folder.path().join("summary.md")).expect("a summary");
    assert_eq!(text(&ended.stdout), summary);
    let record = fs::read_to_string(folder.path().join("out/results.jsonl")).expect("a record");
    for version in ["peer:before", "peer:after"] {
        assert!(
            record.contains(&format!("\"strategy\":\"{version}\"")),
            "{record}"
        );
    }
}

#[test]
fn two_versions_of_a_program_take_turns_and_are_judged() {
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped python3: it is not installed");
        return;
    }
    let folder = tempdir().expect("a folder");
    for version in ["before", "after"] {
        let version = folder.path().join(version);
        fs::create_dir(&version).expect("room");
        fs::copy(
            Path::new(ROOT).join("studies/apps/app.py"),
            version.join("app.py"),
        )
        .expect("room");
    }
    let line = "--output out --blocks 2 before after -- -s reuseport -S bare-keep-alive -d 100ms -w 1 -c 2";
    let mut arguments = vec!["--worker-command", "python3 app.py"];
    arguments.extend(line.split(' '));
    let ended = script(&arguments, folder.path());

    // Two blocks are too few for a conclusion.
    assert_eq!(ended.status.code(), Some(3), "{ended:?}");
    for (number, version) in [("0", "before"), ("1", "after")] {
        let record = folder.path().join("out").join(number).join("results.jsonl");
        let record = fs::read_to_string(record).expect("a record");
        assert!(record.contains(&format!("{version}\"")), "{record}");
        for block in ["\"block\":0", "\"block\":1"] {
            assert!(record.contains(block), "{record}");
        }
    }
}

#[test]
fn wrong_usage_is_told_before_anything_runs() {
    let folder = recipes();
    for (arguments, problem) in [
        (&["peers/before/recipe.toml"][..], "give two recipes"),
        (&["--fast", "a", "b"], "unknown option --fast"),
        (
            &["peers/before/recipe.toml", "peers/before/recipe.toml"],
            "both recipes are named",
        ),
    ] {
        let ended = script(arguments, folder.path());
        assert_eq!(ended.status.code(), Some(2), "{ended:?}");
        assert!(text(&ended.stderr).contains(problem), "{ended:?}");
    }
}
