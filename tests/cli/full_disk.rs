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

/// In blocks of 512 bytes. The record takes about 28 KB, the page about 85 KB.
const ROOM_FOR_THE_RECORD_ONLY: u32 = 100;

#[test]
fn on_a_full_disk_the_report_is_printed_and_its_files_can_be_written_later() {
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
