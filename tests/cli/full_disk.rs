//! A record that cannot be written on.

use crate::program::{SMALL, evenkeel, record, shell};

/// The kernel refuses to let files grow beyond 16 blocks (of 512 bytes or of 1024, by the
/// shell), as it refuses on a full disk. Unless ignored, that would be a deadly signal.
const LITTLE_ROOM: &str = "trap '' XFSZ; ulimit -f 16";

#[test]
fn a_study_without_room_ends_with_what_to_do_and_can_be_resumed() {
    let folder = tempfile::tempdir().expect("a folder");
    let many = SMALL.replace("-b 2", "-b 8");
    let said = shell(
        &format!("{LITTLE_ROOM}; exec \"$0\" {many} -o OUT"),
        folder.path(),
    );
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(
        said.err.contains("results.jsonl: cannot be written"),
        "{said:?}"
    );
    assert!(said.err.contains("free space"), "{said:?}");

    let said = evenkeel("run -q --resume OUT", folder.path());
    assert_eq!(said.code, Some(0), "{said:?}");
    let (_, trials) = record(&folder.path().join("OUT"));
    assert_eq!(trials.len(), 16);
}
