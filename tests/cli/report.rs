//! `evenkeel report` from outside.

use std::collections::BTreeSet;

use crate::program::evenkeel;

/// A record that comes with the source.
const RECORD: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/reports/tests/data/eight-strategies.jsonl"
);

#[test]
fn charts_are_written_as_drawings_and_as_pictures_beside_the_report() {
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
fn charts_have_no_place_where_a_file_stands() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("taken"), "").expect("room");
    let said = evenkeel(&format!("report {RECORD} --charts taken"), folder.path());
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(
        said.err.contains("give --charts another folder"),
        "{said:?}"
    );
}
