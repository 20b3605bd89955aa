//! What a launch says when it cannot be done, and that nothing is left of it.

mod support;

use evenkeel_strategies::LaunchError;
use support::processes::children_of;
use support::{for_each_strategy, launch, order};

#[test]
fn a_launch_that_fails_says_why_and_leaves_no_process() {
    a_taken_port_is_named();
    an_executable_that_is_not_there_is_named();
    an_executable_that_is_not_evenkeel_is_found_out();
    a_cpu_that_is_not_there_is_told_by_the_child();
    assert_eq!(children_of(std::process::id().cast_signed()), [0; 0]);
}

fn a_taken_port_is_named() {
    for_each_strategy(|strategy, key| {
        if strategy.is_apart() {
            // In a network namespace of its own nobody else has a port.
            return;
        }
        let holder = launch(strategy, 2);
        let mut spec = order(2);
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

fn an_executable_that_is_not_there_is_named() {
    for_each_strategy(|strategy, key| {
        let mut spec = order(2);
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

fn an_executable_that_is_not_evenkeel_is_found_out() {
    for_each_strategy(|strategy, key| {
        let mut spec = order(2);
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

fn a_cpu_that_is_not_there_is_told_by_the_child() {
    for_each_strategy(|strategy, key| {
        let mut spec = order(2);
        spec.cpus = vec![1023];
        let refused = strategy.launch(&spec).expect_err(key);
        assert!(
            matches!(refused, LaunchError::NotReady { .. }),
            "{key}: {refused}"
        );
    });
}
