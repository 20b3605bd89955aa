//! Peers: other systems, described by recipes of the user.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::processes::{eventually, is_alive};
use crate::program::{EVENKEEL, Finished, end_of, evenkeel, record, shell, signal, start};
use crate::served::serve_for_programs;

/// A peer that is a script in the folder of its recipe.
const RECIPE: &str = r#"
summary = "a system of a test"
kind = "balancer"
layer = "requests"
chooser = "nobody"
counterparts = ["single"]
start = [{ command = ["{{ programs['test-server'] }}", "{{ port }}"] }]

[[needs]]
program = "test-server"
version = ["--version"]
known = ">=2, <3"
get = "ask the author of the test"

[variants.other]
summary = "the same otherwise"
"#;

const STUDY: &str = "-q -S bare-keep-alive -d 200ms --warmup 20ms -b 1 -w 2 -c 4 -o OUT";

/// Returns a folder with a recipe `mine.toml`.
fn with_recipe(recipe: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("mine.toml"), recipe).expect("room");
    folder
}

/// Installs a program that reports this version into `.peers`.
fn install(folder: &Path, version: &str) {
    install_script(folder, &format!("echo test-server/{version}"));
}

fn install_script(folder: &Path, script: &str) {
    let programs = folder.join(".peers/bin");
    fs::create_dir_all(&programs).expect("room");
    let program = programs.join("test-server");
    fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("room");
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).expect("ours");
}

fn assert_refused(finished: &Finished, words: &str) {
    assert_eq!(
        (finished.code, finished.out.as_str()),
        (Some(2), ""),
        "{finished:?}"
    );
    assert!(
        finished.err.contains(words),
        "{words} is missing in {finished:?}"
    );
    assert_eq!(finished.err.trim_end().lines().count(), 1, "{finished:?}");
}

#[test]
fn every_command_refuses_an_invalid_recipe_with_file_line_and_key() {
    let folder = with_recipe(&RECIPE.replace("{{ port }}", "{{ prot }}"));
    for line in ["run -o OUT", "serve", "list", "doctor"] {
        let finished = evenkeel(&format!("{line} --peer mine.toml"), folder.path());
        assert_refused(
            &finished,
            "mine.toml:7:56: `start.0.command.1`: unknown variable `prot`",
        );
        let finished = evenkeel(&format!("{line} --peer absent.toml"), folder.path());
        assert_refused(&finished, "absent.toml cannot be read");
    }
    assert!(!folder.path().join("OUT").exists());
}

#[test]
fn a_recipe_takes_part_next_to_the_core_or_the_given_strategies() {
    let folder = with_recipe(RECIPE);
    let taking_part = |options: &str| {
        let finished = evenkeel(&format!("run --dry-run {options}"), folder.path());
        let keys = finished.out.lines().skip(1);
        let keys = keys.take_while(|line| line.starts_with("  "));
        let keys = keys.filter_map(|line| line.split_whitespace().next());
        keys.map(str::to_owned).collect::<Vec<_>>()
    };
    let beside_the_core = taking_part("--peer mine.toml");
    assert!(beside_the_core.len() > 5, "{beside_the_core:?}");
    assert_eq!(
        beside_the_core.last().map(String::as_str),
        Some("peer:mine")
    );
    for (names, expected) in [
        ("-s single", ["single", "peer:mine"]),
        (
            "-s single -s peer:mine:other",
            ["single", "peer:mine:other"],
        ),
        ("-s peer:mine:*", ["peer:mine", "peer:mine:other"]),
    ] {
        let keys = taking_part(&format!("{names} --peer mine.toml"));
        assert_eq!(keys, expected, "{names}");
    }
}

#[test]
fn a_study_of_a_recipe_whose_path_is_not_utf_8_is_resumed() {
    let folder = with_recipe(RECIPE);
    let line = format!(
        "D=$(printf 'd\\377'); mkdir $D && mv mine.toml $D; \"$0\" run -s single --peer $D/mine.toml {STUDY}"
    );
    let finished = shell(&line, folder.path());
    assert!(matches!(finished.code, Some(0 | 3)), "{finished:?}");
    let finished = evenkeel("run --resume OUT --dry-run", folder.path());
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert!(finished.out.contains("peer:mine"), "{finished:?}");
}

#[test]
fn a_study_file_names_recipes_relative_to_its_folder() {
    let folder = with_recipe(RECIPE);
    fs::write(
        folder.path().join("study.toml"),
        "strategies = ['single']\npeers = ['mine.toml']",
    )
    .expect("room");
    let elsewhere = tempfile::tempdir().expect("a folder");
    let study = folder.path().join("study.toml");
    let line = format!("run --dry-run --study {}", study.display());
    let finished = evenkeel(&line, elsewhere.path());
    assert!(finished.out.contains("a system of a test"), "{finished:?}");
}

#[test]
fn duplicate_and_unknown_names_are_refused() {
    let folder = with_recipe(RECIPE);
    let finished = evenkeel("run --peer mine.toml --peer ./mine.toml", folder.path());
    assert_refused(
        &finished,
        "would be `peer:mine`, but a strategy with this key exists",
    );
    let finished = evenkeel("run --peer mine.toml -s peer:mine:othre", folder.path());
    assert_refused(&finished, "did you mean `peer:mine:other`?");
    fs::rename(
        folder.path().join("mine.toml"),
        folder.path().join("a:b.toml"),
    )
    .expect("ours");
    let finished = evenkeel("run --peer a:b.toml", folder.path());
    assert_refused(&finished, "would be the peer `a:b`");
}

#[test]
fn builds_of_evenkeel_do_not_serve_peers() {
    let folder = with_recipe(RECIPE);
    let line = "exec \"$0\" run --executable one=\"$0\" --peer mine.toml";
    assert_refused(&shell(line, folder.path()), "peer:mine is another system");
}

#[test]
fn doctor_lists_versions_and_how_to_install_what_is_missing() {
    let folder = with_recipe(RECIPE);
    let doctor = |folder: &Path| {
        let finished = evenkeel("doctor --peer mine.toml --format json", folder);
        assert_eq!(finished.code, Some(0), "{finished:?}");
        let peers: Vec<Value> = serde_json::from_str(&finished.out).expect("JSON");
        let mine = peers.into_iter().find(|peer| peer["peer"] == "peer:mine");
        mine.expect("it is among them, without its variants")
    };
    let missing = doctor(folder.path());
    assert_eq!(missing["ready"], false);
    assert_eq!(missing["problem"], "`test-server` is not installed");
    assert_eq!(missing["get"], "ask the author of the test");
    install(folder.path(), "1.9.3");
    let old = doctor(folder.path());
    let problem = old["problem"].as_str().expect("a sentence");
    assert!(
        problem.contains("is test-server 1.9.3; the versions"),
        "{old}"
    );
    install(folder.path(), "2.4");
    let ready = doctor(folder.path());
    assert_eq!(ready["ready"], true);
    assert_eq!(ready["versions"]["test-server"], "2.4.0");
}

#[test]
fn a_program_that_does_not_report_its_version_ends_with_doctor() {
    let folder = with_recipe(RECIPE);
    let asked = folder.path().join("asked");
    let script = format!(
        "echo $$ > {0}.new; mv {0}.new {0}; exec sleep 600",
        asked.display()
    );
    install_script(folder.path(), &script);
    let doctor = start("doctor --peer mine.toml", folder.path());
    eventually("doctor runs the program", || asked.exists());
    let pid = fs::read_to_string(&asked).expect("it is there");
    let pid = pid.trim().parse().expect("a number");
    assert!(is_alive(pid));
    signal(&doctor, Signal::SIGKILL);
    end_of(doctor);
    eventually("it has ended", || !is_alive(pid));
}

#[test]
fn doctor_lists_every_built_in_peer() {
    let folder = tempfile::tempdir().expect("a folder");
    let finished = evenkeel("doctor --peers", folder.path());
    assert_eq!((finished.code, finished.err.as_str()), (Some(0), ""));
    for line in finished.out.lines().filter(|line| line.contains("peer:")) {
        assert!(
            line.starts_with("ready ") || line.starts_with("MISSING "),
            "{line}"
        );
    }
    let missing = finished.out.matches("MISSING ").count();
    assert_eq!(finished.out.matches("→ ").count(), missing, "{finished:?}");
}

#[test]
fn list_shows_a_recipe_and_its_unmet_requirement() {
    let folder = with_recipe(RECIPE);
    for options in ["", " --long", " --format json"] {
        let finished = evenkeel(&format!("list --peer mine.toml{options}"), folder.path());
        assert_eq!((finished.code, finished.err.as_str()), (Some(0), ""));
        // Long lines are wrapped.
        let out: Vec<&str> = finished.out.split_whitespace().collect();
        let out = out.join(" ");
        for words in [
            "peer:mine:other",
            "a system of a test",
            "`test-server` is not installed",
        ] {
            assert!(out.contains(words), "{words} is missing in {finished:?}");
        }
    }
}

#[test]
fn a_peer_that_is_not_installed_is_a_recorded_skip_also_on_resume() {
    let folder = with_recipe(RECIPE);
    evenkeel(
        &format!("run -s single --peer mine.toml {STUDY}"),
        folder.path(),
    )
    .assert_measured();
    let path = folder.path().join("OUT/results.jsonl");
    let whole = fs::read_to_string(&path).expect("a record");
    let header = whole.lines().next().expect("a header");
    fs::write(&path, format!("{header}\n")).expect("room");
    let elsewhere = tempfile::tempdir().expect("a folder");
    let line = format!("run -q --resume {}/OUT", folder.path().display());
    evenkeel(&line, elsewhere.path()).assert_measured();

    let (header, trials) = record(&folder.path().join("OUT"));
    assert_eq!(header["plan"]["strategies"][1]["counterparts"][0], "single");
    let of_mine = trials.iter().find(|trial| trial["strategy"] == "peer:mine");
    let reason = of_mine.expect("a trial")["skipped"]
        .as_str()
        .expect("a reason");
    assert!(
        reason.ends_with("to get it: ask the author of the test"),
        "{reason}"
    );
}

/// Returns a folder with a recipe whose peer is evenkeel itself.
fn evenkeel_as_a_peer() -> tempfile::TempDir {
    with_recipe(&format!(
        "summary = 'a server'\nkind = 'server'\nlayer = 'connections'\nchooser = 'its dispatcher'\n\
         serves = ['/']\nworkers = {{ named = 'evenkeel worker {{' }}\n[[start]]\n\
         command = ['{EVENKEEL}', 'serve', '-s', 'handoff:idle', '-w', '2', '--listen', '{{{{ address }}}}']\n"
    ))
}

#[test]
fn the_record_describes_a_peer_and_its_differences() {
    let folder = evenkeel_as_a_peer();
    // Long enough for answers on a machine that is busy with all other tests.
    let study = STUDY.replace("200ms", "2s");
    let line = format!("run -s peer:mine --peer mine.toml -S keep-alive {study}");
    let finished = evenkeel(&line, folder.path());
    assert_eq!(finished.code, Some(3), "{finished:?}");
    let (_, trials) = record(&folder.path().join("OUT"));
    let under = |scenario| trials.iter().find(|trial| trial["scenario"] == scenario);
    let skipped = under("keep-alive").expect("a trial")["skipped"].as_str();
    let reason =
        "its own application does not serve `/spin/50`, which this scenario requests, only `/`;";
    assert!(
        skipped.is_some_and(|it| it.starts_with(reason)),
        "{skipped:?}"
    );

    let trial = under("bare-keep-alive").expect("a trial");
    let commands = trial["peer"]["configuration"].as_object().expect("files");
    assert!(
        commands
            .values()
            .any(|text| text.to_string().contains("handoff:idle"))
    );
    // Its workers report their numbers; workers of other peers report their PIDs.
    let differs = trial["peer"]["differs"][0].as_str().expect("a sentence");
    assert!(differs.contains("name none of its workers"), "{differs}");
    let invalid = &trial["invalid_because"][0].as_str().expect("a reason");
    assert!(
        invalid.contains("a worker that the fleet does not have"),
        "{invalid}"
    );
    assert_eq!(trial["per_worker"].as_array().map(Vec::len), Some(2));
    assert_eq!(trial["per_worker"][0].get("connections"), None);
}

#[test]
fn a_peer_of_the_user_is_served_like_a_strategy() {
    let folder = evenkeel_as_a_peer();
    let recipe = folder.path().join("mine.toml");
    let (served, description) =
        serve_for_programs(&format!("peer:mine --peer {}", recipe.display()));
    assert_eq!(description["strategy"], "peer:mine");
    assert_eq!(description["workers"], 2);
    let load = format!("load {} -n 20 -c 2 -d 30s --format json", served.url);
    let finished = evenkeel(&load, folder.path());
    let answers: Value = serde_json::from_str(&finished.out).expect("JSON");
    assert_eq!(answers["requests"], 20, "{finished:?}");
}

#[test]
fn a_peer_that_is_not_installed_cannot_be_served() {
    let folder = with_recipe(RECIPE);
    let finished = evenkeel("serve --peer mine.toml", folder.path());
    assert_eq!(
        (finished.code, finished.out.as_str()),
        (Some(1), ""),
        "{finished:?}"
    );
    assert!(
        finished.err.contains("`test-server` is not installed"),
        "{finished:?}"
    );
    let finished = evenkeel("serve --peer mine.toml --accept-proxy", folder.path());
    assert_refused(
        &finished,
        "`--accept-proxy` is for evenkeel's own strategies",
    );
}
