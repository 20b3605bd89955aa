//! A/A studies: strategies compared with copies of themselves.

use std::fs;

use crate::program::{evenkeel, record};

const TWO: &str =
    "run --aa -s single -s reuseport -S bare-keep-alive -d 100ms --warmup 20ms -w 2 -c 4 -o OUT";

#[test]
fn each_strategy_is_compared_with_its_copy_and_the_rate_of_false_verdicts_is_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    let finished = evenkeel(TWO, folder.path());
    // On a busy machine verdicts may be false or trials invalid: then 3, with the reason.
    assert!(matches!(finished.code, Some(0 | 3)), "{finished:?}");
    assert!(finished.out.contains("A/A: "), "{finished:?}");
    let out = folder.path().join("OUT");
    let page = fs::read_to_string(out.join("report.html")).expect("a page");
    assert!(page.contains("A/A: "));
    let (_, trials) = record(&out);
    let of_block = |block: u64| {
        let here = trials.iter().filter(|trial| trial["block"] == block);
        let keys = here.filter_map(|trial| trial["strategy"].as_str());
        keys.collect::<Vec<_>>()
    };
    for block in 0..6 {
        let mut keys = of_block(block);
        keys.sort_unstable();
        assert_eq!(keys, ["reuseport#1", "reuseport#2", "single#1", "single#2"]);
    }
    let orders: std::collections::BTreeSet<_> = (0..6).map(of_block).collect();
    assert!(orders.len() > 1, "the order is drawn anew for each block");
}

#[test]
fn too_few_blocks_for_a_verdict_end_with_3() {
    let folder = tempfile::tempdir().expect("a folder");
    let finished = evenkeel(&format!("{TWO} -b 1 -q"), folder.path());
    assert_eq!(finished.code, Some(3), "{finished:?}");
    assert!(
        finished.err.contains("nothing is known about false ones"),
        "{finished:?}"
    );
}

#[test]
fn an_interrupted_aa_study_resumes_with_its_copies() {
    let folder = tempfile::tempdir().expect("a folder");
    evenkeel(&format!("{TWO} -b 1 -q"), folder.path());
    let path = folder.path().join("OUT/results.jsonl");
    let whole = fs::read_to_string(&path).expect("a record");
    let cut: String = whole.split_inclusive('\n').take(1 + 2).collect();
    fs::write(&path, cut).expect("room");
    evenkeel("run -q --resume OUT", folder.path());
    let (_, trials) = record(&folder.path().join("OUT"));
    let mut keys: Vec<_> = trials
        .iter()
        .filter_map(|t| t["strategy"].as_str())
        .collect();
    keys.sort_unstable();
    assert_eq!(keys, ["reuseport#1", "reuseport#2", "single#1", "single#2"]);
}
