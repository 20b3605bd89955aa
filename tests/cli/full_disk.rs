//! Studies and reports on a full disk.

use crate::program::{SMALL, evenkeel, record, shell};

/// Limits the size of files to this number of blocks (512 or 1024 bytes, depending on the shell). The
/// kernel then refuses writes as on a full disk, provided that SIGXFSZ is ignored.
fn with_room_for(blocks: u32, line: &str) -> String {
    format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" {line}")
}

#[test]
fn a_study_on_a_full_disk_ends_with_a_remedy_and_can_be_resumed() {
    let folder = tempfile::tempdir().expect("a folder");
    let many = SMALL.replace("-b 2", "-b 8");
    let finished = shell(&with_room_for(16, &format!("{many} -o OUT")), folder.path());
    assert_eq!(finished.code, Some(1), "{finished:?}");
    assert!(
        finished.err.contains("results.jsonl: cannot be written"),
        "{finished:?}"
    );
    assert!(finished.err.contains("free space"), "{finished:?}");
    assert!(
        finished.out.contains("incomplete: "),
        "what was measured is shown: {finished:?}"
    );

    evenkeel("run -q --resume OUT", folder.path()).assert_measured();
    let (_, trials) = record(&folder.path().join("OUT"));
    assert_eq!(trials.len(), 16);
}

/// In blocks of 512 bytes. The record takes about 28 KB, the page about 85 KB.
const ROOM_FOR_THE_RECORD_ONLY: u32 = 100;

#[test]
fn on_a_full_disk_the_report_is_printed_and_its_files_can_be_written_later() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = with_room_for(ROOM_FOR_THE_RECORD_ONLY, &format!("{SMALL} -o OUT"));
    let finished = shell(&line, folder.path());
    assert_eq!(finished.code, Some(1), "{finished:?}");
    assert!(
        finished.out.contains("reuseport"),
        "the table: {finished:?}"
    );
    for words in [
        "report.html cannot be written",
        "`evenkeel report OUT --format html",
    ] {
        assert!(
            finished.err.contains(words),
            "{words} is missing in {finished:?}"
        );
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
    let finished = evenkeel("report OUT --format html -o page.html", folder.path());
    assert_eq!(finished.code, Some(0), "{finished:?}");
}
