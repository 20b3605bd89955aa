//! `evenkeel gate` on two studies.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{Finished, evenkeel};
use crate::recorded::{PLAIN, Recorded};

const SLOWER: Recorded = Recorded {
    speed: 0.9,
    ..PLAIN
};
const ONE_BLOCK: Recorded = Recorded { blocks: 1, ..PLAIN };

/// Returns a folder with the studies `a` (the baseline) and `b`.
fn folder(a: Recorded, b: Recorded) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    a.write(&folder.path().join("a"));
    b.write(&folder.path().join("b"));
    folder
}

fn gate(folder: &Path, options: &str) -> Finished {
    evenkeel(&format!("gate --baseline a b {options}"), folder)
}

fn write_config(folder: &Path, text: &str) {
    fs::write(folder.join("evenkeel.toml"), text).expect("room");
}

#[test]
fn without_a_regression_the_gate_passes() {
    for better_or_same in [
        PLAIN,
        Recorded {
            speed: 1.1,
            ..PLAIN
        },
    ] {
        let finished = gate(folder(PLAIN, better_or_same).path(), "");
        assert_eq!(finished.code, Some(0), "{finished:?}");
        assert!(
            finished.out.ends_with("No regression shown.\n"),
            "{finished:?}"
        );
        assert_eq!(finished.err, "");
    }
}

#[test]
fn a_regression_ends_with_99_and_is_named() {
    let finished = gate(folder(PLAIN, SLOWER).path(), "");
    assert_eq!(finished.code, Some(99), "{finished:?}");
    assert!(
        finished
            .err
            .contains("throughput of reuseport under short-lived is 0.900 times"),
        "{finished:?}"
    );
    assert!(!finished.err.contains("single"), "{finished:?}");
}

#[test]
fn studies_of_different_load_are_refused() {
    for (edit, refused) in [
        ("connections = 8", true),
        ("summary = \"said in other words\"", false),
    ] {
        let folder = folder(PLAIN, PLAIN);
        PLAIN.write_with(&folder.path().join("b"), |line| {
            if line["type"] == "study" {
                let toml = format!("name = \"short-lived\"\n{edit}\n");
                line["plan"]["scenarios"][0]["toml"] = json!(toml);
            }
        });
        let finished = gate(folder.path(), "");
        assert_eq!(finished.code == Some(2), refused, "{finished:?}");
        assert_eq!(
            finished.err.contains("different load under short-lived"),
            refused
        );
        let compared = evenkeel("compare a b", folder.path());
        assert_eq!(
            compared.out.contains("short-lived differs"),
            refused,
            "{compared:?}"
        );
    }
}

#[test]
fn a_single_block_is_inconclusive() {
    for (a, b) in [(PLAIN, ONE_BLOCK), (ONE_BLOCK, PLAIN), (ONE_BLOCK, SLOWER)] {
        let finished = gate(folder(a, b).path(), "");
        assert_eq!(finished.code, Some(3), "{finished:?}");
        assert!(finished.err.contains("Inconclusive"), "{finished:?}");
    }
}

#[test]
fn results_that_lack_a_strategy_of_the_baseline_are_inconclusive() {
    let invalid = Recorded {
        valid: false,
        ..PLAIN
    };
    assert_eq!(gate(folder(PLAIN, invalid).path(), "").code, Some(3));
    let folder = folder(PLAIN, PLAIN);
    PLAIN.write_with(&folder.path().join("b"), |line| {
        if line["strategy"] == "reuseport" {
            line["valid"] = json!(false);
        }
    });
    let finished = gate(folder.path(), "");
    assert_eq!(finished.code, Some(3), "{finished:?}");
    assert!(
        finished.out.contains("a valid trial of reuseport"),
        "{finished:?}"
    );
}

#[test]
fn the_summary_is_markdown_and_is_written_with_a_page_for_every_outcome() {
    for (candidate, code, words) in [
        (PLAIN, 0, "✅ evenkeel: No regression shown"),
        (
            SLOWER,
            99,
            "❌ evenkeel: Regression shown: throughput of reuseport",
        ),
        (ONE_BLOCK, 3, "❔ evenkeel: Inconclusive"),
    ] {
        let folder = folder(PLAIN, candidate);
        let files = "--summary summary.md --html page.html";
        let finished = gate(folder.path(), &format!("{files} --format markdown"));
        let page = fs::read_to_string(folder.path().join("page.html")).expect("a page");
        assert!(page.starts_with("<!DOCTYPE html>"), "{page}");
        assert_eq!(finished.code, Some(code), "{finished:?}");
        let summary = fs::read_to_string(folder.path().join("summary.md")).expect("a summary");
        assert!(summary.starts_with(&format!("## {words}")), "{summary}");
        assert_eq!(finished.out, summary);
    }
}

#[test]
fn the_json_has_the_outcome() {
    let finished = gate(folder(PLAIN, SLOWER).path(), "--format json");
    let read: Value = serde_json::from_str(&finished.out).expect("JSON");
    assert_eq!(read["outcome"], "regression");
}

#[test]
fn margins_come_from_the_file_in_the_current_folder_unless_the_command_line_has_them() {
    let folder = folder(PLAIN, SLOWER);
    write_config(folder.path(), "[gate]\nmargin = \"15%\"\n");
    assert_eq!(gate(folder.path(), "").code, Some(0));
    assert_eq!(gate(folder.path(), "--margin 2%").code, Some(99));
    fs::rename(
        folder.path().join("evenkeel.toml"),
        folder.path().join("c.toml"),
    )
    .expect("room");
    assert_eq!(gate(folder.path(), "").code, Some(99));
    assert_eq!(gate(folder.path(), "--config c.toml").code, Some(0));
}

#[test]
fn the_configuration_in_the_repository_states_the_defaults() {
    let folder = folder(PLAIN, SLOWER);
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/evenkeel.toml");
    let neutral = fs::read_to_string(shipped).expect("a configuration");
    let line_by_line = neutral.lines();
    // `#key` and `#[table]` are settings, `# Words` are comments.
    let is_setting = |line: &str| line.starts_with(|c: char| c == '[' || c.is_ascii_lowercase());
    let settings: Vec<_> = line_by_line
        .filter_map(|line| line.strip_prefix('#').filter(|line| is_setting(line)))
        .collect();
    let (defaults, exceptions) = settings.split_at(
        settings
            .iter()
            .position(|line| line.starts_with("[["))
            .expect("an exception"),
    );
    let outcome = |text: &str| {
        write_config(folder.path(), text);
        gate(folder.path(), "--format json")
    };
    let without = outcome("");
    assert_eq!(without.code, Some(99), "{without:?}");
    for text in [neutral.clone(), format!("[gate]\n{}", defaults.join("\n"))] {
        assert_eq!(outcome(&text).out, without.out, "{text}");
    }
    let read = outcome(&exceptions.join("\n"));
    assert_eq!(
        read.code,
        Some(99),
        "it is valid, and throughput is compared: {read:?}"
    );
}

#[test]
fn an_exception_applies_to_its_metric_and_scenario_and_the_last_one_counts() {
    let folder = folder(PLAIN, SLOWER);
    let except = |fields: &str| format!("[[gate.except]]\n{fields}\n");
    let wide = "metric = \"throughput\"\nmargin = \"15%\"";
    for (text, code) in [
        (except(wide), 0),
        (except("metric = \"throughput\"\ncompare = false"), 0),
        (except("metric = \"p99.9\"\ncompare = false"), 99),
        (except("scenario = \"short-lived\"\nmargin = \"15%\""), 0),
        (except("scenario = \"skewed\"\nmargin = \"15%\""), 99),
        (
            except(wide) + &except("scenario = \"short-lived\"\nmargin = \"2%\""),
            99,
        ),
    ] {
        write_config(folder.path(), &text);
        let finished = gate(folder.path(), "");
        assert_eq!(finished.code, Some(code), "{text}{finished:?}");
        let warned = finished
            .err
            .contains("scenario `skewed`, which the baseline does not have");
        assert_eq!(warned, text.contains("skewed"), "{finished:?}");
    }
}

#[test]
fn a_wrong_configuration_is_refused_with_file_line_and_key() {
    let folder = folder(PLAIN, PLAIN);
    for (text, words) in [
        (
            "[gate]\nmargn = \"2%\"\n",
            "evenkeel.toml:2:1: unknown field `margn`",
        ),
        (
            "[gate]\nmargin = \"2\"\n",
            "evenkeel.toml:2:10: `margin`: `2` is not a share",
        ),
        (
            "[gate]\n\nmargin = 2\n",
            "evenkeel.toml:3:10: `margin`: invalid type",
        ),
        ("[gates]\n", "evenkeel.toml:1:2: unknown field `gates`"),
        (
            "[[gate.except]]\nmetric = \"p98\"\n",
            "evenkeel.toml:2:10: `metric`: unknown metric `p98`",
        ),
        (
            "[[gate.except]]\nmargin = \"2%\"\n",
            "evenkeel.toml:1:1: an exception needs a `scenario`",
        ),
        (
            "[[gate.except]]\nmetric = \"p99\"\n",
            "evenkeel.toml:1:1: an exception needs a `margin`, a `require`",
        ),
        (
            "[[gate.except]]\nmetric = \"p99\"\ncompare = false\nrequire = true\n",
            "evenkeel.toml:1:1: an exception needs a `margin`, a `require`",
        ),
        (
            "[gate]\nmargin = \"5%\"\nrule_out = \"5%\"\n",
            "evenkeel.toml:3:12: a regression of 5% cannot be ruled out",
        ),
        (
            "[gate]\nmargin = \"5%\"\nrule_out = \"5%\"\n",
            "let `--rule-out` be larger than `--margin`",
        ),
        ("no toml", "evenkeel.toml:1:4: "),
    ] {
        write_config(folder.path(), text);
        let finished = gate(folder.path(), "");
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
    let finished = gate(folder.path(), "--config none.toml");
    assert_eq!(finished.code, Some(2), "{finished:?}");
}
