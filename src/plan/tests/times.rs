//! How long trials and studies take.

use std::time::Duration;

use evenkeel_reports::compare::MIN_BLOCKS;
use evenkeel_strategies::catalog;

use super::{machine, plan, settings};
use crate::plan::{Plan, resolve};

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
