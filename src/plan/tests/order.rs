//! In which order trials run, also of a study that is resumed.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{machine, plan};
use crate::plan::{Cell, Plan};

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
