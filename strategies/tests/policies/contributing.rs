//! What CONTRIBUTING.md shows is a policy.

use std::num::NonZeroU32;

use evenkeel_strategies::Workers;
use evenkeel_strategies::policy::{Options, Setup};

use crate::policy::first::FIRST;
use crate::support::{loaded, picks};

#[test]
fn the_example_is_shown_as_it_is_compiled_here() {
    let shown = include_str!("../../../CONTRIBUTING.md");
    assert!(shown.contains(include_str!("policy/first.rs")));
}

#[test]
fn the_example_fills_one_worker_before_it_begins_with_the_next() {
    let pick = |workers: &mut Workers| {
        let max_in_flight = NonZeroU32::new(2).expect("not zero");
        let options = Options {
            max_in_flight,
            ..Options::default()
        };
        let setup = Setup {
            options,
            ..Setup::new(3, 1)
        };
        picks(&mut *(FIRST.make)(&setup), 1, workers)[0]
    };
    for (loads, expected) in [
        ([0, 0, 0], 0),
        ([2, 0, 0], 1),
        ([2, 1, 0], 1),
        ([2, 2, 2], 2),
    ] {
        assert_eq!(pick(&mut loaded(&loads)), expected, "{loads:?}");
    }
    let mut workers = loaded(&[1, 1, 1]);
    workers.set_available(0, false);
    assert_eq!(pick(&mut workers), 1);
}
