//! What the changes of fleets did: requests that were lost, and how long it took.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::dip::{Dip, Usual};
use super::evenness::Evenness;
use super::{Scale, Spread};
use crate::losses::{had, lossy};
use crate::record::{ChangeRecord, Measured, TimelineEvent, Trial, chosen_from};

/// What the changes of its fleet did to a strategy under a scenario, all measured trials together, valid or
/// not: a lost request is lost in a disturbed trial, too.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChangeFigures {
    /// Number of changes that were completed.
    pub changes: usize,
    /// Number of changes that failed.
    pub failed: usize,
    /// Number of changes after which, before the next one began, a request was lost; absent if it is not
    /// known of every lost request when that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lossy: Option<usize>,
    /// Requests of the measured time.
    pub requests: u64,
    /// Requests that were lost, by class; a class that did not occur is absent.
    pub lost: BTreeMap<String, u64>,
    /// The same by who had them, as far as their times tell; empty in older records.
    pub had: BTreeMap<&'static str, u64>,
    /// Requests that were sent again on a new connection; absent in older records.
    pub sent_again: Option<u64>,
    /// Lost requests per change, over blocks.
    pub lost_per_change: Option<Spread>,
    /// Upper 95% bound of the share of changes that lose a request, if none was lost in enough changes.
    pub at_most: Option<f64>,
    /// How long a change took, seconds.
    pub took_s: Option<Spread>,
    /// From when a new worker was started to when it could be chosen, seconds.
    pub ready_s: Option<Spread>,
    /// From the beginning of a change to the first answer of a worker that it started, seconds; absent where
    /// answers do not tell which process gave them.
    pub first_answer_s: Option<Spread>,
    /// From when a new worker could serve to its first answer, seconds; absent also for a peer, whose workers do
    /// not say when they can.
    pub answered_s: Option<Spread>,
    /// From when a worker began to drain to its end, seconds.
    pub drained_s: Option<Spread>,
    /// By which share throughput was lower than usual in the worst interval of a change; absent where
    /// intervals are too long to say.
    pub dip: Option<Spread>,
    /// How long throughput was lower than in any interval without a change, seconds.
    pub dip_s: Option<Spread>,
    /// p99 of the worst interval of a change, in units of the usual one.
    pub p99_rise: Option<Spread>,
    /// Kept connections that were opened again, per change; absent if connections are not kept.
    pub moved_per_change: Option<Spread>,
    /// From the beginning of a change until requests were spread evenly over the workers, seconds; of changes after
    /// which they were.
    pub even_s: Option<Spread>,
    /// Number of changes after which they were not, before the next one began or the measured time ended; absent if
    /// it is not known how they were spread.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uneven: Option<usize>,
    /// What workers that came with a change had in the end, as a share of what is fair.
    pub new_workers: Option<Spread>,
}

/// Changes without a loss of which each could have lost a request with probability p show with 95%
/// confidence that p is at most three over their number (J. A. Hanley, A. Lippman-Hand, "If nothing goes
/// wrong, is everything all right?", JAMA 249, 1983).
const RULE_OF_THREE: f64 = 3.0;

/// Fewest changes for that bound: of fewer, a third or more could lose a request, which says nothing.
const FEWEST_FOR_A_BOUND: usize = 10;

/// The measured trials that have changes.
struct Changed<'a>(Vec<(&'a Trial, &'a Measured)>);

impl ChangeFigures {
    /// `None` if no trial has a change.
    pub(super) fn of(trials: &[&Trial]) -> Option<ChangeFigures> {
        let changed = Changed::of(trials);
        let all = || changed.0.iter().flat_map(|(trial, _)| &trial.changes);
        all().next()?;
        let changes = all().filter(|change| change.error.is_none()).count();
        let measured = || changed.0.iter().map(|(_, measured)| *measured);
        let lost = sum(measured().map(Measured::lost));
        Some(ChangeFigures {
            changes,
            failed: all().count() - changes,
            lossy: changed.0.iter().map(|(t, m)| lossy(t, m)).sum(),
            requests: measured().map(Measured::offered).sum(),
            had: had(&changed.0),
            sent_again: measured().map(|m| m.repeated).sum(),
            lost_per_change: changed.over(&|t, m| m.lost_per_change(t)),
            at_most: (lost.is_empty() && changes >= FEWEST_FOR_A_BOUND)
                .then(|| RULE_OF_THREE / changes as f64),
            lost,
            took_s: changed.over(&|t, _| mean(t.changes.iter().map(ChangeRecord::took_s))),
            ready_s: changed
                .over(&|t, _| mean(spans(&t.timeline, "fork", chosen_from(&t.timeline)))),
            first_answer_s: changed.over(&|t, _| mean(first_answers(t))),
            answered_s: changed.over(&|t, _| mean(answered(&t.timeline))),
            drained_s: changed.over(&|t, _| mean(spans(&t.timeline, "draining", "exit"))),
            dip: changed.over_dips(|dip| Some(dip.depth)),
            dip_s: changed.over_dips(|dip| Some(dip.lasted_s)),
            p99_rise: changed.over_dips(|dip| dip.p99_rise),
            moved_per_change: changed.over(&|t, m| Some(m.moved? as f64 / t.changes.len() as f64)),
            even_s: changed.over_evenness(|after| after.after_s),
            uneven: changed.uneven(),
            new_workers: changed.over_evenness(|after| after.new_workers),
        })
    }

    /// Requests that were lost, of all classes.
    pub fn lost_count(&self) -> u64 {
        self.lost.values().sum()
    }
}

impl<'a> Changed<'a> {
    fn of(trials: &[&'a Trial]) -> Self {
        let changed = trials.iter().filter(|trial| !trial.changes.is_empty());
        let measured = changed.filter_map(|trial| Some((*trial, trial.measured()?)));
        // Where no connection could be opened, nothing shows that nothing is lost.
        let offered = measured.filter(|(_, measured)| measured.offered() > 0);
        Changed(offered.collect())
    }

    /// Returns a figure over blocks.
    fn over(&self, figure: &dyn Fn(&Trial, &Measured) -> Option<f64>) -> Option<Spread> {
        let figures = self.0.iter().filter_map(|(t, m)| figure(t, m));
        Spread::of(figures, Scale::Count)
    }

    fn over_dips(&self, figure: fn(Dip) -> Option<f64>) -> Option<Spread> {
        self.over(&|t, m| mean(dips(t, m).filter_map(figure)))
    }

    fn over_evenness(&self, figure: fn(Evenness) -> Option<f64>) -> Option<Spread> {
        self.over(&|t, m| mean(evenness(t, m).into_iter().filter_map(figure)))
    }

    /// Counts the changes after which requests were not spread evenly; `None` if that is known of none.
    fn uneven(&self) -> Option<usize> {
        let known: Vec<Evenness> = self.0.iter().flat_map(|(t, m)| evenness(t, m)).collect();
        let uneven = known.iter().filter(|after| after.after_s.is_none()).count();
        (!known.is_empty()).then_some(uneven)
    }
}

impl Measured {
    /// Returns the requests that were lost, by class.
    pub(crate) fn lost(&self) -> BTreeMap<&str, u64> {
        let errors = self.errors.iter().filter(|(_, count)| **count > 0);
        errors
            .map(|(class, count)| (class.as_str(), *count))
            .collect()
    }

    /// Returns the lost requests per change of its trial.
    pub(crate) fn lost_per_change(&self, trial: &Trial) -> Option<f64> {
        let lost: u64 = self.lost().values().sum();
        (!trial.changes.is_empty()).then(|| lost as f64 / trial.changes.len() as f64)
    }

    /// Requests of the measured time; in older records without those that were unfinished at its end.
    fn offered(&self) -> u64 {
        let ended = || self.requests + self.lost().values().sum::<u64>();
        (self.account.as_ref()).map_or_else(ended, |account| account.requests)
    }
}

fn sum<'a>(all: impl Iterator<Item = BTreeMap<&'a str, u64>>) -> BTreeMap<String, u64> {
    let mut sum = BTreeMap::new();
    for (class, count) in all.flatten() {
        *sum.entry(class.to_owned()).or_default() += count;
    }
    sum
}

fn dips<'a>(trial: &'a Trial, measured: &'a Measured) -> impl Iterator<Item = Dip> {
    let usual = Usual::of(&measured.intervals, &trial.changes);
    let changes = trial.changes.iter();
    changes.filter_map(move |change| usual.as_ref()?.dip(change))
}

fn evenness(trial: &Trial, measured: &Measured) -> Vec<Evenness> {
    Evenness::of(&trial.changes, &measured.intervals, &trial.timeline)
}

/// Returns the times from one event of a process to another, seconds, of those that begin in the measured
/// time.
fn spans(timeline: &[TimelineEvent], from: &str, to: &str) -> Vec<f64> {
    let mut begun = BTreeMap::new();
    let mut spans = Vec::new();
    for event in timeline {
        let life = life(event);
        if event.event == from && event.at_s >= 0.0 {
            begun.insert(life, event.at_s);
        } else if event.event == to
            && let Some(from) = begun.remove(&life)
        {
            spans.push(event.at_s - from);
        }
    }
    spans
}

/// Returns the times from when workers could serve to their first answers, seconds. A peer is seen only from
/// outside: what it has ready is noticed later.
fn answered(timeline: &[TimelineEvent]) -> Vec<f64> {
    match timeline.iter().any(|event| event.event == "online") {
        true => spans(timeline, "listening", "answered"),
        false => Vec::new(),
    }
}

/// Returns the times from the beginning of each change to the first answer of a worker that it started, seconds.
fn first_answers(trial: &Trial) -> impl Iterator<Item = f64> {
    let next = trial.changes.iter().skip(1).map(|change| change.began_s);
    let until = next.chain([f64::INFINITY]);
    trial
        .changes
        .iter()
        .zip(until)
        .filter_map(|(change, until_s)| {
            let is_in = |at_s: f64| change.began_s <= at_s && at_s < until_s;
            let forks = of_kind(&trial.timeline, "fork").filter(|fork| is_in(fork.at_s));
            let lives: BTreeSet<_> = forks.map(life).collect();
            let mut answers = of_kind(&trial.timeline, "answered").filter(|it| is_in(it.at_s));
            let first = answers.find(|answer| lives.contains(&life(answer)))?;
            Some(first.at_s - change.began_s)
        })
}

fn of_kind<'a>(
    timeline: &'a [TimelineEvent],
    kind: &'a str,
) -> impl Iterator<Item = &'a TimelineEvent> {
    timeline.iter().filter(move |event| event.event == kind)
}

/// What identifies a process among the events of a timeline.
fn life(event: &TimelineEvent) -> (Option<u32>, Option<u32>) {
    (event.worker, event.generation)
}

fn mean(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    super::mean(values, Scale::Count)
}
