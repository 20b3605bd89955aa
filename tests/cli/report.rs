//! `evenkeel report`.

use std::collections::BTreeSet;

use crate::program::evenkeel;
use crate::recorded::RECORD;

#[test]
fn charts_are_written_as_svg_and_png_next_to_the_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = evenkeel(&format!("report {RECORD} --charts a/b"), folder.path());
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        said.out.contains("reuseport"),
        "the report itself: {said:?}"
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
fn the_ratios_of_a_page_use_the_requested_baseline() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = format!("report {RECORD} --format html --baseline");
    let said = evenkeel(&format!("{line} reuseport"), folder.path());
    assert_eq!(said.code, Some(0), "{said:?}");
    let first = said.out.split("<option>").nth(1).expect("a choice");
    assert!(first.starts_with("reuseport<"), "{first}");
    let said = evenkeel(&format!("{line} nobody"), folder.path());
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{said:?}");
    assert!(
        said.err.contains("give --baseline one of single"),
        "{said:?}"
    );
}

#[test]
fn a_file_in_the_place_of_the_chart_folder_is_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("taken"), "").expect("room");
    let said = evenkeel(&format!("report {RECORD} --charts taken"), folder.path());
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(
        said.err.contains("give --charts another folder"),
        "{said:?}"
    );
}

#[test]
fn the_two_files_for_github_action_benchmark_go_to_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = format!("report {RECORD} --format github-action-benchmark");
    let said = evenkeel(&line, folder.path());
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{said:?}");
    assert!(
        said.err.contains("give the folder for them with -o"),
        "{said:?}"
    );
    let said = evenkeel(&format!("{line} -o a/b"), folder.path());
    assert_eq!((said.code, said.out.as_str()), (Some(0), ""), "{said:?}");
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
        let said = evenkeel(&line, folder.path());
        assert!(
            said.code == Some(0) && said.out.starts_with(start),
            "{said:?}"
        );
        evenkeel(&format!("{line} -o out"), folder.path());
        let written = std::fs::read_to_string(folder.path().join("out")).expect("a file");
        assert_eq!(written, said.out);
    }
}
