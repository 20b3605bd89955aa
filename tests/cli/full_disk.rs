//! A record that cannot be written on.

use crate::program::{SMALL, evenkeel, record, shell};

/// The kernel refuses to let files grow beyond so many blocks (of 512 bytes or of 1024, by the
/// shell), as it refuses on a full disk. Unless ignored, that would be a deadly signal.
fn with_room_for(blocks: u32, line: &str) -> String {
    format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" {line}")
}

#[test]
fn a_study_without_room_ends_with_what_to_do_and_can_be_resumed() {
    let folder = tempfile::tempdir().expect("a folder");
    let many = SMALL.replace("-b 2", "-b 8");
    let said = shell(&with_room_for(16, &format!("{many} -o OUT")), folder.path());
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.err.contains("results.jsonl: cannot be written"),
        "{said:?}"
    );
    assert!(said.err.contains("free space"), "{said:?}");
    assert!(
        said.out.contains("incomplete: "),
        "what was measured is shown: {said:?}"
    );

    evenkeel("run -q --resume OUT", folder.path()).assert_measured();
    let (_, trials) = record(&folder.path().join("OUT"));
    assert_eq!(trials.len(), 16);
}

/// In blocks of 512 bytes. The record has about 28 KB, the page about 85 KB.
const ROOM_FOR_THE_RECORD_ONLY: u32 = 100;

#[test]
fn a_report_without_room_is_shown_all_the_same_and_can_be_made_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = with_room_for(ROOM_FOR_THE_RECORD_ONLY, &format!("{SMALL} -o OUT"));
    let said = shell(&line, folder.path());
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("reuseport"), "the table: {said:?}");
    for words in [
        "report.html cannot be written",
        "`evenkeel report OUT --format html",
    ] {
        assert!(said.err.contains(words), "{words} is missing in {said:?}");
    }
    let mut files: Vec<_> = std::fs::read_dir(folder.path().join("OUT"))
        .expect("a folder")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    files.sort_unstable();
    assert_eq!(
        files,
        ["results.csv", "results.jsonl"],
        "no half of a page is left"
    );
    let said = evenkeel("report OUT --format html -o page.html", folder.path());
    assert_eq!(said.code, Some(0), "{said:?}");
}
