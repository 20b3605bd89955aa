use proptest::prelude::*;

use super::*;

fn spec(consecutive: u32, at_most: f64) -> PassiveHealth {
    PassiveHealth {
        consecutive: NonZeroU32::new(consecutive),
        success_rate: None,
        time: at(10),
        at_most: Share::new(at_most).expect("a share"),
        panic_below: Share::new(0.5).expect("a share"),
    }
}

fn at(second: u64) -> Duration {
    Duration::from_secs(second)
}

const PLACES: usize = 4;

fn state(spec: PassiveHealth) -> HealthState {
    HealthState::new(spec, PLACES)
}

fn fail(state: &mut HealthState, place: usize, second: u64) -> Option<Duration> {
    state.failed(Life::first(place), PLACES, at(second))
}

fn succeed(state: &mut HealthState, place: usize, second: u64) {
    state.succeeded(Life::first(place), at(second));
}

#[test]
fn a_worker_is_ejected_after_failures_in_a_row() {
    let mut state = state(spec(3, 1.0));
    assert_eq!([fail(&mut state, 1, 0), fail(&mut state, 1, 0)], [None; 2]);
    succeed(&mut state, 1, 0);
    assert_eq!([fail(&mut state, 1, 0), fail(&mut state, 1, 0)], [None; 2]);
    assert_eq!(fail(&mut state, 1, 0), Some(at(10)));
    assert_eq!(state.ejected().collect::<Vec<_>>(), [Life::first(1)]);
    assert_eq!(fail(&mut state, 1, 1), None, "it is ejected already");
}

#[test]
fn ejections_in_a_row_grow_and_health_shortens_them_again() {
    let mut state = state(spec(1, 1.0));
    let life = Life::first(0);
    // The time of a failure, and how long the worker is ejected then.
    for (second, time) in [(0, 10), (10, 20), (30, 30), (80, 20), (1000, 10)] {
        assert_eq!(fail(&mut state, 0, second), Some(at(time)), "at {second}");
        assert!(!state.end(life, at(second + time - 1)));
        assert!(state.end(life, at(second + time)));
    }
    for _ in 0..100 {
        let now = state.workers[0].returned_at;
        let time = state.failed(life, PLACES, now).expect("ejected");
        assert!(time <= LONGEST);
        assert!(state.end(life, now + time));
    }
}

#[test]
fn a_low_success_rate_ejects_a_worker_that_has_had_enough_requests() {
    let least = Share::new(0.8);
    let mut state = state(PassiveHealth {
        consecutive: None,
        success_rate: least,
        ..spec(1, 1.0)
    });
    for _ in 0..24 {
        succeed(&mut state, 2, 0);
    }
    assert!(
        (0..25).all(|_| fail(&mut state, 2, 0).is_none()),
        "too few to judge"
    );
    assert_eq!(fail(&mut state, 2, 0), Some(at(10)));
    for _ in 0..100 {
        succeed(&mut state, 3, 0);
    }
    assert_eq!(fail(&mut state, 3, 0), None, "99% are successes");
}

#[test]
fn with_too_few_workers_left_ejected_ones_are_picked() {
    let mut state = state(spec(1, 1.0));
    for (place, panics) in [(0, false), (1, false), (2, true), (3, true)] {
        assert!(fail(&mut state, place, 0).is_some());
        assert_eq!(state.panics(PLACES), panics, "{} are ejected", place + 1);
    }
}

#[test]
fn a_new_worker_in_a_place_begins_without_failures() {
    let mut state = state(spec(2, 1.0));
    fail(&mut state, 0, 0);
    let next = Life {
        place: 0,
        generation: 1,
    };
    assert_eq!(state.failed(next, PLACES, at(0)), None);
    assert!(state.failed(next, PLACES, at(0)).is_some());
    state.replace(Life {
        place: 0,
        generation: 2,
    });
    assert_eq!(state.ejected().count(), 0);
}

proptest! {
    #[test]
    fn at_most_a_share_is_ejected_but_one_always_may_be(
        thousandths in 1..=1000_u32,
        outcomes in prop::collection::vec((0..PLACES, any::<bool>()), 1..100),
    ) {
        let share = f64::from(thousandths) / 1000.0;
        let mut state = state(spec(1, share));
        let most = ((share * PLACES as f64 + 1e-9) as usize).max(1);
        for (place, failed) in outcomes {
            match failed {
                true => drop(fail(&mut state, place, 0)),
                false => succeed(&mut state, place, 0),
            }
            prop_assert!(state.ejected().count() <= most);
            prop_assert!(!failed || state.ejected().count() >= 1);
        }
    }
}
