use proptest::prelude::*;

use super::*;

const REASONS: [Reason; 5] = [
    Reason::Absent,
    Reason::Full,
    Reason::Refuses,
    Reason::Excluded,
    Reason::Stalled,
];

proptest! {
    #[test]
    fn a_worker_is_available_as_long_as_no_part_has_a_reason_against_it(
        changes in prop::collection::vec((0..REASONS.len(), any::<bool>()), 0..50),
    ) {
        let mut workers = Workers::new(2);
        let mut applies = [false; REASONS.len()];
        for (reason, now) in changes {
            let is_change = workers.set_ineligible(1, REASONS[reason], now);
            prop_assert_eq!(is_change, std::mem::replace(&mut applies[reason], now) != now);
            let available = !applies.contains(&true);
            prop_assert_eq!(workers.is_available(1), available);
            prop_assert_eq!(workers.available(), 1 + usize::from(available));
            prop_assert_eq!(workers.loads(Signal::Requests)[1] == UNAVAILABLE, !available);
        }
    }
}

#[test]
fn what_was_held_against_a_life_is_not_held_against_the_next_one() {
    let mut workers = Workers::new(1);
    for reason in REASONS {
        workers.set_ineligible(0, reason, true);
    }
    let next = Life {
        place: 0,
        generation: 1,
    };
    workers.admit(next);
    assert!(workers.is_available(0));
}
