//! Studies with several executables.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::program::{EVENKEEL, Finished, evenkeel, record};

const SHORT: &str =
    "-s single -s reuseport -S bare-keep-alive -d 100ms --warmup 20ms -b 2 -w 2 -c 4";

/// Runs a small study of the program under test as `new`, and of the executable `old` in the
/// folder.
fn study(folder: &Path, options: &str) -> Finished {
    let executables = format!("--executable old=old --executable new={EVENKEEL}");
    evenkeel(&format!("run -q {executables} {SHORT} {options}"), folder)
}

/// Makes an executable `old` of a shell script in which `"$evenkeel" "$@"` is the program.
fn write_old(folder: &Path, script: &str) {
    let old = folder.join("old");
    fs::write(&old, format!("#!/bin/sh\nevenkeel={EVENKEEL}\n{script}\n")).expect("room");
    fs::set_permissions(old, fs::Permissions::from_mode(0o755)).expect("ours");
}

/// A build that behaves like this program but has other bytes.
const SAME: &str = "exec \"$evenkeel\" \"$@\"";

#[test]
fn every_strategy_is_served_by_each_build_in_every_block() {
    let folder = tempfile::tempdir().expect("a folder");
    write_old(folder.path(), SAME);
    study(folder.path(), "-o OUT").assert_measured();
    let (header, trials) = record(&folder.path().join("OUT"));
    for block in 0..2 {
        let here = trials.iter().filter(|trial| trial["block"] == block);
        let mut keys: Vec<_> = here
            .filter_map(|trial| trial["strategy"].as_str())
            .collect();
        keys.sort_unstable();
        assert_eq!(
            keys,
            ["reuseport@new", "reuseport@old", "single@new", "single@old"]
        );
    }
    let executables = header["plan"]["executables"].as_array().expect("a list");
    let labels: Vec<_> = executables.iter().map(|build| &build["label"]).collect();
    assert_eq!(
        labels,
        ["old", "new"],
        "in the order in which they were given"
    );
    assert_ne!(executables[0]["sha256"], executables[1]["sha256"]);
    assert_eq!(
        executables[1]["sha256"], header["sha256"],
        "new is the program itself"
    );
    let finished = evenkeel("compare OUT", folder.path());
    assert!(finished.out.contains("A: old (evenkeel"), "{finished:?}");
}

#[test]
fn a_strategy_that_a_build_does_not_know_is_a_recorded_skip() {
    let folder = tempfile::tempdir().expect("a folder");
    let list = "echo '{\"strategies\":[{\"key\":\"single\"}]}'; exit";
    write_old(
        folder.path(),
        &format!("[ \"$1\" = list ] && {{ {list}; }}\n{SAME}"),
    );
    study(folder.path(), "-o OUT");
    let (_, trials) = record(&folder.path().join("OUT"));
    let skipped: Vec<_> = trials
        .iter()
        .filter(|trial| trial["skipped"].is_string())
        .collect();
    assert_eq!(skipped.len(), 2, "{trials:?}");
    for trial in skipped {
        assert_eq!(trial["strategy"], "reuseport@old");
        let reason = trial["skipped"].as_str().expect("a reason");
        assert!(reason.contains("does not know reuseport"), "{reason}");
    }
}

#[test]
fn an_executable_that_cannot_serve_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    for (script, words) in [
        ("echo something else", "does not name evenkeel"),
        ("exit 7", "run with `--version`, it ended with exit code 7"),
        (
            "echo evenkeel 0.0.1",
            "`list --format json` cannot be parsed",
        ),
        (
            "[ \"$1\" = worker ] && exit 5\nexec \"$evenkeel\" \"$@\"",
            "do not accept the configuration of this version",
        ),
    ] {
        write_old(folder.path(), script);
        let finished = study(folder.path(), "-o OUT");
        assert_eq!(
            (finished.code, finished.out.as_str()),
            (Some(2), ""),
            "{finished:?}"
        );
        assert!(finished.err.contains("`--executable old="), "{finished:?}");
        assert!(
            finished.err.contains(words),
            "{words} is missing in {finished:?}"
        );
        assert_eq!(finished.err.trim_end().lines().count(), 1, "{finished:?}");
        assert!(!folder.path().join("OUT").exists());
    }
}

#[test]
fn a_study_resumes_only_with_the_executables_that_it_started_with() {
    let folder = tempfile::tempdir().expect("a folder");
    write_old(folder.path(), SAME);
    study(folder.path(), "-o OUT").assert_measured();
    let path = folder.path().join("OUT/results.jsonl");
    let whole = fs::read_to_string(&path).expect("a record");
    let cut: String = whole.split_inclusive('\n').take(1 + 3).collect();
    fs::write(&path, &cut).expect("room");
    write_old(folder.path(), &format!("# rebuilt\n{SAME}"));
    let finished = evenkeel("run -q --resume OUT", folder.path());
    assert_eq!(finished.code, Some(2), "{finished:?}");
    assert!(
        finished
            .err
            .contains("not the executable with which this study began"),
        "{finished:?}"
    );
    assert_eq!(fs::read_to_string(&path).expect("a record"), cut);
    write_old(folder.path(), SAME);
    evenkeel("run -q --resume OUT", folder.path()).assert_measured();
    let (_, trials) = record(&folder.path().join("OUT"));
    assert_eq!(trials.len(), 8);
}

#[test]
fn a_study_file_may_name_executables_relative_to_its_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let sub = folder.path().join("sub");
    fs::create_dir(&sub).expect("room");
    write_old(&sub, SAME);
    let text = format!("executables = ['old=old', 'new={EVENKEEL}']\nstrategies = ['single']\n");
    fs::write(sub.join("mine.toml"), text).expect("room");
    let finished = evenkeel("run --study sub/mine.toml --dry-run", folder.path());
    assert_eq!(finished.code, Some(0), "{finished:?}");
    for words in [
        "single@old ",
        "single@new ",
        "executables (2):",
        "sub/old\n",
    ] {
        assert!(
            finished.out.contains(words),
            "{words} is missing in {finished:?}"
        );
    }
}

#[test]
fn labels_must_differ_and_an_aa_study_has_no_builds() {
    let folder = tempfile::tempdir().expect("a folder");
    let new = format!("--executable new={EVENKEEL}");
    for (line, words) in [
        (
            format!("{new} {new}"),
            "gives the label `new` to two executables",
        ),
        (format!("{new} --aa"), "cannot be combined"),
        ("--executable new".to_owned(), "`new` is not LABEL=PATH"),
        ("--executable a/b=c".to_owned(), "`a/b=c` is not LABEL=PATH"),
        ("--executable a=nowhere".to_owned(), "it cannot be found"),
        ("--executable a=/".to_owned(), "it is not a file"),
        ("--executable a=/dev/null".to_owned(), "it is not a file"),
    ] {
        let finished = evenkeel(&format!("run --dry-run {line}"), folder.path());
        assert_eq!(
            (finished.code, finished.out.as_str()),
            (Some(2), ""),
            "{finished:?}"
        );
        assert!(
            finished.err.contains(words),
            "{words} is missing in {finished:?}"
        );
    }
}

#[test]
fn two_labels_of_one_executable_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::copy(EVENKEEL, folder.path().join("copy")).expect("room");
    let run = |path: &str| {
        let line = format!("run --dry-run --executable a={EVENKEEL} --executable b={path}");
        evenkeel(&line, folder.path())
    };
    let finished = run("copy");
    assert_eq!(
        (finished.code, finished.out.as_str()),
        (Some(2), ""),
        "{finished:?}"
    );
    assert!(
        finished.err.contains("`a` and `b` are the same executable"),
        "{finished:?}"
    );
    write_old(folder.path(), SAME);
    assert_eq!(run("old").code, Some(0), "other bytes, another build");
}

#[test]
fn a_study_whose_trials_are_all_skipped_ends_with_3() {
    let folder = tempfile::tempdir().expect("a folder");
    let list = "echo '{\"strategies\":[]}'; exit";
    write_old(
        folder.path(),
        &format!("[ \"$1\" = list ] && {{ {list}; }}\n{SAME}"),
    );
    let finished = evenkeel(
        &format!("run -q --executable old=old {SHORT} -o OUT"),
        folder.path(),
    );
    assert_eq!(finished.code, Some(3), "{finished:?}");
    assert!(
        finished
            .err
            .contains("nothing was measured: 4 trials skipped"),
        "{finished:?}"
    );
}
