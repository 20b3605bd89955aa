//! The steps of a change.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::change::{Change, ChangeError, Order, Reload};
use super::decision::Replacement;
use super::place::Place;
use crate::share::Share;

/// What is done at once. The next step begins when the places of this one are settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) places: Vec<usize>,
    what: What,
    replacement: Replacement,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Renew,
    Vacate,
    Close(Share),
}

impl Step {
    /// Tells the places what they are to become.
    pub(super) fn begin(&self, all: &mut [Place], now: Instant) {
        for place in &self.places {
            match self.what {
                What::Renew => all[*place].renew(self.replacement, now),
                What::Vacate => all[*place].vacate(self.replacement),
                What::Close(share) => all[*place].close(share),
            }
        }
    }

    pub(super) fn is_done(&self, all: &[Place]) -> bool {
        self.places.iter().all(|place| all[*place].is_settled())
    }
}

/// The places of a fleet: first those of workers, then those of dispatchers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Places {
    /// Which of the places of workers have one.
    pub(super) wanted: Vec<bool>,
    /// Number of places of dispatchers.
    pub(super) dispatchers: usize,
}

/// Plans a change of these places.
pub(super) fn steps(
    change: &Change,
    places: &Places,
    drain_within: Duration,
) -> Result<VecDeque<Step>, ChangeError> {
    let wanted = &places.wanted[..];
    let occupied = places_that(wanted, true);
    match change {
        Change::Reload(reload) => Ok(renewals(occupied, reload, drain_within)),
        Change::Restart { worker } if occupied.contains(worker) => {
            Ok(renewals(vec![*worker], &Reload::default(), drain_within))
        }
        Change::Restart { worker } => Err(ChangeError::NoSuchWorker {
            worker: *worker,
            workers: occupied.len(),
        }),
        Change::Scale { workers, .. } if workers.get() > wanted.len() => {
            Err(ChangeError::TooFewPlaces {
                workers: workers.get(),
                places: wanted.len(),
            })
        }
        Change::Scale { workers, close } => {
            let mut steps = scaling(wanted, &occupied, workers.get(), drain_within);
            let stay = &occupied[..occupied.len().min(workers.get())];
            steps.extend(close.map(|share| closing(stay.to_vec(), share, drain_within)));
            Ok(steps)
        }
        Change::ReplaceDispatcher {
            dispatcher,
            drain_within: own,
        } => {
            let reload = Reload {
                drain_within: *own,
                ..Reload::default()
            };
            let replaced = dispatchers(*dispatcher, places)?;
            Ok(renewals(replaced, &reload, drain_within))
        }
    }
}

/// Returns the place of one dispatcher, or the places of all.
fn dispatchers(only: Option<usize>, places: &Places) -> Result<Vec<usize>, ChangeError> {
    let first = places.wanted.len();
    match only {
        Some(dispatcher) if dispatcher >= places.dispatchers => {
            Err(ChangeError::NoSuchDispatcher {
                dispatcher,
                dispatchers: places.dispatchers,
            })
        }
        Some(dispatcher) => Ok(vec![first + dispatcher]),
        None => Ok((first..first + places.dispatchers).collect()),
    }
}

fn renewals(places: Vec<usize>, reload: &Reload, drain_within: Duration) -> VecDeque<Step> {
    let renewal = |places| Step {
        places,
        what: What::Renew,
        replacement: Replacement {
            overlap: reload.overlap,
            drain_within: reload.drain_within.unwrap_or(drain_within),
        },
    };
    match reload.order {
        Order::OneAtATime => places.into_iter().map(|it| renewal(vec![it])).collect(),
        Order::AllAtOnce => [renewal(places)].into(),
    }
}

/// Fills the free places with the lowest numbers, or vacates those with the highest.
fn scaling(
    wanted: &[bool],
    occupied: &[usize],
    workers: usize,
    drain_within: Duration,
) -> VecDeque<Step> {
    let replacement = Replacement {
        overlap: Reload::default().overlap,
        drain_within,
    };
    let step = |what, places| Step {
        places,
        what,
        replacement,
    };
    match workers.checked_sub(occupied.len()) {
        Some(0) => VecDeque::new(),
        Some(more) => {
            let free = places_that(wanted, false).into_iter().take(more);
            [step(What::Renew, free.collect())].into()
        }
        None => [step(What::Vacate, occupied[workers..].to_vec())].into(),
    }
}

/// Lets the workers of these places end a share of their connections.
fn closing(places: Vec<usize>, share: Share, drain_within: Duration) -> Step {
    Step {
        places,
        what: What::Close(share),
        replacement: Replacement {
            overlap: Reload::default().overlap,
            drain_within,
        },
    }
}

fn places_that(wanted: &[bool], are_wanted: bool) -> Vec<usize> {
    let places = (0..).zip(wanted).filter(|(_, it)| **it == are_wanted);
    places.map(|(place, _)| place).collect()
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;

    /// The places of each step, in a fleet with two dispatchers.
    fn places(change: &Change, wanted: &[bool]) -> Result<Vec<Vec<usize>>, String> {
        let places = Places {
            wanted: wanted.to_vec(),
            dispatchers: 2,
        };
        let steps = steps(change, &places, Duration::ZERO).map_err(|error| error.to_string())?;
        Ok(steps.into_iter().map(|step| step.places).collect())
    }

    fn scale(workers: usize) -> Change {
        let workers = NonZeroUsize::new(workers).unwrap();
        let close = None;
        Change::Scale { workers, close }
    }

    const THREE_OF_FIVE: [bool; 5] = [true, true, true, false, false];

    #[test]
    fn a_reload_replaces_each_worker_in_turn_or_all_at_once() {
        let in_turn = Change::Reload(Reload::default());
        assert_eq!(
            places(&in_turn, &THREE_OF_FIVE),
            Ok(vec![vec![0], vec![1], vec![2]])
        );
        let at_once = Change::Reload(Reload {
            order: Order::AllAtOnce,
            ..Reload::default()
        });
        assert_eq!(places(&at_once, &THREE_OF_FIVE), Ok(vec![vec![0, 1, 2]]));
    }

    #[test]
    fn scaling_fills_low_places_and_vacates_high_ones() {
        assert_eq!(places(&scale(5), &THREE_OF_FIVE), Ok(vec![vec![3, 4]]));
        assert_eq!(places(&scale(1), &THREE_OF_FIVE), Ok(vec![vec![1, 2]]));
        assert_eq!(places(&scale(3), &THREE_OF_FIVE), Ok(vec![]));
        assert_eq!(places(&scale(2), &[true, false, true]), Ok(vec![]));
    }

    fn replace(dispatcher: Option<usize>) -> Change {
        Change::ReplaceDispatcher {
            dispatcher,
            drain_within: None,
        }
    }

    #[test]
    fn dispatchers_have_the_last_places_and_are_replaced_in_turn() {
        let steps = |dispatcher| places(&replace(dispatcher), &THREE_OF_FIVE);
        assert_eq!(steps(None), Ok(vec![vec![5], vec![6]]));
        assert_eq!(steps(Some(1)), Ok(vec![vec![6]]));
    }

    #[test]
    fn those_that_were_there_and_stay_close_a_share_when_the_new_ones_serve() {
        let closing = |workers| Change::Scale {
            workers: NonZeroUsize::new(workers).unwrap(),
            close: Share::new(0.5),
        };
        let of = |workers| places(&closing(workers), &THREE_OF_FIVE);
        assert_eq!(of(5), Ok(vec![vec![3, 4], vec![0, 1, 2]]));
        assert_eq!(of(2), Ok(vec![vec![2], vec![0, 1]]));
        assert_eq!(of(3), Ok(vec![vec![0, 1, 2]]));
    }

    #[test]
    fn what_does_not_exist_is_refused() {
        let error = places(&scale(6), &THREE_OF_FIVE).unwrap_err();
        assert!(error.contains("launched with 5"), "{error}");
        let error = places(&Change::Restart { worker: 3 }, &THREE_OF_FIVE).unwrap_err();
        assert!(error.contains("there is no worker 3"), "{error}");
        let error = places(&replace(Some(2)), &THREE_OF_FIVE).unwrap_err();
        assert!(error.contains("there is no dispatcher 2"), "{error}");
    }

    #[test]
    fn a_drain_time_of_the_reload_goes_before_that_of_the_fleet() {
        let second = Duration::from_secs(1);
        let reload = |drain_within| {
            let change = Change::Reload(Reload {
                drain_within,
                ..Reload::default()
            });
            let places = Places {
                wanted: vec![true],
                dispatchers: 0,
            };
            let steps = steps(&change, &places, second).unwrap();
            steps[0].replacement.drain_within
        };
        assert_eq!(reload(None), second);
        assert_eq!(reload(Some(2 * second)), 2 * second);
    }
}
