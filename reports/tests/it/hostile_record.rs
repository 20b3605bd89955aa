//! Broken records, made of a record that is right: values and bytes changed.

use crate::any_record::check;
use evenkeel_reports::histogram::{self, Histogram};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A header and two trials.
fn lines() -> Vec<Value> {
    let text = include_str!("../../fuzz/seeds/results/two-trials");
    let lines = text.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().unwrap()
}

fn joined(lines: &[Value]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// The place of every value in a line.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, value)| places(value, &format!("{at}/{name}"), found)),
        Value::Array(elements) => elements
            .iter()
            .enumerate()
            .for_each(|(number, value)| places(value, &format!("{at}/{number}"), found)),
        _ => {}
    }
}

/// Values that are right nowhere, or only somewhere.
fn value() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(null),
        json!(-1),
        json!(0),
        json!(0.5),
        json!(1e308),
        json!(-1e308),
        json!(u32::MAX),
        json!(u64::MAX),
        json!(""),
        json!("\u{0}<script>"),
        json!([]),
        json!([1, 2]),
        json!({}),
        json!(true),
    ])
}

#[test]
fn the_right_record_is_right() {
    assert!(check(joined(&lines()).as_bytes()));
}

#[test]
fn what_the_fuzzer_has_found_is_refused() {
    let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/seeds/results");
    let mut found = 0;
    for seed in std::fs::read_dir(seeds).unwrap() {
        let seed = seed.unwrap();
        let is_right = seed.file_name() == "two-trials";
        let bytes = std::fs::read(seed.path()).unwrap();
        assert_eq!(check(&bytes), is_right, "{seed:?}");
        found += usize::from(!is_right);
    }
    assert!(found >= 3);
}

#[test]
fn counts_that_cannot_be_added_are_refused() {
    for place in [
        "/requests",
        "/errors/refused",
        "/per_worker/0/requests",
        "/per_worker/0/connections",
    ] {
        let mut lines = lines();
        let trial = &mut lines[1];
        trial["errors"] = json!({ "refused": 1 });
        trial["per_worker"][0]["connections"] = json!(1);
        assert!(check(joined(&lines).as_bytes()));
        *lines[1].pointer_mut(place).unwrap() = json!(u64::MAX);
        assert!(!check(joined(&lines).as_bytes()), "{place}");
    }
}

#[test]
fn a_histogram_that_counts_more_than_can_be_measured_is_refused() {
    let with_a_count_of = |count: u64| {
        let mut times = Histogram::<u64>::new(3).unwrap();
        times.record_n(1_000, count).unwrap();
        times.record_n(2_000, count).unwrap();
        let mut lines = lines();
        lines[1]["histogram"] = json!(histogram::encode(&times).unwrap());
        joined(&lines)
    };
    assert!(check(with_a_count_of(1).as_bytes()));
    for count in [1 << 40, i64::MAX as u64] {
        assert!(!check(with_a_count_of(count).as_bytes()), "{count}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_record_with_changed_values_is_an_error_or_a_study(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), value()), 1..4),
    ) {
        let mut lines = lines();
        for (line, place, value) in changes {
            let line = line.index(lines.len());
            let mut found = Vec::new();
            places(&lines[line], "", &mut found);
            if let Some(old) = lines[line].pointer_mut(place.get::<String>(&found)) {
                *old = value;
            }
        }
        check(joined(&lines).as_bytes());
    }

    #[test]
    fn a_record_with_changed_bytes_is_an_error_or_a_study(
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        length in any::<prop::sample::Index>(),
    ) {
        let mut bytes = joined(&lines()).into_bytes();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        check(&bytes);
        check(&bytes[..length.index(bytes.len())]);
    }
}
