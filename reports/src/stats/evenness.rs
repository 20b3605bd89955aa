//! How evenly requests are spread over the workers after a change of the fleet, and how long that takes.

use std::collections::BTreeMap;

use crate::record::{ChangeRecord, IntervalRecord, TimelineEvent};

/// How far the requests of a worker may be from a fair share, as a share of it.
const TOLERANCE: f64 = 0.5;

/// Fewest requests per worker of which an evenness is judged. The number of requests that chance gives a worker
/// deviates by the root of its mean, 16% of 40, so chance alone rarely exceeds the tolerance.
const PER_WORKER: f64 = 40.0;

/// How the requests after a change were spread, until the next one began or the measured time ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Evenness {
    /// From the beginning of the change, seconds; `None` if it did not become even.
    pub(super) after_s: Option<f64>,
    /// What workers that came with the change had in the end, as a share of what is fair; `None` if none came.
    pub(super) new_workers: Option<f64>,
}

/// Successive intervals with enough requests to judge them.
struct Group {
    begins_s: f64,
    /// Requests of each worker that served in all of it, by number.
    answered: BTreeMap<usize, u64>,
}

impl Evenness {
    /// Returns the evenness after each completed change of which it is known.
    pub(super) fn of(
        changes: &[ChangeRecord],
        intervals: &[IntervalRecord],
        timeline: &[TimelineEvent],
    ) -> Vec<Self> {
        let ends = changes.iter().skip(1).map(|next| next.began_s);
        let ends = ends.chain([f64::INFINITY]);
        let completed = changes
            .iter()
            .zip(ends)
            .filter(|(it, _)| it.error.is_none());
        let after = completed.filter_map(|(change, until_s)| {
            let groups = groups(intervals, timeline, change.ended_s, until_s);
            let old = serving(timeline, change.began_s);
            Some(Self {
                after_s: even_from(&groups).map(|begins_s| begins_s - change.began_s),
                new_workers: groups.last()?.share_of_new(&old),
            })
        });
        after.collect()
    }
}

impl Group {
    fn fair(&self) -> f64 {
        self.answered.values().sum::<u64>() as f64 / self.answered.len() as f64
    }

    fn is_even(&self) -> bool {
        let fair = self.fair();
        let mut answered = self.answered.values();
        answered.all(|count| (*count as f64 - fair).abs() <= TOLERANCE * fair)
    }

    /// Returns the mean of the workers that are not old, as a share of what is fair.
    fn share_of_new(&self, old: &[usize]) -> Option<f64> {
        let new = self
            .answered
            .iter()
            .filter(|(worker, _)| !old.contains(worker));
        let counts: Vec<f64> = new.map(|(_, count)| *count as f64).collect();
        let mean = counts.iter().sum::<f64>() / counts.len() as f64;
        (!counts.is_empty()).then(|| mean / self.fair())
    }
}

/// Returns when the first group begins from which on all are even.
fn even_from(groups: &[Group]) -> Option<f64> {
    let even = groups.iter().rev().take_while(|group| group.is_even());
    even.last().map(|group| group.begins_s)
}

/// Returns the groups of the intervals between two times.
fn groups(
    intervals: &[IntervalRecord],
    timeline: &[TimelineEvent],
    from_s: f64,
    until_s: f64,
) -> Vec<Group> {
    let workers = serving(timeline, from_s);
    let is_within =
        |one: &&IntervalRecord| one.at_s >= from_s && one.at_s + one.duration_s <= until_s;
    let (mut groups, mut open) = (Vec::new(), None);
    for interval in intervals.iter().filter(is_within) {
        let group = open.get_or_insert_with(|| Group {
            begins_s: interval.at_s,
            answered: workers.iter().map(|worker| (*worker, 0)).collect(),
        });
        for (worker, count) in &mut group.answered {
            *count += interval
                .per_worker
                .get(*worker)
                .copied()
                .unwrap_or_default();
        }
        if group.fair() >= PER_WORKER {
            groups.extend(open.take());
        }
    }
    groups
}

/// Returns the numbers of the workers that may be chosen at a time.
fn serving(timeline: &[TimelineEvent], at_s: f64) -> Vec<usize> {
    let mut lives = BTreeMap::new();
    for event in timeline.iter().filter(|event| event.at_s <= at_s) {
        let Some(worker) = event.worker else { continue };
        match event.event.as_str() {
            "admitted" => drop(lives.insert(worker as usize, event.generation)),
            "draining" | "exit" if lives.get(&(worker as usize)) == Some(&event.generation) => {
                lives.remove(&(worker as usize));
            }
            _ => {}
        }
    }
    lives.into_keys().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Intervals of 0.1 s with the requests of each worker.
    fn intervals(per_worker: &[&[u64]]) -> Vec<IntervalRecord> {
        let interval = |(number, per_worker): (usize, &&[u64])| IntervalRecord {
            at_s: number as f64 / 10.0,
            duration_s: 0.1,
            requests: per_worker.iter().sum(),
            errors: 0,
            per_worker: per_worker.to_vec(),
            p50_us: None,
            p99_us: None,
            max_us: None,
            stalled_us: None,
            histogram: None,
            host: None,
        };
        per_worker.iter().enumerate().map(interval).collect()
    }

    fn event(at_s: f64, event: &str, worker: u32) -> TimelineEvent {
        TimelineEvent {
            at_s,
            event: event.to_owned(),
            worker: Some(worker),
            generation: Some(0),
            pid: None,
            intended: None,
            detail: None,
        }
    }

    fn change(began_s: f64, ended_s: f64) -> ChangeRecord {
        ChangeRecord {
            what: "scale to 2 workers".to_owned(),
            due_s: began_s,
            began_s,
            ended_s,
            error: None,
        }
    }

    /// A worker that was there, and one that is admitted at 0.1 s.
    fn timeline() -> Vec<TimelineEvent> {
        vec![event(-1.0, "admitted", 0), event(0.1, "admitted", 1)]
    }

    #[test]
    fn it_is_even_from_when_on_every_worker_stays_close_to_a_fair_share() {
        let series = intervals(&[
            &[80, 0],
            &[80, 0],
            &[50, 30],
            &[80, 10],
            &[60, 40],
            &[40, 40],
        ]);
        let after = Evenness::of(&[change(0.0, 0.1)], &series, &timeline());
        assert_eq!(after.len(), 1);
        assert_eq!(after[0].after_s, Some(0.4));
        assert_eq!(after[0].new_workers, Some(1.0));
    }

    #[test]
    fn kept_connections_that_stay_with_old_workers_are_never_even() {
        let series = intervals(&[&[90, 0], &[90, 10], &[90, 10]]);
        let after = Evenness::of(&[change(0.0, 0.1)], &series, &timeline());
        assert_eq!((after[0].after_s, after[0].new_workers), (None, Some(0.2)));
    }

    #[test]
    fn intervals_with_few_requests_are_judged_together() {
        let series = intervals(&[&[9, 0], &[39, 1], &[1, 39], &[80, 0]]);
        let groups = groups(&series, &timeline(), 0.1, 0.35);
        assert_eq!(groups.len(), 1);
        assert!(groups[0].is_even());
    }

    #[test]
    fn a_worker_that_drains_has_no_share_and_the_next_change_ends_the_look() {
        let series = intervals(&[&[40, 40], &[80, 0], &[0, 80], &[0, 80]]);
        let mut timeline = timeline();
        timeline.extend([event(0.1, "draining", 1), event(0.2, "exit", 1)]);
        let changes = [change(0.0, 0.1), change(0.2, 0.3)];
        let after = Evenness::of(&changes, &series, &timeline);
        assert_eq!(after[0].after_s, Some(0.1));
        assert_eq!(after[0].new_workers, None);
    }

    #[test]
    fn nothing_is_known_of_records_without_requests_per_worker() {
        let series = intervals(&[&[], &[], &[]]);
        assert_eq!(Evenness::of(&[change(0.0, 0.1)], &series, &timeline()), []);
    }
}
