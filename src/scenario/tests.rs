use std::path::Path;

use proptest::prelude::*;

use super::*;
use evenkeel_common::toml_file::parse;

fn read(text: &str) -> Result<Scenario, String> {
    let scenario: Scenario =
        parse(text, Path::new("mine.toml")).map_err(|error| error.to_string())?;
    scenario.check().map_err(|error| error.to_string())?;
    Ok(scenario)
}

fn closed(rest: &str) -> String {
    format!("name = \"mine\"\nloop = \"closed\"\nconnections = 8\n{rest}")
}

fn open(rest: &str) -> String {
    format!("name = \"mine\"\nloop = \"open\"\nconnections = 8\n{rest}")
}

#[test]
fn every_built_in_scenario_makes_sense_and_bears_the_name_of_its_file() {
    for (name, _) in BUILT_IN {
        let scenario = built_in(name).expect(name);
        assert_eq!(scenario.name, name);
        assert_eq!(scenario.check(), Ok(()));
        assert!(!scenario.summary.is_empty(), "{name} has no summary");
        let can_be_ordered = scenario.connections.to_string();
        assert!(
            !scenario.summary.contains(&can_be_ordered) && !scenario.summary.contains("capacity"),
            "the summary of {name} names what the command line can order otherwise"
        );
    }
}

#[test]
fn every_set_is_made_of_built_in_scenarios() {
    for (set, members) in SETS {
        let selected = select(&[set.into()]).expect(set);
        let names: Vec<&str> = selected
            .iter()
            .map(|scenario| scenario.name.as_str())
            .collect();
        assert_eq!(names, members);
    }
}

#[test]
fn a_scenario_that_is_named_twice_is_run_once() {
    let names = ["skewed", "default", "skewed"].map(Into::into);
    let selected = select(&names).expect("known names");
    let names: Vec<String> = selected.into_iter().map(|scenario| scenario.name).collect();
    assert_eq!(names, ["skewed", "short-lived", "keep-alive"]);
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest_one() {
    let error = select(&["short-livd".into()])
        .expect_err("unknown")
        .to_string();
    assert!(error.contains("did you mean `short-lived`?"), "{error}");
}

#[test]
fn two_scenarios_of_one_name_are_refused() {
    let mut selected = vec![built_in("skewed").expect("built in")];
    let mut other = selected[0].clone();
    other.connections += 1;
    assert!(matches!(
        add(&mut selected, other),
        Err(ScenarioError::SameName(_))
    ));
}

#[test]
fn work_is_written_in_four_ways() {
    let work = |text: &str| read(&closed(text)).expect(text).work;
    assert_eq!(work("work = '/'"), Work::Fixed(Target::Nothing));
    assert_eq!(work("work = '/bytes/9'"), Work::Fixed(Target::Bytes(9)));
    let drawn = work("work = 'block:uniform:1ms-3ms'");
    assert_eq!(drawn.mean_busy_s(), Some(0.002));
    let exponential = work("work = { exponential = '/block/1000' }");
    assert!(matches!(exponential, Work::Exponential(_)));
    let mix =
        work("work = [{ share = 0.5, target = '/spin/1' }, { share = 0.5, target = '/sleep/2' }]");
    assert!(matches!(mix, Work::Mix(kinds) if kinds.len() == 2));
}

#[test]
fn what_is_wrong_is_named_with_file_line_and_key() {
    for (text, expected) in [
        (
            closed("conections = 8\nwork = '/'"),
            "mine.toml:4:1: unknown field `conections`",
        ),
        (
            closed("work = '/spin'"),
            "mine.toml:4:8: `work`: `/spin` is not a target",
        ),
        (
            closed("work = { exponentially = '/spin/1' }"),
            "unknown field `exponentially`",
        ),
        (
            closed("work = [{ share = 1, targte = '/' }]"),
            "mine.toml:4:22: unknown field `targte`",
        ),
        (
            closed("work = '/'").replace("8", "'8'"),
            "mine.toml:3:15: `connections`: invalid type: string \"8\", expected a whole number",
        ),
        (
            closed("work = [{ share = 1, target = '/spin/x' }]"),
            "mine.toml:4:31: `target`: `/spin/x` is not",
        ),
        (closed("work = "), "mine.toml:4:"),
        (closed(""), "missing field `work`"),
    ] {
        let error = read(&text).expect_err(&text);
        assert!(error.contains(expected), "{text}\n{error}");
    }
}

#[test]
fn an_error_names_the_key() {
    for (text, expected) in [
        (
            closed("rate_rps = 5\nwork = '/'"),
            "`rate_rps` needs `loop = \"open\"`",
        ),
        (
            closed("client_addresses = 0\nwork = '/'"),
            "`client_addresses`: invalid value: integer `0`, expected a whole number from 1 to 16777214",
        ),
        (
            closed("requests_per_connection = 0\nwork = '/'"),
            "`requests_per_connection`: invalid value: integer `0`, expected a whole number from 1 to",
        ),
        (
            open("work = '/spin/1'"),
            "either `rate_rps` or `utilization`",
        ),
        (
            open("rate_rps = 1\nutilization = 1\nwork = '/spin/1'"),
            "either `rate_rps` or `utilization`",
        ),
        (
            open("rate_rps = 1\narrivals = 'trace:times.txt'\nwork = '/'"),
            "leave out `rate_rps` and `utilization`",
        ),
        (
            open("rate_rps = 1\narrivals = 'burst:1s'\nwork = '/'"),
            "`burst:1s` is not an arrival process; write constant",
        ),
        (
            open("rate_rps = -1\nwork = '/'"),
            "`rate_rps`: a rate is a number of requests per second above 0",
        ),
        (open("rate_rps = nan\nwork = '/'"), "`rate_rps`: a rate is"),
        (open("rate_rps = inf\nwork = '/'"), "`rate_rps`: a rate is"),
        (open("rate_rps = 1e300\nwork = '/'"), "up to 100000000"),
        (
            open("utilization = 0.0\nwork = '/spin/1'"),
            "`utilization`: a utilization is a share, such as 0.7, above 0 up to 100",
        ),
        (
            open("utilization = nan\nwork = '/'"),
            "`utilization`: a utilization is",
        ),
        (
            open("rate_rps = 1\narrivals = 'ramp:nan'\nwork = '/'"),
            "`ramp:nan` is not an arrival process",
        ),
        (
            open("utilization = 0.5\nwork = '/'"),
            "give `rate_rps` instead",
        ),
        (
            open("utilization = 0.5\nwork = '/spin/0'"),
            "give `rate_rps` instead",
        ),
        (
            open("rate_rps = 1\nwork = { exponential = '/' }"),
            "needs a target with a time, and `/` has none",
        ),
        (
            open("rate_rps = 1\nwork = [{ share = 0.5, target = '/spin/1' }]"),
            "add up to 0.5",
        ),
        (closed("work = []"), "`work` is an empty list"),
        (
            closed("work = '/spin/60000001'"),
            "`/spin/60000001` takes too long, since requests time out after 5s",
        ),
        (
            closed("work = { exponential = '/block/1000000' }"),
            "give less than 1000000 microseconds",
        ),
        (
            open("rate_rps = 1\nwork = [{ share = 1.5, target = '/spin/1' }]"),
            "mine.toml:5:19: `share`: a share is a number from 0 up to 1",
        ),
    ] {
        let error = read(&text).expect_err(&text);
        assert!(error.contains(expected), "{text}\n{error}");
    }
}

#[test]
fn utilization_is_a_share_of_what_the_workers_can_serve() {
    // 95% of 1 ms and 5% of 20 ms are 1.95 ms in the mean.
    let skewed = built_in("skewed").expect("built in");
    let rate = skewed.offered_rps(4).expect("an open loop");
    assert!((rate - 0.7 * 4.0 / 0.00195).abs() < 1e-6, "{rate}");
}

#[test]
fn a_closed_loop_offers_no_rate() {
    assert_eq!(
        built_in("keep-alive").expect("built in").offered_rps(4),
        None
    );
}

proptest! {
    #[test]
    fn a_recorded_scenario_reads_back_as_the_same(
        connections in 1u32..10_000,
        requests_per_connection in prop::option::of(1u32..100),
        client_addresses in 1u32..1000,
        rate in 0.1f64..1e6,
        micros in 1u64..1_000_000,
        exponential: bool,
        milliseconds in prop::option::of(1u64..100_000),
    ) {
        let target = Target::Timed(evenkeel_loadgen::WorkKind::Sleep, micros);
        let scenario = Scenario {
            name: "mine".into(),
            summary: "with \"quotes\" and = signs".into(),
            loop_kind: LoopKind::Open,
            arrivals: Some(Arrivals::Constant),
            rate_rps: Some(rate),
            utilization: None,
            connections,
            requests_per_connection,
            websocket: exponential.then(|| "/chat".into()),
            repeat: !exponential,
            workers: exponential.then_some(8),
            client_addresses,
            send_proxy: exponential.then_some(ProxyVersion::V2),
            timeout: milliseconds.map(|ms| Duration::from_secs(5) + Duration::from_millis(ms)),
            events: Vec::new(),
            overrides: Vec::new(),
            origin: Origin::default(),
            duration: milliseconds.map(Duration::from_millis),
            warmup: milliseconds.map(|ms| Duration::from_millis(ms / 4)),
            work: if exponential { Work::Exponential(target) } else { Work::Fixed(target) },
        };
        prop_assert_eq!(read(&scenario.record(4).toml), Ok(scenario));
    }

    #[test]
    fn no_text_makes_it_panic(text in ".*") {
        let _ = read(&text);
        let _ = text.parse::<Target>();
    }
}
