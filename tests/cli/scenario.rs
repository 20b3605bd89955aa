//! Scenarios without writing a file: `evenkeel scenario new`, `run --work`, and lists.

use std::fs;
use std::path::Path;

use crate::program::{evenkeel, record};

/// Options of the shortest study of one strategy.
const SHORT: &str = "-q -s single -d 200ms --warmup 20ms -b 1 -w 2 -o OUT";

#[test]
fn a_new_scenario_is_run_under_the_name_of_its_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let finished = evenkeel("scenario new checkout.toml", folder.path());
    assert_eq!(
        (finished.code, finished.out.as_str()),
        (Some(0), ""),
        "{finished:?}"
    );
    assert!(
        finished.err.contains("`evenkeel run -S checkout.toml`"),
        "{finished:?}"
    );
    evenkeel(&format!("run -S checkout.toml {SHORT}"), folder.path()).assert_measured();
    let (header, trials) = record(&folder.path().join("OUT"));
    assert_eq!(header["plan"]["scenarios"][0]["name"], "checkout");
    assert_eq!(
        (trials.len(), &trials[0]["scenario"]),
        (1, &"checkout".into())
    );
}

#[test]
fn every_key_that_a_new_scenario_explains_can_be_used() {
    let folder = tempfile::tempdir().expect("a folder");
    evenkeel("scenario new mine.toml", folder.path());
    let path = folder.path().join("mine.toml");
    let text = fs::read_to_string(&path).expect("a file");
    let begins_with_key = |line: &str| line.starts_with(|first: char| first.is_ascii_lowercase());
    let in_force = text.lines().map(|line| match line.strip_prefix('#') {
        Some(key) if begins_with_key(key) => key,
        _ => line,
    });
    let text: Vec<&str> = in_force.collect();
    let text = text
        .join("\n")
        .replace("loop = \"closed\"", "loop = \"open\"");
    for key in [
        "arrivals",
        "utilization",
        "requests_per_connection",
        "send_proxy",
        "duration",
        "warmup",
    ] {
        assert!(text.contains(&format!("\n{key} = ")), "{key}");
    }
    fs::write(&path, text.replace("work = \"spin", "work = \"block")).expect("room");
    let finished = evenkeel("run -s single -S mine.toml --dry-run", folder.path());
    assert_eq!(finished.code, Some(0), "{finished:?}");
}

#[test]
fn a_new_scenario_replaces_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("mine.toml"), "mine").expect("room");
    for (file, words) in [
        ("mine.toml", "stays as it is"),
        ("no/such.toml", "cannot be created"),
    ] {
        let finished = evenkeel(&format!("scenario new {file}"), folder.path());
        assert_eq!(finished.code, Some(2), "{finished:?}");
        assert!(finished.err.contains(words), "{finished:?}");
    }
    let left = fs::read_to_string(folder.path().join("mine.toml")).expect("a file");
    assert_eq!(left, "mine");
}

#[test]
fn work_and_connections_make_a_scenario_without_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = "run -s single --work 30ms --workers 12 -c 200 -d 1s -b 1 -q -o OUT";
    evenkeel(line, folder.path()).assert_measured();
    let (header, _) = record(&folder.path().join("OUT"));
    let scenario = &header["plan"]["scenarios"][0];
    assert_eq!(
        (&scenario["name"], &scenario["loop_kind"]),
        (&"custom".into(), &"closed".into())
    );
    let toml = scenario["toml"].as_str().expect("a text");
    for line in ["connections = 200\n", "work = \"block:30ms\"\n"] {
        assert!(toml.contains(line), "{toml}");
    }
    let resumed = evenkeel("run --resume OUT --dry-run", folder.path());
    assert_eq!(resumed.code, Some(0), "{resumed:?}");
}

#[test]
fn work_with_a_rate_is_an_open_loop_and_other_scenarios_exclude_it() {
    let planned = |options: &str| {
        evenkeel(
            &format!("run --dry-run -s single {options}"),
            Path::new("/"),
        )
    };
    let open = planned("--work /spin/50 --rate 300");
    assert_eq!(open.code, Some(0), "{open:?}");
    assert!(
        open.out.contains("Poisson arrivals at 300 requests/s"),
        "{open:?}"
    );
    let both = planned("--work 30ms -S skewed");
    assert_eq!(both.code, Some(2), "{both:?}");
    let wrong = planned("--work 30");
    assert!(
        wrong.err.contains("such as 30ms (the same as block:30ms)"),
        "{wrong:?}"
    );
}

#[test]
fn strategies_and_scenarios_are_also_given_with_commas() {
    let planned = |options: &str| {
        let finished = evenkeel(&format!("run --dry-run {options}"), Path::new("/"));
        assert_eq!(finished.code, Some(0), "{finished:?}");
        finished.out
    };
    let lists = planned("-s handoff,reuseport -S keep-alive,skewed");
    assert_eq!(
        lists,
        planned("-s handoff -s reuseport -S keep-alive -S skewed")
    );
    // A mechanism stands for all its policies.
    for key in ["handoff:idle", "handoff:random", "reuseport"] {
        assert!(lists.contains(key), "{lists}");
    }
}
