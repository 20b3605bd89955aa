use proptest::prelude::*;

use super::*;

const AFTER: Duration = Duration::from_millis(100);

/// What a worker shows at one moment: the time in milliseconds, its beats, whether it waits, and whether something
/// waits for it.
type Look = (u64, u64, bool, bool);

const WAITS: bool = true;
const RUNS: bool = false;
const AWAITED: bool = true;
const IDLE: bool = false;

/// Returns what each look finds.
fn findings(looks: &[Look]) -> Vec<Option<Finding>> {
    let start = Instant::now();
    let mut watch = None;
    let finding = |(at, beats, waits, is_awaited): &Look| {
        let now = start + Duration::from_millis(*at);
        let heartbeat = Heartbeat {
            beats: *beats,
            waits: *waits,
        };
        let watch = watch.get_or_insert_with(|| StallWatch::new(heartbeat, now));
        watch.look(heartbeat, || *is_awaited, now, AFTER)
    };
    looks.iter().map(finding).collect()
}

#[test]
fn a_worker_that_waits_with_nothing_to_do_is_never_stalled() {
    let looks = [(0, 7, WAITS, IDLE), (1_000_000, 7, WAITS, IDLE)];
    assert_eq!(findings(&looks), [None, None]);
}

#[test]
fn a_worker_that_waits_is_stalled_when_something_has_waited_for_it_for_the_threshold() {
    let looks = [
        (0, 7, WAITS, IDLE),
        (500, 7, WAITS, IDLE),
        (525, 7, WAITS, AWAITED),
        (599, 7, WAITS, AWAITED),
        (600, 7, WAITS, AWAITED),
        (625, 7, WAITS, AWAITED),
    ];
    let expected = [None, None, None, None, Some(Finding::Stalled), None];
    assert_eq!(findings(&looks), expected);
}

#[test]
fn a_worker_that_runs_is_stalled_when_it_has_not_turned_for_the_threshold() {
    let looks = [
        (0, 8, RUNS, IDLE),
        (99, 8, RUNS, IDLE),
        (100, 8, RUNS, IDLE),
    ];
    assert_eq!(findings(&looks), [None, None, Some(Finding::Stalled)]);
}

#[test]
fn a_worker_that_is_always_busy_and_turns_is_not_stalled() {
    let busy: Vec<Look> = (0..50)
        .map(|turn| (turn * 99, turn, RUNS, AWAITED))
        .collect();
    assert!(findings(&busy).iter().all(Option::is_none));
}

#[test]
fn the_first_beat_after_a_stall_is_the_recovery_and_the_time_begins_anew() {
    let looks = [
        (0, 8, RUNS, AWAITED),
        (100, 8, RUNS, AWAITED),
        (3000, 8, RUNS, AWAITED),
        (3025, 9, WAITS, AWAITED),
        (3100, 9, WAITS, AWAITED),
        (3125, 9, WAITS, AWAITED),
    ];
    let (stalled, recovered) = (Some(Finding::Stalled), Some(Finding::Recovered));
    let expected = [None, stalled, None, recovered, None, stalled];
    assert_eq!(findings(&looks), expected);
}

proptest! {
    #[test]
    fn stalls_and_recoveries_alternate_and_each_has_its_reason(
        looks in prop::collection::vec((1_u64..60, 0_u64..2, any::<bool>(), any::<bool>()), 1..100),
    ) {
        let mut so_far = (0, 0);
        let looks: Vec<Look> = looks.into_iter().map(|(pause, beats, waits, is_awaited)| {
            so_far = (so_far.0 + pause, so_far.1 + beats);
            (so_far.0, so_far.1, waits, is_awaited)
        }).collect();
        let mut is_stalled = false;
        let mut calm_at = looks[0].0;
        let mut beats = looks[0].1;
        for (look, finding) in looks.iter().zip(findings(&looks)) {
            let (at, now, waits, is_awaited) = *look;
            let has_beaten = std::mem::replace(&mut beats, now) != now;
            let is_over = is_stalled && has_beaten;
            let begins = !is_stalled && !has_beaten && (!waits || is_awaited)
                && at - calm_at >= AFTER.as_millis() as u64;
            prop_assert_eq!(finding == Some(Finding::Recovered), is_over);
            prop_assert_eq!(finding == Some(Finding::Stalled), begins);
            is_stalled = (is_stalled || begins) && !is_over;
            if has_beaten || waits && !is_awaited {
                calm_at = at;
            }
        }
    }
}
