//! Tables of what happens to a place, and what it decides.

use std::time::Duration;

use super::*;
use crate::launch::master::decision::Act;
use crate::launch::master::respawn::Respawn;

const SECOND: Duration = Duration::from_secs(1);

const RULES: Rules = Rules {
    ready_within: Duration::from_secs(10),
    clean_up: SECOND,
    respawn: None,
};

const RESPAWN: Rules = Rules {
    respawn: Some(Respawn {
        delay: SECOND,
        at_most: 1,
        within: Duration::from_secs(60),
    }),
    ..RULES
};

const OVERLAP: Replacement = Replacement {
    overlap: Overlap::StartThenDrain,
    drain_within: Duration::from_secs(5),
};

const GAP: Replacement = Replacement {
    overlap: Overlap::DrainThenStart,
    ..OVERLAP
};

/// What happens to a place.
#[derive(Clone, Copy, Debug)]
enum Happens {
    Renew(Replacement),
    Vacate,
    Ready(u32),
    Failed(u32),
    Ended(u32, AfterEnd),
    /// Time passes, in seconds.
    Time(u32),
}
use Happens::{Ended, Failed, Ready, Renew, Time, Vacate};

/// Lets the rows happen in turn to a place with one serving life. Each row lists what must be done next.
fn follow(rules: Rules, rows: &[(Happens, &[Act])]) -> Place {
    let mut place = Place::served(rules, OVERLAP);
    let mut now = Instant::now();
    for (number, (happens, expected)) in rows.iter().enumerate() {
        match *happens {
            Renew(replacement) => place.renew(replacement, now),
            Vacate => place.vacate(OVERLAP),
            Ready(generation) => place.ready(generation),
            Failed(generation) => place.failed(generation),
            Time(seconds) => now += seconds * SECOND,
            Ended(generation, after_end) => {
                assert_eq!(place.ended(generation, now), after_end, "row {number}");
            }
        }
        let acts: Vec<Act> = std::iter::from_fn(|| place.next(now)).collect();
        assert_eq!(acts, *expected, "row {number}: {happens:?}");
    }
    place
}

const DRAIN: Duration = OVERLAP.drain_within;
const NOTHING: AfterEnd = AfterEnd::Nothing;

#[test]
fn a_place_that_is_served_needs_nothing() {
    let place = follow(RULES, &[(Time(1000), &[])]);
    assert!(place.is_settled());
    assert_eq!(place.deadline(), None);
}

#[test]
fn start_then_drain_retires_the_old_life_when_the_new_one_serves() {
    let place = follow(
        RULES,
        &[
            (Renew(OVERLAP), &[Act::Start(1)]),
            (Time(1), &[]),
            (Ready(1), &[Act::Admit(1), Act::Retire(0, DRAIN)]),
            (Ended(0, NOTHING), &[]),
        ],
    );
    assert!(place.is_settled());
}

#[test]
fn drain_then_start_starts_the_new_life_when_the_old_one_has_ended() {
    let place = follow(
        RULES,
        &[
            (Renew(GAP), &[Act::Retire(0, DRAIN)]),
            (Time(1), &[]),
            (Ended(0, NOTHING), &[Act::Start(1)]),
            (Ready(1), &[Act::Admit(1)]),
        ],
    );
    assert!(place.is_settled());
}

#[test]
fn a_life_that_does_not_drain_in_time_is_killed() {
    let place = follow(
        RULES,
        &[
            (Renew(OVERLAP), &[Act::Start(1)]),
            (Ready(1), &[Act::Admit(1), Act::Retire(0, DRAIN)]),
            (Time(5), &[]),
            (Time(1), &[Act::Kill(0)]),
            (Ended(0, NOTHING), &[]),
        ],
    );
    assert!(place.is_settled());
}

#[test]
fn the_old_life_goes_on_if_the_new_one_is_late_fails_or_ends() {
    let failures: [&[(Happens, &[Act])]; 3] = [
        &[(Time(10), &[Act::KillLate(1)]), (Ended(1, NOTHING), &[])],
        &[(Failed(1), &[]), (Ended(1, NOTHING), &[])],
        &[(Ended(1, NOTHING), &[])],
    ];
    for failure in failures {
        let mut rows: Vec<(Happens, &[Act])> = vec![(Renew(OVERLAP), &[Act::Start(1)])];
        rows.extend(failure);
        let place = follow(RESPAWN, &rows);
        assert!(place.is_settled(), "{failure:?}");
        assert!(place.is_wanted(), "{failure:?}");
    }
}

#[test]
fn after_a_failure_the_next_life_has_other_counters_than_the_one_that_serves() {
    follow(
        RULES,
        &[
            (Renew(OVERLAP), &[Act::Start(1)]),
            (Ended(1, NOTHING), &[]),
            (Renew(OVERLAP), &[Act::Start(3)]),
        ],
    );
}

#[test]
fn a_third_life_waits_until_the_first_has_ended() {
    follow(
        RULES,
        &[
            (Renew(OVERLAP), &[Act::Start(1)]),
            (Ready(1), &[Act::Admit(1), Act::Retire(0, DRAIN)]),
            (Renew(OVERLAP), &[]),
            (Ended(0, NOTHING), &[Act::Start(2)]),
            (Ready(2), &[Act::Admit(2), Act::Retire(1, DRAIN)]),
        ],
    );
}

#[test]
fn a_vacated_place_is_settled_when_its_life_has_ended() {
    let place = follow(RULES, &[(Vacate, &[Act::Retire(0, DRAIN)])]);
    assert!(!place.is_settled());
    let place = follow(
        RULES,
        &[(Vacate, &[Act::Retire(0, DRAIN)]), (Ended(0, NOTHING), &[])],
    );
    assert!(place.is_settled() && !place.is_wanted());
}

#[test]
fn a_crash_leaves_the_place_empty_without_a_policy_and_a_renewal_fills_it() {
    let place = follow(RULES, &[(Ended(0, AfterEnd::Lost), &[]), (Time(1000), &[])]);
    assert!(place.is_settled() && place.is_wanted());
    follow(
        RULES,
        &[
            (Ended(0, AfterEnd::Lost), &[]),
            (Renew(OVERLAP), &[Act::Start(1)]),
        ],
    );
}

#[test]
fn a_crash_is_followed_by_a_new_life_after_a_delay_until_there_were_too_many() {
    let place = follow(
        RESPAWN,
        &[
            (Ended(0, AfterEnd::Respawn(SECOND)), &[]),
            (Time(1), &[Act::Start(1)]),
            (Ended(1, AfterEnd::GaveUp), &[]),
            (Time(30), &[]),
        ],
    );
    assert_eq!(place.deadline(), None);
}

#[test]
fn a_crash_of_the_old_life_changes_nothing_for_the_new_one() {
    let place = follow(
        RESPAWN,
        &[
            (Renew(OVERLAP), &[Act::Start(1)]),
            (Ended(0, NOTHING), &[]),
            (Ready(1), &[Act::Admit(1)]),
        ],
    );
    assert!(place.is_settled());
}

#[test]
fn a_life_that_starts_is_killed_at_once_if_it_is_superseded() {
    follow(
        RESPAWN,
        &[
            (Ended(0, AfterEnd::Respawn(SECOND)), &[]),
            (Time(1), &[Act::Start(1)]),
            (Renew(OVERLAP), &[Act::Kill(1), Act::Start(2)]),
        ],
    );
}

#[test]
fn the_next_moment_to_look_is_that_of_the_first_limit() {
    let begin = Instant::now();
    let mut place = Place::served(RULES, OVERLAP);
    place.renew(OVERLAP, begin);
    assert_eq!(place.next(begin), Some(Act::Start(1)));
    assert_eq!(place.deadline(), Some(begin + RULES.ready_within));
    place.ready(1);
    while place.next(begin).is_some() {}
    assert_eq!(place.deadline(), Some(begin + DRAIN + RULES.clean_up));
}
