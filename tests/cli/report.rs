//! `evenkeel report`.

use std::collections::BTreeSet;

use crate::program::evenkeel;
use crate::recorded::RECORD;

#[test]
fn charts_are_written_as_svg_and_png_next_to_the_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let finished = evenkeel(&format!("report {RECORD} --charts a/b"), folder.path());
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert!(
        finished.out.contains("reuseport"),
        "the report itself: {finished:?}"
    );
    let files = std::fs::read_dir(folder.path().join("a/b")).expect("a folder");
    let files: BTreeSet<_> = files
        .map(|file| file.expect("a file").file_name().into_string())
        .collect();
    for name in ["skewed-latency.svg", "skewed-latency.png"] {
        assert!(files.contains(&Ok(name.to_owned())), "{name} in {files:?}");
    }
}

#[test]
fn a_page_is_written_next_to_the_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let finished = evenkeel(&format!("report {RECORD} --html page.html"), folder.path());
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert!(finished.out.contains("reuseport"), "{finished:?}");
    let page = std::fs::read_to_string(folder.path().join("page.html")).expect("a page");
    let whole = evenkeel(&format!("report {RECORD} --format html"), folder.path());
    assert_eq!(page, whole.out);
}

#[test]
fn the_ratios_of_a_page_use_the_requested_baseline() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = format!("report {RECORD} --format html --baseline");
    let finished = evenkeel(&format!("{line} reuseport"), folder.path());
    assert_eq!(finished.code, Some(0), "{finished:?}");
    let first = finished.out.split("<option>").nth(1).expect("a choice");
    assert!(first.starts_with("reuseport<"), "{first}");
    let finished = evenkeel(&format!("{line} nobody"), folder.path());
    assert_eq!(
        (finished.code, finished.out.as_str()),
        (Some(2), ""),
        "{finished:?}"
    );
    assert!(
        finished.err.contains("give --baseline one of single"),
        "{finished:?}"
    );
}

#[test]
fn a_file_in_the_place_of_the_chart_folder_is_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("taken"), "").expect("room");
    let finished = evenkeel(&format!("report {RECORD} --charts taken"), folder.path());
    assert_eq!(finished.code, Some(2), "{finished:?}");
    assert!(
        finished.err.contains("give --charts another folder"),
        "{finished:?}"
    );
}

#[test]
fn the_two_files_for_github_action_benchmark_go_to_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = format!("report {RECORD} --format github-action-benchmark");
    let finished = evenkeel(&line, folder.path());
    assert_eq!(
        (finished.code, finished.out.as_str()),
        (Some(2), ""),
        "{finished:?}"
    );
    assert!(
        finished.err.contains("give the folder for them with -o"),
        "{finished:?}"
    );
    let finished = evenkeel(&format!("{line} -o a/b"), folder.path());
    assert_eq!(
        (finished.code, finished.out.as_str()),
        (Some(0), ""),
        "{finished:?}"
    );
    for name in ["customBiggerIsBetter.json", "customSmallerIsBetter.json"] {
        let text = std::fs::read_to_string(folder.path().join("a/b").join(name)).expect(name);
        let read: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        assert!(
            read.as_array().is_some_and(|entries| !entries.is_empty()),
            "{name}"
        );
    }
}

#[test]
fn formats_for_other_programs_are_printed_or_written_to_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    for (format, start) in [
        ("benchstat", "goos: "),
        ("bmf", "{"),
        ("junit", "<?xml "),
        ("openmetrics", "# TYPE "),
    ] {
        let line = format!("report {RECORD} --format {format}");
        let finished = evenkeel(&line, folder.path());
        assert!(
            finished.code == Some(0) && finished.out.starts_with(start),
            "{finished:?}"
        );
        evenkeel(&format!("{line} -o out"), folder.path());
        let written = std::fs::read_to_string(folder.path().join("out")).expect("a file");
        assert_eq!(written, finished.out);
    }
}
