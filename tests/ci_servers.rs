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
