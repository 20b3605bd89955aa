//! The errors of launches that fail, and that nothing remains of them.

mod support;

use evenkeel_strategies::{Host, LaunchError, Privileges, Strategy, catalog};
use support::processes::children_of;
use support::{fleet_spec, for_each_strategy, launch};

#[test]
fn a_failed_launch_gives_its_reason_and_leaves_no_process() {
    a_port_in_use_is_reported();
    a_missing_executable_is_reported();
    an_executable_that_is_not_evenkeel_is_reported();
    a_missing_cpu_is_reported_by_the_child();
    more_workers_than_the_kernel_program_can_compare_are_refused();
    assert_eq!(children_of(std::process::id().cast_signed()), [0; 0]);
}

fn a_port_in_use_is_reported() {
    for_each_strategy(|strategy, key| {
        if strategy.profile().privileges == Privileges::NetworkNamespace {
            // In its own network namespace no port is in use.
            return;
        }
        let holder = launch(strategy, 2);
        let mut spec = fleet_spec(2);
        spec.listen = holder.address();
        let refused = strategy.launch(&spec).expect_err(key);
        assert!(
            matches!(refused, LaunchError::Listen { .. }),
            "{key}: {refused}"
        );
        assert!(
            refused.to_string().contains("choose another port"),
            "{refused}"
        );
    });
}

fn a_missing_executable_is_reported() {
    for_each_strategy(|strategy, key| {
        let mut spec = fleet_spec(2);
        spec.executable = "/no/such/evenkeel".into();
        let refused = strategy.launch(&spec).expect_err(key);
        assert!(
            matches!(refused, LaunchError::Spawn { .. }),
            "{key}: {refused}"
        );
        assert!(
            refused.to_string().contains("/no/such/evenkeel"),
            "{refused}"
        );
    });
}

fn an_executable_that_is_not_evenkeel_is_reported() {
    for_each_strategy(|strategy, key| {
        let mut spec = fleet_spec(2);
        spec.executable = "/bin/true".into();
        let refused = strategy.launch(&spec).expect_err(key);
        assert!(
            matches!(refused, LaunchError::NotReady { .. }),
            "{key}: {refused}"
        );
        assert!(
            refused.to_string().contains("ended with exit code 0"),
            "{refused}"
        );
    });
}

fn a_missing_cpu_is_reported_by_the_child() {
    for_each_strategy(|strategy, key| {
        let mut spec = fleet_spec(2);
        spec.cpus = vec![1023];
        let refused = strategy.launch(&spec).expect_err(key);
        assert!(
            matches!(refused, LaunchError::NotReady { .. }),
            "{key}: {refused}"
        );
    });
}

fn more_workers_than_the_kernel_program_can_compare_are_refused() {
    let least = named("reuseport:least");
    if let Err(unmet) = least.check(&Host::probe()) {
        eprintln!("skipped reuseport:least: {unmet}");
        return;
    }
    let refused = least
        .launch(&fleet_spec(129))
        .expect_err("129 are too many");
    assert!(refused.to_string().contains("use at most 128"), "{refused}");
}

#[test]
fn the_missing_feature_of_an_old_kernel_is_named() {
    let old = Host { kernel: (3, 8) };
    for (key, feature) in [
        ("reuseport", "SO_REUSEPORT needs Linux 3.9"),
        (
            "reuseport:cpu",
            "SO_ATTACH_REUSEPORT_CBPF for TCP needs Linux 4.5",
        ),
        (
            "reuseport:random",
            "SO_ATTACH_REUSEPORT_CBPF for TCP needs Linux 4.5",
        ),
        (
            "reuseport:least",
            "a BPF map that processes share needs Linux 5.5",
        ),
    ] {
        let unmet = named(key).check(&old).expect_err(key).to_string();
        assert!(unmet.starts_with(feature), "{unmet}");
        assert!(unmet.ends_with("this host runs 3.8"), "{unmet}");
    }
}

fn named(key: &str) -> &'static dyn Strategy {
    catalog::select(&[key]).expect("a key of the catalogue")[0]
}
