//! A program of the user in a study and under `evenkeel serve`.

use std::fs;
use std::path::Path;

use crate::program::{record, shell};

const PYTHON: &str = concat!(
    "python3 ",
    env!("CARGO_MANIFEST_DIR"),
    "/studies/apps/app.py"
);

/// Whether this host has Python; a missing one is a skip.
fn has_python() -> bool {
    let found = shell("python3 --version", Path::new("/")).code == Some(0);
    if !found {
        eprintln!("skipped python3: it is not installed");
    }
    found
}

#[test]
fn a_plan_says_what_workers_run_and_which_targets_are_requested() {
    let plan = |options: &str| {
        let line = format!("\"$0\" run --dry-run --worker-command 'node \"my app.js\"' {options}");
        let finished = shell(&line, Path::new("/"));
        assert_eq!(finished.code, Some(0), "{finished:?}");
        finished.out
    };
    let planned = plan("");
    assert!(planned.contains("each runs `node my app.js`"), "{planned}");
    assert!(planned.starts_with("strategies (6):"), "{planned}");
    assert!(planned.contains("scenarios (2):"), "{planned}");
    let instead = "kept, `/` per request (instead of `/spin/50` per request)";
    assert!(planned.contains(instead), "{planned}");
    assert!(
        planned.contains("500ms after 500ms of warm-up"),
        "{planned}"
    );
    let planned = plan("-d 3s");
    assert!(planned.contains("3s after 500ms of warm-up"), "{planned}");
    let planned =
        plan("--target '9 /items?page=2' --target '1 POST /orders {}' -S skewed --rate 50");
    assert!(planned.contains("50 requests/s"), "{planned}");
    assert!(
        planned.contains("`9 /items?page=2` or `1 POST /orders {}` per request (instead of"),
        "{planned}"
    );
    let planned = plan("--target /items --rate 50");
    assert!(planned.contains("scenarios (1):"), "{planned}");
    assert!(planned.contains("kept, `/items` per request;"), "{planned}");
}

#[test]
fn what_does_not_fit_a_program_of_the_user_is_refused_with_what_to_write() {
    for (options, words) in [
        (
            "--worker-health /healthz",
            "add it by `--worker-command 'node app.js'`",
        ),
        (
            "--target /items",
            "for a target of your own program add `--worker-command`",
        ),
        ("--worker-command 'node \"app.js'", "a quote is not closed"),
        ("--worker-command ''", "it names no program"),
        ("--worker-command app --work 30ms", "such as `--target /`"),
        (
            "--worker-command app -S skewed",
            "give `rate_rps` instead (`--rate`)",
        ),
        (
            "--worker-command app --worker-env PORT=80",
            "evenkeel sets this variable",
        ),
        ("--worker-command app --worker-env PORT", "write NAME=VALUE"),
        (
            "--worker-command app --worker-cwd /nowhere",
            "No such file or directory",
        ),
        (
            "--worker-command app --worker-health healthz",
            "such as /healthz",
        ),
        (
            "--worker-command app --executable a=\"$0\"",
            "leave out one of the two",
        ),
    ] {
        let finished = shell(&format!("\"$0\" run --dry-run {options}"), Path::new("/"));
        assert_eq!(finished.code, Some(2), "{options}: {finished:?}");
        assert!(finished.err.contains(words), "{options}: {finished:?}");
    }
}

#[test]
fn a_study_file_describes_the_program_relative_to_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(folder.path().join("mine/app")).expect("room");
    let text = "strategies = ['single']\ntargets = ['/items']\n[worker]\ncommand = 'node app.js'\n\
                args = ['--fast']\ncwd = 'app'\nenv = { NODE_ENV = 'production' }\nsilent = false\n\
                health = '/healthz'\nready_within = '30s'\n";
    fs::write(folder.path().join("mine/study.toml"), text).expect("room");
    let planned = shell(
        "\"$0\" run --study mine/study.toml --dry-run",
        folder.path(),
    );
    assert_eq!(planned.code, Some(0), "{planned:?}");
    assert!(
        planned.out.contains("each runs `node app.js --fast`"),
        "{planned:?}"
    );
    fs::write(
        folder.path().join("mine/study.toml"),
        text.replace("app'\n", "none'\n"),
    )
    .expect("room");
    let refused = shell(
        "\"$0\" run --study mine/study.toml --dry-run",
        folder.path(),
    );
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(
        refused.err.contains("study.toml:6:7: `worker.cwd`"),
        "{refused:?}"
    );
}

#[test]
fn a_study_of_a_program_records_what_is_known_and_skips_what_cannot_serve_it() {
    if !has_python() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let line = format!(
        "\"$0\" run -q -s reuseport,proxy:round-robin,handoff:idle -S keep-alive -b 1 -w 2 -c 4 -d 300ms \
         --worker-command '{PYTHON}' --target / --target /none -o OUT"
    );
    let finished = shell(&line, folder.path());
    let (header, trials) = record(&folder.path().join("OUT"));
    assert_eq!(header["plan"]["worker_command"], PYTHON);
    assert_eq!(trials.len(), 3, "{finished:?}");
    for trial in trials {
        if trial["strategy"] == "handoff:idle" {
            let reason = trial["skipped"].as_str().expect("a reason");
            assert!(
                reason.contains("worker command cannot serve under it"),
                "{reason}"
            );
            assert!(reason.contains("proxy"), "{reason}");
            continue;
        }
        let statuses = trial["statuses"]
            .as_object()
            .unwrap_or_else(|| panic!("{trial}"));
        let known: Vec<&str> = statuses.keys().map(String::as_str).collect();
        assert_eq!(known, ["200", "404"], "{trial}");
        let workers = trial["per_worker"].as_array().expect("workers");
        assert_eq!(workers.len(), 2, "{trial}");
        for worker in workers {
            assert!(worker.get("requests").is_none(), "{trial}");
            assert!(worker.get("connections").is_none(), "{trial}");
        }
    }
}

#[test]
fn serve_refuses_a_strategy_that_no_program_can_serve() {
    let finished = shell(
        "\"$0\" serve -s handoff:idle --worker-command true",
        Path::new("/"),
    );
    assert_eq!(finished.code, Some(1), "{finished:?}");
    assert!(finished.err.contains("SCM_RIGHTS"), "{finished:?}");
    assert!(finished.err.contains("it can under single"), "{finished:?}");
}
