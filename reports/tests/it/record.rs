//! Writing a record and reading it back.

use std::path::Path;

use crate::common::{data, eight, failed, figures, header, measured, skipped, stored};
use evenkeel_reports::histogram::{self, HistogramError};
use evenkeel_reports::{
    Again, CpuTime, Extension, Header, HostShares, IntervalRecord, Latency, Line, LineError,
    LoopKind, Measured, PeerRecord, ReadError, RecordError, Recorder, Study, Trial, Waiting,
};
use proptest::prelude::*;

fn small_header() -> Header {
    header(&["single"], &[("bare", LoopKind::Closed)])
}

fn good(block: u32) -> Trial {
    measured("single", "bare", block, figures(&[500], 80.0, 1.5, None))
}

fn text(lines: &[Line]) -> String {
    let lines = lines
        .iter()
        .map(|l| serde_json::to_string(l).unwrap() + "\n");
    lines.collect()
}

fn parse(text: &str) -> Result<Study, ReadError> {
    Study::parse(Path::new("results.jsonl"), text.as_bytes())
}

/// A header and one good trial, the trial's line changed by `edit`.
fn with_line(edit: impl Fn(&mut serde_json::Value)) -> Result<Study, ReadError> {
    let mut line = serde_json::to_value(Line::Trial(good(0))).unwrap();
    edit(&mut line);
    parse(&format!("{}{line}\n", text(&[Line::Study(small_header())])))
}

#[test]
fn what_a_recorder_wrote_is_what_a_study_reads() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.jsonl");
    let expected = eight::study();
    let mut recorder = Recorder::create(&path, &expected.header).unwrap();
    for trial in &expected.trials {
        recorder.append(trial).unwrap();
    }
    assert_eq!(Study::read(folder.path()).unwrap(), expected);
    assert_eq!(Study::read(&path).unwrap(), expected);
}

#[test]
fn the_record_of_a_peer_is_kept_and_absent_for_our_own() {
    let said = |name: &str, text: &str| [(name.to_owned(), text.to_owned())].into();
    let other = Trial {
        peer: Some(PeerRecord {
            versions: said("nginx", "1.22.1"),
            configuration: said("nginx.conf", "daemon off;\n"),
            differs: vec!["the head of an answer has 300 bytes more".to_owned()],
        }),
        ..good(0)
    };
    let lines = [
        Line::Study(small_header()),
        Line::Trial(other.clone()),
        Line::Trial(good(1)),
    ];
    let written = text(&lines);
    assert_eq!(parse(&written).unwrap().trials, [other, good(1)]);
    let ours = written.lines().last().unwrap();
    assert!(!ours.contains("\"peer\""), "{ours}");
}

#[test]
fn a_new_record_never_overwrites_another() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.jsonl");
    Recorder::create(&path, &small_header()).unwrap();
    let again = Recorder::create(&path, &small_header());
    assert!(matches!(again, Err(RecordError::Exists(_))));
}

#[test]
fn a_resumed_record_drops_the_cut_line_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.jsonl");
    let whole = text(&[
        Line::Study(small_header()),
        Line::Trial(good(0)),
        Line::Trial(good(1)),
    ]);
    std::fs::write(&path, &whole[..whole.len() - 40]).unwrap();
    let (mut recorder, so_far) = Recorder::resume(folder.path()).unwrap();
    assert_eq!(so_far.trials, [good(0)]);
    assert_eq!(so_far.warnings.len(), 1);
    recorder.append(&good(1)).unwrap();
    let study = Study::read(&path).unwrap();
    assert_eq!(study.trials, [good(0), good(1)]);
    assert!(study.warnings.is_empty());
}

#[test]
fn a_trial_that_failed_and_ran_again_counts_as_it_was_last() {
    let failed = failed("single", "bare", 0, "no port");
    let lines = [
        Line::Study(small_header()),
        Line::Trial(failed),
        Line::Trial(good(0)),
    ];
    assert_eq!(parse(&text(&lines)).unwrap().trials, [good(0)]);
}

#[test]
fn a_figure_that_json_cannot_hold_is_refused_when_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.jsonl");
    let mut recorder = Recorder::create(&path, &small_header()).unwrap();
    let mut endless = good(0);
    endless.measured_mut().unwrap().throughput_rps = f64::INFINITY;
    let refused = recorder.append(&endless);
    assert!(matches!(refused, Err(RecordError::Unreadable { .. })));
    assert_eq!(Study::read(&path).unwrap().trials, []);
}

#[test]
fn a_broken_figure_is_an_error_with_file_line_and_field() {
    let error = with_line(|line| line["throughput_rps"] = "fast".into()).unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with("results.jsonl:2: figures of `single`"),
        "{message}"
    );
    assert!(message.contains("fast"), "{message}");
}

#[test]
fn a_missing_figure_is_an_error_and_not_an_absent_trial() {
    let remove = |line: &mut serde_json::Value| line.as_object_mut().unwrap().remove("requests");
    let error = with_line(|line| drop(remove(line))).unwrap_err();
    assert!(
        error.to_string().contains("missing field `requests`"),
        "{error}"
    );
}

#[test]
fn a_trial_has_figures_or_a_reason_why_not_but_never_both() {
    for (reason, other) in [
        ("skipped", None),
        ("failed", None),
        ("skipped", Some("failed")),
    ] {
        let error = with_line(|line| {
            line[reason] = "why".into();
            if let Some(other) = other {
                *line = serde_json::json!({"type": "trial", "strategy": "single",
                    "scenario": "bare", "block": 0, reason: "why", other: "why"});
            }
        });
        assert!(matches!(error, Err(ReadError::Line { line: 2, .. })));
    }
}

#[test]
fn a_field_that_this_version_does_not_know_is_tolerated() {
    let study = with_line(|line| line["energy_j"] = 12.into()).unwrap();
    assert_eq!(study.trials, [good(0)]);
}

#[test]
fn a_broken_histogram_is_found_when_the_study_is_read() {
    for broken in ["not base64!", "AAAA"] {
        let error = with_line(|line| line["histogram"] = broken.into());
        let Err(ReadError::Line { source, .. }) = error else {
            panic!("{broken} was read")
        };
        assert!(matches!(source, LineError::Histogram(_)));
    }
}

/// The deserializer would make room for all counts at once.
#[test]
fn a_histogram_that_claims_three_gigabytes_is_refused_before_it_is_decoded() {
    let claims = "HISTE8AAAH4AAAAAAAAAAwAAAAAAAAABAAAAAAf///8/8AAAAAAAAA==";
    let Err(error) = histogram::decode(claims) else {
        panic!("it was read")
    };
    assert!(matches!(error, HistogramError::Incomplete), "{error}");
}

#[test]
fn a_trial_that_was_not_planned_is_refused() {
    for field in ["strategy", "scenario"] {
        let error = with_line(|line| line[field] = "stranger".into()).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("`stranger` is not in the header's plan"),
            "{error}"
        );
    }
}

#[test]
fn a_second_header_is_refused() {
    let two = text(&[Line::Study(small_header()), Line::Study(small_header())]);
    assert!(
        parse(&two)
            .unwrap_err()
            .to_string()
            .contains(":2: a second header")
    );
}

fn extension(blocks: Option<u32>, scenarios: &[&str]) -> Line {
    let scenarios: Vec<_> = scenarios.iter().map(|it| (*it, LoopKind::Closed)).collect();
    Line::Extension(Extension {
        at_unix_s: 1_767_225_700,
        command: ["evenkeel", "run", "--resume", "out"]
            .map(String::from)
            .into(),
        blocks,
        scenarios: header(&[], &scenarios).plan.scenarios,
    })
}

#[test]
fn an_extension_adds_to_the_plan_and_its_trials_may_follow() {
    let late = Trial {
        scenario: "other".into(),
        ..good(7)
    };
    let lines = [
        Line::Study(small_header()),
        Line::Trial(good(0)),
        extension(Some(8), &["other"]),
        Line::Trial(late),
        extension(Some(9), &[]),
    ];
    let study = parse(&text(&lines)).unwrap();
    let plan = &study.header.plan;
    assert_eq!((plan.blocks, plan.scenarios.len()), (9, 2));
    assert_eq!((plan.extensions.len(), study.trials.len()), (2, 2));
    let too_early = parse(&text(&[lines[0].clone(), lines[3].clone()]));
    assert!(too_early.is_err(), "{too_early:?}");
}

#[test]
fn a_scenario_is_added_once() {
    let lines = [Line::Study(small_header()), extension(None, &["bare"])];
    let error = parse(&text(&lines)).unwrap_err().to_string();
    assert!(
        error.contains(":2: scenario `bare` is added, but"),
        "{error}"
    );
}

#[test]
fn of_several_attempts_the_last_one_counts() {
    let again = Trial {
        again: Some(Again {
            attempt: 2,
            because: "the generator was late".into(),
        }),
        ..good(0)
    };
    let lines = [
        Line::Study(small_header()),
        Line::Trial(good(0)),
        Line::Trial(again.clone()),
    ];
    let study = parse(&text(&lines)).unwrap();
    assert_eq!(study.trials, [again]);
    assert_eq!((good(0).attempt(), study.trials[0].attempt()), (1, 2));
}

#[test]
fn a_file_without_a_whole_header_is_refused_with_the_reason() {
    let whole = text(&[Line::Study(small_header())]);
    assert!(matches!(parse(""), Err(ReadError::Empty { .. })));
    assert!(matches!(parse(&whole[..50]), Err(ReadError::Empty { .. })));
    assert!(matches!(
        parse("strategy,scenario\n"),
        Err(ReadError::NoHeader { .. })
    ));
    assert!(matches!(
        parse(&text(&[Line::Trial(good(0))])),
        Err(ReadError::NoHeader { .. })
    ));
    let newer = whole.replacen("\"schema\":1", "\"schema\":99,\"plan_v99\":{}", 1);
    assert!(matches!(
        parse(&newer),
        Err(ReadError::Schema { found: 99, .. })
    ));
    let missing = Study::read(Path::new("no/such/folder")).unwrap_err();
    assert!(missing.to_string().contains("no/such/folder"));
}

#[test]
fn a_skipped_trial_reads_back_without_figures() {
    let trial = skipped("single", "bare", 0, "no reason");
    let study = parse(&text(&[
        Line::Study(small_header()),
        Line::Trial(trial.clone()),
    ]));
    assert_eq!(study.unwrap().trials, [trial]);
}

/// The records in `tests/data`, two of which are from earlier versions, line by line.
const STORED: [&str; 2] = ["eight-strategies.jsonl", "recorded-noise.jsonl"];

#[test]
fn every_line_of_a_stored_record_is_read_and_written_back_byte_for_byte() {
    for name in STORED {
        let stored = std::fs::read_to_string(data(name)).unwrap();
        for (number, text) in (1..).zip(stored.lines()) {
            let line: Line = serde_json::from_str(text).unwrap();
            let written = serde_json::to_string(&line).unwrap();
            assert_eq!(written, text, "{name}:{number}");
        }
    }
}

#[test]
fn cpu_times_stand_in_the_trial_under_the_names_of_their_processes() {
    let cpu = |total_s, modes: Option<[f64; 2]>| CpuTime {
        total_s,
        user_s: modes.map(|[user_s, _]| user_s),
        system_s: modes.map(|[_, system_s]| system_s),
    };
    for (dispatcher, workers, names) in [
        (None, None, &[][..]),
        (None, Some(cpu(1.5, None)), &["workers_cpu_s"]),
        (
            Some(cpu(0.5, Some([0.2, 0.3]))),
            Some(cpu(1.5, Some([1.0, 0.5]))),
            &[
                "dispatcher_cpu_s",
                "dispatcher_cpu_user_s",
                "dispatcher_cpu_system_s",
                "workers_cpu_s",
                "workers_cpu_user_s",
                "workers_cpu_system_s",
            ],
        ),
    ] {
        let figures = Measured {
            dispatcher_cpu: dispatcher,
            workers_cpu: workers,
            ..figures(&[500], 80.0, 1.5, None)
        };
        let line = Line::Trial(measured("single", "bare", 0, figures));
        let json = serde_json::to_string(&line).unwrap();
        let places = names
            .iter()
            .map(|name| json.find(&format!("\"{name}\":")).unwrap());
        assert!(places.is_sorted(), "{json}");
        assert_eq!(json.matches("cpu_").count() - 2, names.len(), "{json}");
        assert_eq!(serde_json::from_str::<Line>(&json).unwrap(), line);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))] // each reads the whole fixture

    #[test]
    fn a_record_cut_anywhere_after_its_header_is_a_shorter_study(share in 0.0..1.0f64) {
        let bytes = std::fs::read(data("eight-strategies.jsonl")).unwrap();
        let header = bytes.iter().position(|b| *b == b'\n').unwrap() + 1;
        let cut = header + ((bytes.len() - header) as f64 * share) as usize;
        let study = Study::parse(Path::new("cut"), &bytes[..cut]).unwrap();
        let whole = bytes[header..cut].iter().filter(|b| **b == b'\n').count();
        prop_assert_eq!(&study.trials[..], &stored().trials[..whole]);
        prop_assert_eq!(study.warnings.len(), usize::from(bytes[cut - 1] != b'\n'));
    }

}

proptest! {
    #[test]
    fn arbitrary_bytes_are_an_error_and_never_a_panic(bytes: Vec<u8>) {
        prop_assert!(Study::parse(Path::new("noise"), &bytes).is_err());
    }

    #[test]
    fn a_trial_survives_its_json(
        per_worker in proptest::collection::vec(1..10_000u64, 1..9),
        p50_us in 1.0..1e6f64,
        dispatcher_us: Option<u16>,
        notes: Vec<String>,
    ) {
        let mut figures = figures(&per_worker, p50_us, 1.5, dispatcher_us.map(f64::from));
        figures.notes = notes;
        let line = Line::Trial(measured("single", "bare", 0, figures));
        let json = serde_json::to_string(&line).unwrap();
        prop_assert_eq!(serde_json::from_str::<Line>(&json).unwrap(), line);
    }
}

#[test]
fn a_trial_may_have_intervals_and_waits() {
    let waits = Latency::of_nanoseconds(vec![1_000, 9_000]).unwrap();
    let host = HostShares {
        steal: 0.02,
        others: 0.0,
    };
    let interval = IntervalRecord {
        at_s: 0.5,
        duration_s: 0.5,
        requests: 71,
        errors: 1,
        p50_us: Some(80.0),
        p99_us: Some(112.5),
        max_us: None,
        per_worker: Vec::new(),
        stalled_us: Some(600_000.0),
        histogram: None,
        host: Some(host),
    };
    let waiting = Waiting {
        measured: waits,
        common_queue: waits,
        random_split: waits,
        random_split_scatter: None,
        as_served: None,
        formula: None,
        expected: None,
    };
    let followed = Measured {
        intervals: vec![interval],
        waiting_us: Some(waiting),
        ..figures(&[100], 80.0, 1.5, None)
    };
    let line =
        serde_json::to_string(&Line::Trial(measured("single", "bare", 0, followed))).unwrap();
    let Line::Trial(read) = serde_json::from_str(&line).unwrap() else {
        panic!("not a trial");
    };
    assert_eq!(serde_json::to_string(&Line::Trial(read)).unwrap(), line);
    assert!(!line.contains("max_us") && line.contains("\"steal\":0.02"));
}
