//! The studies that come with evenkeel.

use std::path::Path;
use std::time::Duration;

use evenkeel_reports::LoopKind;
use evenkeel_reports::compare::MIN_BLOCKS;
use evenkeel_strategies::catalog;

use super::machine;
use crate::config::StudyFile;
use crate::plan::{Plan, resolve};

/// The plan of a study of the folder `studies`.
fn ready(name: &str) -> Plan {
    let studies = Path::new(env!("CARGO_MANIFEST_DIR")).join("studies");
    let file = studies.join(name).with_extension("toml");
    let settings = StudyFile::read(&file).expect("a study").settings;
    resolve(settings, false, &machine()).expect("a plan")
}

#[test]
fn the_ready_study_can_be_carried_out() {
    let plan = ready("thorough");
    assert_eq!((plan.config.blocks, plan.scenarios.len()), (12, 5));
    // "About six minutes for each strategy", it says.
    let minutes = plan.time_for(12 * 5).as_secs_f64() / 60.0;
    assert!((5.5..6.5).contains(&minutes), "{minutes} minutes");
}

#[test]
fn the_study_of_queueing_takes_eleven_minutes() {
    let plan = ready("queueing");
    let minutes = plan.time_for(plan.trials()).as_secs_f64() / 60.0;
    assert!((10.5..11.5).contains(&minutes), "{minutes} minutes");
}

#[test]
fn the_study_of_peers_has_all_of_them_and_their_counterparts() {
    let plan = ready("peers");
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
    let plan = ready("regression");
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
