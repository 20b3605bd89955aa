//! Variants of the fleet, and scenarios with a number of workers of their own.

use super::{machine, plan, refusal};
use crate::plan::Plan;

const TWO: &str = "strategies = ['single', 'shared-listener']\nscenarios = ['keep-alive']\n\
                   [fleet]\nworkers = 3\nidle_timeout = '9s'\n\
                   [[variant]]\nname = 'plain'\n\
                   [[variant]]\nname = 'counted'\nfleet.counter = 'messages'\n";

#[test]
fn every_strategy_takes_part_once_with_each_variant() {
    let plan = plan(TWO);
    let keys: Vec<&str> = plan.contestants.iter().map(|it| it.key.as_str()).collect();
    assert_eq!(
        keys,
        [
            "single@plain",
            "single@counted",
            "shared-listener@plain",
            "shared-listener@counted"
        ]
    );
    let fleets = plan.contestants.iter().map(|it| it.fleet(&plan.config));
    let counts: Vec<bool> = fleets.map(|fleet| !fleet.counter.is_none()).collect();
    assert_eq!(counts, [false, true, false, true]);
    let specs = plan
        .contestants
        .iter()
        .map(|it| it.fleet(&plan.config).spec("program".as_ref()));
    for spec in specs {
        assert_eq!(
            (spec.workers.get(), spec.client_limits.idle.as_secs()),
            (3, 9)
        );
    }
}

#[test]
fn a_recorded_plan_has_the_same_variants() {
    let plan = plan(TWO);
    let read = Plan::from_record(&plan.record(), &machine()).expect("a plan");
    let fleets = |plan: &Plan| {
        let fleets = plan
            .contestants
            .iter()
            .map(|it| it.fleet(&plan.config).clone());
        fleets.collect::<Vec<_>>()
    };
    assert_eq!(fleets(&read), fleets(&plan));
    assert_eq!(read.record(), plan.record());
}

#[test]
fn variants_that_compare_nothing_are_refused() {
    for (study, problem) in [
        ("[[variant]]\nname = 'a'", "compared with nothing"),
        (
            "[[variant]]\nname = 'a'\n[[variant]]\nname = 'a'",
            "another variant has this name",
        ),
        (
            "[[variant]]\nname = 'a'\n[[variant]]\nname = 'b c'",
            "letters, digits, dots",
        ),
        (
            "[[variant]]\nname = 'a'\n[[variant]]\nname = 'b'\nfleet.workers = 2",
            "give `workers` to scenarios",
        ),
        (
            "aa = true\n[[variant]]\nname = 'a'\n[[variant]]\nname = 'b'",
            "cannot be combined",
        ),
    ] {
        let refused = refusal(study, &machine());
        assert!(refused.contains(problem), "{study}: {refused}");
    }
}

#[test]
fn a_scenario_may_have_a_number_of_workers_of_its_own() {
    let scenario = |name: &str, more: &str| {
        format!(
            "[[scenario]]\nname = '{name}'\nloop = 'closed'\nconnections = 8\nwork = '/'\n{more}\n"
        )
    };
    let scenarios = scenario("usual", "") + &scenario("many", "workers = 16");
    let plan = plan(&format!("{scenarios}[fleet]\nworkers = 3"));
    let workers: Vec<usize> = plan
        .scenarios
        .iter()
        .map(|it| plan.workers(it).get())
        .collect();
    assert_eq!(workers, [3, 16]);
    let weighted = format!("{scenarios}[fleet]\nworkers = 3\nweights = [1, 2, 3]");
    let refused = refusal(&weighted, &machine());
    assert!(refused.contains("many"), "{refused}");
}
