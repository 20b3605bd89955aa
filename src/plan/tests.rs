use std::collections::BTreeSet;
use std::path::Path;

use evenkeel_loadgen::LoadSpec;
use evenkeel_reports::LoopKind;
use evenkeel_reports::compare::MIN_BLOCKS;
use proptest::prelude::*;

use evenkeel_strategies::catalog;

use std::time::Duration;

use super::*;
use crate::config::{Settings, StudyFile};
use crate::values::Whole;

/// Four cores without hyperthreads.
fn machine() -> Machine {
    Machine {
        cpus: (0..4).collect(),
        core_of: |cpu| cpu,
        open_files: 20_000,
        local_ports: 28_232,
        ports_reused_after: Duration::from_secs(1),
    }
}

fn settings(toml: &str) -> Settings {
    evenkeel_common::toml_file::parse(toml, Path::new("study.toml")).expect("valid settings")
}

pub(crate) fn plan(toml: &str) -> Plan {
    resolve(settings(toml), false, &machine()).expect("a plan")
}

fn refusal(toml: &str, machine: &Machine) -> String {
    resolve(settings(toml), false, machine)
        .expect_err("a refusal")
        .to_string()
}

#[test]
fn without_settings_the_core_runs_under_the_default_scenarios_and_gives_verdicts_in_90_seconds() {
    let plan = plan("");
    assert_eq!(plan.contestants.len(), catalog::CORE.len());
    assert_eq!(plan.scenarios.len(), 3);
    assert_eq!(plan.config.fleet.workers.get(), 4);
    assert_eq!(
        (
            plan.config.fleet.server_cpus.to_string(),
            plan.config.load.load_cpus.to_string()
        ),
        ("0-1".into(), "2-3".into())
    );
    assert!(plan.config.blocks as usize > MIN_BLOCKS);
    let blocks = plan.config.blocks as usize;
    assert_eq!(plan.trials(), catalog::CORE.len() * 3 * blocks);
    assert!(plan.time_for(plan.trials()) < Duration::from_secs(90));
}

/// Measured time and warm-up under a scenario, milliseconds.
fn times_ms(plan: &Plan, name: &str) -> (u128, u128) {
    let mut scenarios = plan.scenarios.iter();
    let scenario = scenarios.find(|it| it.name == name).expect("the scenario");
    let (duration, warmup) = (plan.duration(scenario), plan.warmup(scenario));
    (duration.as_millis(), warmup.as_millis())
}

#[test]
fn a_scenario_has_times_of_its_own_unless_the_study_sets_them() {
    let own = times_ms(&plan(""), "skewed");
    assert_ne!(own, times_ms(&plan(""), "short-lived"));
    let with_duration = plan("[load]\nduration = '2s'");
    assert_eq!(times_ms(&with_duration, "skewed"), (2_000, own.1));
    let with_warmup = plan("[load]\nwarmup = '1s'");
    assert_eq!(times_ms(&with_warmup, "skewed"), (own.0, 1_000));
    let quick = resolve(settings(""), true, &machine()).expect("a plan");
    assert_eq!(times_ms(&quick, "skewed"), times_ms(&quick, "short-lived"));
    let inline = "[[scenario]]\nname = 'mine'\nloop = 'closed'\nconnections = 1\nwork = '/'";
    assert_eq!(times_ms(&plan(inline), "mine"), (700, 100));
    let mine = plan(&format!("{inline}\nduration = '3s'\nwarmup = '20ms'"));
    assert_eq!(times_ms(&mine, "mine"), (3_000, 20));
}

#[test]
fn the_record_has_the_times_of_each_scenario_and_older_records_those_of_the_study() {
    let first = plan("");
    let record = first.record();
    let [short_lived, _, skewed] = &record.scenarios[..] else {
        panic!("three scenarios: {record:?}");
    };
    assert_eq!(record.duration_s(short_lived), 0.1);
    assert_eq!(
        (record.duration_s(skewed), record.warmup_s(skewed)),
        (0.8, 0.2)
    );
    let resumed = Plan::from_record(&record, &machine()).expect("the same machine");
    assert_eq!(times_ms(&resumed, "skewed"), (800, 200));
    let longer = plan("[load]\nduration = '5s'\nwarmup = '1s'");
    let older = longer.record();
    assert!(older.scenarios.iter().all(|it| it.duration_s.is_none()));
    let resumed = Plan::from_record(&older, &machine()).expect("the same machine");
    assert_eq!(times_ms(&resumed, "skewed"), (5_000, 1_000));
}

#[test]
fn quick_is_quicker_and_keeps_requested_values() {
    let quick = resolve(settings("blocks = 2"), true, &machine()).expect("a plan");
    assert_eq!(quick.config.blocks, 2);
    assert!(quick.config.load.duration < plan("").config.load.duration);
}

#[test]
fn the_effort_in_a_study_file_can_be_left_out_and_the_rest_stays() {
    let file = "blocks = 6\nseed = 9\nprecision = '3%'\nmax_time = '1h'\n[load]\nduration = '9s'\n\
                warmup = '1s'\nconnections = 5";
    let quick = resolve(settings(file).without_effort(), true, &machine()).expect("a plan");
    assert_eq!((quick.config.blocks, quick.config.seed), (1, 9));
    assert!(quick.config.goal.is_none());
    assert!(quick.config.load.duration < Duration::from_secs(1));
    let slow = resolve(settings(file), true, &machine()).expect("a plan");
    assert_eq!(slow.config.load.duration, Duration::from_secs(9));
}

#[test]
fn the_command_line_overrides_the_study_file() {
    let line = settings("blocks = 7\nscenarios = ['skewed']");
    let file = settings("blocks = 1\nseed = 9\nscenarios = ['bare']\n[load]\nduration = '2s'");
    let both = line.or(file);
    let (blocks, seed) = (both.blocks.map(Whole::u32), both.seed.map(Whole::u64));
    assert_eq!((blocks, seed), (Some(7), Some(9)));
    assert_eq!(both.scenarios, [Path::new("skewed")]);
    assert_eq!(both.load.duration, Some(Duration::from_secs(2)));
}

#[test]
fn a_study_file_may_contain_scenarios() {
    let inline = "[[scenario]]\nname = 'mine'\nloop = 'closed'\nconnections = 1\nwork = '/'";
    let names = |plan: Plan| {
        plan.scenarios
            .into_iter()
            .map(|scenario| scenario.name)
            .collect::<Vec<_>>()
    };
    assert_eq!(names(plan(inline)), ["mine"]);
    assert_eq!(
        names(plan(&format!("scenarios = ['skewed']\n{inline}"))),
        ["skewed", "mine"]
    );
}

#[test]
fn the_ready_study_can_be_carried_out() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("studies/thorough.toml");
    let settings = StudyFile::read(&file).expect("a study").settings;
    let plan = resolve(settings, false, &machine()).expect("a plan");
    assert_eq!((plan.config.blocks, plan.scenarios.len()), (12, 5));
    // "About six minutes for each strategy", it says.
    let minutes = plan.time_for(12 * 5).as_secs_f64() / 60.0;
    assert!((5.5..6.5).contains(&minutes), "{minutes} minutes");
}

#[test]
fn the_study_of_queueing_takes_eleven_minutes() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("studies/queueing.toml");
    let settings = StudyFile::read(&file).expect("a study").settings;
    let plan = resolve(settings, false, &machine()).expect("a plan");
    let minutes = plan.time_for(plan.trials()).as_secs_f64() / 60.0;
    assert!((10.5..11.5).contains(&minutes), "{minutes} minutes");
}

#[test]
fn the_study_of_peers_has_all_of_them_and_their_counterparts() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("studies/peers.toml");
    let settings = StudyFile::read(&file).expect("a study").settings;
    let plan = resolve(settings, false, &machine()).expect("a plan");
    let keys: Vec<&str> = plan.contestants.iter().map(|s| s.key.as_str()).collect();
    let systems = catalog::select(&["peer"]).expect("systems");
    assert!(systems.len() >= 20);
    for system in systems {
        assert!(keys.contains(&system.key()), "{}", system.key());
        for ours in system.profile().counterparts {
            assert!(keys.contains(&ours.as_str()), "{ours} for {}", system.key());
        }
    }
    assert!(plan.config.blocks as usize >= MIN_BLOCKS);
    // "About forty minutes", it says.
    let minutes = plan.time_for(plan.trials()).as_secs_f64() / 60.0;
    assert!((37.0..45.0).contains(&minutes), "{minutes} minutes");
}

#[test]
fn the_study_for_regressions_runs_until_it_is_precise() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("studies/regression.toml");
    let settings = StudyFile::read(&file).expect("a study").settings;
    let plan = resolve(settings, false, &machine()).expect("a plan");
    let goal = plan.config.goal.expect("a precision");
    // 5% is what the gate is to rule out, and 2% is its margin.
    assert!(goal.precision <= 0.05 - 0.02);
    let two_builds = plan.time_for(plan.trials()) * 2;
    assert!(two_builds <= Duration::from_secs(120), "{two_builds:?}");
    assert!(
        plan.scenarios
            .iter()
            .all(|s| s.loop_kind == LoopKind::Closed)
    );
}

#[test]
fn options_of_load_apply_to_every_scenario_that_has_them() {
    let plan = plan("[load]\nconnections = 9\nrate = 50.0");
    assert!(
        plan.scenarios
            .iter()
            .all(|scenario| scenario.connections == 9)
    );
    let rates: Vec<_> = plan
        .scenarios
        .iter()
        .map(|scenario| scenario.offered_rps(4))
        .collect();
    assert_eq!(rates, [None, None, Some(50.0)]);
}

#[test]
fn the_record_names_what_options_changed_in_scenarios() {
    let record = plan("[load]\nconnections = 9\nrate = 50.0").record();
    let [short_lived, _, skewed] = &record.scenarios[..] else {
        panic!("three scenarios: {record:?}");
    };
    assert_eq!(
        short_lived.load,
        "9 connections (instead of 64), 1 request each"
    );
    assert_eq!(
        skewed.load,
        "Poisson arrivals at 50 requests/s (instead of 70% of capacity), at most \
         9 connections (instead of 1024), 1 request each"
    );
    let orders: Vec<_> = skewed
        .overrides
        .iter()
        .map(|order| order.what.as_str())
        .collect();
    assert_eq!(orders, ["connections", "rate"]);
    let same = plan("[load]\nconnections = 64").record();
    assert_eq!(same.scenarios[0].overrides, []);
    assert_eq!(same.scenarios[0].load, "64 connections, 1 request each");
}

#[test]
fn a_rate_that_cannot_be_offered_is_refused_where_it_is_written() {
    for rate in ["nan", "inf", "-1", "0.0", "1e9", "1e99"] {
        let text = format!("[load]\nrate = {rate}");
        let read = evenkeel_common::toml_file::parse::<Settings>(&text, Path::new("study.toml"));
        let error = read.expect_err(rate).to_string();
        assert!(
            error.starts_with("study.toml:2:8: `rate`: a rate is a number of requests per second"),
            "{error}"
        );
    }
}

#[test]
fn a_number_that_is_out_of_bounds_is_refused_where_it_is_written() {
    for (text, bounds) in [
        ("\nblocks = 0", "from 1 to 100000"),
        ("[fleet]\nworkers = 0", "from 1 to 1024"),
        ("[fleet]\nworkers = 9999", "from 1 to 1024"),
        ("[fleet]\ndispatchers = 0", "from 1 to 1024"),
        ("[load]\nconnections = 0", "from 1 to 1000000"),
        ("\nseed = -1", "from 0 to 18446744073709551615"),
    ] {
        let read = evenkeel_common::toml_file::parse::<Settings>(text, Path::new("study.toml"));
        let error = read.expect_err(text).to_string();
        assert!(error.starts_with("study.toml:2:"), "{error}");
        let expected = format!("expected a whole number {bounds}");
        assert!(error.ends_with(&expected), "{error}");
    }
}

#[test]
fn an_error_says_what_to_do() {
    for (toml, expected) in [
        ("strategies = ['handof:stiky']", "`handoff:sticky`"),
        ("scenarios = ['skewd']", "did you mean `skewed`?"),
        (
            "scenarios = ['no/such.toml']",
            "no/such.toml cannot be read",
        ),
        ("[load]\nduration = '0s'", "`--duration` is 0"),
        (
            "[[scenario]]\nname = 'a'\nloop = 'closed'\nconnections = 1\nwork = '/'\nduration = '0s'",
            "`duration` is 0; measuring takes time",
        ),
        (
            "[load]\nconnections = 15000",
            "needs a process with about 30068 open files and the hard limit is 20000",
        ),
        (
            "scenarios = ['keep-alive']\n[load]\nrate = 5.0",
            "`--rate` needs an open loop",
        ),
        ("[fleet]\nserver_cpus = '0-3'", "leaves none for the load"),
        ("[load]\nload_cpus = '0-3'", "leaves none for the servers"),
        (
            "[fleet]\nserver_cpus = '2-9'",
            "names CPUs 4-9, which this process may not use; it may use 0-3",
        ),
        (
            "[fleet]\nserver_cpus = '0-2'\n[load]\nload_cpus = '2-3'",
            "share CPUs 2;",
        ),
    ] {
        let error = refusal(toml, &machine());
        assert!(error.contains(expected), "{toml}\n{error}");
    }
}

#[test]
fn every_kind_of_process_has_its_limit_of_files() {
    let with = |open_files, toml| {
        let machine = Machine {
            open_files,
            ..machine()
        };
        resolve(settings(toml), false, &machine).map_err(|error| error.to_string())
    };
    // A dispatcher holds a channel to every worker; while they start, so does the study.
    let many = "[fleet]\nworkers = 900\ndispatchers = 2";
    assert!(with(1000, many).is_err_and(|error| error.contains("about 2766 open files")));
    assert!(with(4000, many).is_ok());
    // Without a dispatcher there are no such channels, and no proxied connections.
    let direct = format!("strategies = ['reuseport']\n{many}");
    assert!(with(2000, &direct).is_ok());
    let connections = "strategies = ['reuseport']\n[load]\nconnections = 1800";
    assert!(with(2000, connections).is_ok());
}

#[test]
fn load_without_a_study_needs_files_and_ports_of_its_own() {
    let mut load = LoadSpec::new(std::net::SocketAddr::from(([127, 0, 0, 1], 80)));
    load.connections = 19_000;
    assert!(machine().check_load_alone(&load).is_ok());
    load.connections = 19_999;
    let error = machine().check_load_alone(&load).expect_err("too many");
    assert!(
        error
            .to_string()
            .contains("this load needs a process with about 20064 open files")
    );
    let roomy = Machine {
        open_files: 1 << 20,
        ..machine()
    };
    load.connections = 28_233;
    let error = roomy.check_load_alone(&load).expect_err("too many");
    assert!(
        error
            .to_string()
            .contains("from 1 client address with 28232 ephemeral ports")
    );
}

#[test]
fn more_connections_than_ports_are_refused() {
    let few_ports = Machine {
        local_ports: 10,
        ..machine()
    };
    let scenario = "[[scenario]]\nname = 'mine'\nloop = 'closed'\nconnections = 30\nclient_addresses = 2\nwork = '/'";
    let error = refusal(scenario, &few_ports);
    assert!(
        error.contains("needs 30 connections from 2 client addresses with 10 ephemeral ports"),
        "{error}"
    );
}

#[test]
fn with_one_side_named_the_other_gets_the_rest() {
    let plan = plan("[load]\nload_cpus = '1'");
    assert_eq!(plan.config.fleet.server_cpus.to_string(), "0,2-3");
}

#[test]
fn a_single_cpu_is_shared() {
    let small = Machine {
        cpus: (0..1).collect(),
        ..machine()
    };
    let plan = resolve(settings(""), false, &small).expect("a plan");
    assert_eq!(plan.config.fleet.server_cpus, plan.config.load.load_cpus);
}

#[test]
fn a_recorded_plan_keeps_its_order() {
    let first = plan("strategies = ['single', 'handoff']\nseed = 3\n[load]\nconnections = 5");
    let again = Plan::from_record(&first.record(), &machine()).expect("the same machine");
    assert_eq!(again.record(), first.record());
    assert_eq!(again.cells(), first.cells());
}

#[test]
fn an_extended_plan_has_the_order_of_the_first_plan_and_then_its_own() {
    let first = plan("strategies = ['single', 'handoff']\nblocks = 2\nscenarios = ['bare']");
    let mut record = first.record();
    let extension = first.extension(Some(3), &["skewed".into(), "keep-alive".into()]);
    let extension = extension
        .expect("a plan that lacks both")
        .expect("an extension");
    record.extend(extension);
    let longer = Plan::from_record(&record, &machine()).expect("the same machine");
    assert_eq!((longer.config.blocks, longer.scenarios.len()), (3, 4));
    for block in 0..2 {
        let of_first = first.block(block);
        assert_eq!(longer.block(block)[..of_first.len()], of_first);
    }
    let again = Plan::from_record(&longer.record(), &machine()).expect("the same machine");
    assert_eq!(again.cells(), longer.cells());
    assert_eq!(first.extension(Some(2), &[]).expect("the same plan"), None);
}

#[test]
fn a_recorded_plan_that_is_older_than_a_setting_gets_its_default() {
    let mut record = serde_json::to_value(plan("margin = '9%'").record()).expect("a record");
    let fields = record.as_object_mut().expect("a plan has fields");
    fields.remove("margin").expect("a margin");
    let old = serde_json::from_value(record).expect("an older record");
    let resumed = Plan::from_record(&old, &machine()).expect("the same machine");
    assert_eq!(resumed.config, plan("").config);
}

#[test]
fn every_strategy_gets_the_same_load_and_every_block_another() {
    let plan = plan("");
    let seed = |block, strategy, scenario| {
        plan.load_seed(Cell {
            block,
            strategy,
            scenario,
        })
    };
    assert_eq!(seed(0, 0, 0), seed(0, 5, 0));
    assert_ne!(seed(0, 0, 0), seed(1, 0, 0));
    assert_ne!(seed(0, 0, 0), seed(0, 0, 1));
}

#[test]
fn trials_that_are_short_beside_the_memory_of_their_queues_are_named_with_a_remedy() {
    assert_eq!(plan("").warnings(), Vec::<String>::new());
    let short = plan("[load]\nduration = '200ms'").warnings();
    assert_eq!(
        short,
        [
            "skewed: 200ms after 200ms of warm-up is short compared with the 200ms in which queues of this \
             load forget how they began, so latencies look too low; see `-d 800ms --warmup 200ms`"
        ]
    );
    let full = plan("scenarios = ['sweep-95']").warnings();
    assert!(full[0].ends_with("`-d 31.2s --warmup 7.8s`"), "{full:?}");
    let overload = plan("scenarios = ['skewed']\n[load]\nrate = 1e5").warnings();
    assert_eq!(overload, Vec::<String>::new());
}

#[test]
fn a_dry_run_shows_strategies_scenarios_and_time() {
    let shown = plan("").to_string();
    for expected in [
        "handoff:sticky",
        "skewed",
        "open loop, Poisson arrivals at 70% of capacity (1,436 requests/s with 4 workers)",
        "3 scenarios × 7 blocks = ",
        "800ms after 200ms of warm-up",
        "about",
    ] {
        assert!(
            shown.contains(expected),
            "{expected} is missing in\n{shown}"
        );
    }
}

proptest! {
    #[test]
    fn every_block_has_every_trial_once(seed: u64, blocks in 1u32..5) {
        let mut plan = plan("");
        (plan.config.seed, plan.config.blocks) = (seed, blocks);
        let cells = plan.cells();
        prop_assert_eq!(cells.len(), plan.trials());
        prop_assert_eq!(cells.iter().collect::<BTreeSet<_>>().len(), plan.trials());
        prop_assert!(cells.is_sorted_by_key(|cell| cell.block));
    }

    #[test]
    fn the_order_depends_on_the_seed_alone(seed: u64) {
        let with = |seed| {
            let mut plan = plan("");
            plan.config.seed = seed;
            plan.cells()
        };
        prop_assert_eq!(with(seed), with(seed));
        prop_assert_ne!(with(seed), with(seed.wrapping_add(1)));
    }
}
