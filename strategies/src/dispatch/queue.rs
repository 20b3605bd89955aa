//! The queue of an asynchronous dispatcher: arrivals that wait for a worker.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::{Mutex, Notify};
use tokio::task::spawn_local;
use tokio::time::sleep;

use super::health::Health;
use crate::policy::{Arrival, Pick, Policy};
use crate::view::{Life, Reason, Workers};

/// How long a worker is passed over after it has refused a connection.
///
/// Short, so that a worker that comes back is used soon. Long enough that a dead worker costs one failed
/// connect per second, not one per request.
const PASSED_OVER_FOR: Duration = Duration::from_secs(1);

/// A policy, its workers, and the arrivals that wait for a pick, in order. For one thread.
///
/// What was given to a life of a worker ends with that life: only what the current one has counts, so counts
/// never drift, however workers come and go.
pub(crate) struct Queue {
    choice: RefCell<Choice>,
    /// The first arrival in the queue holds it.
    turn: Mutex<()>,
    /// Notified when a worker has finished something, or became available or unavailable.
    changed: Notify,
    start: Instant,
    /// Whether a worker may be admitted, so that arrivals wait for one if there is none.
    may_grow: Cell<bool>,
    /// Whether workers that fail are ejected.
    health: Option<Health>,
}

struct Choice {
    policy: Box<dyn Policy>,
    /// What this dispatcher knows about the workers.
    workers: Workers,
}

/// What becomes of an arrival.
enum Choosing {
    Picked(Life),
    /// The policy waits, although workers are available.
    Waits,
    /// The only available worker is the one that has failed the arrival.
    OnlyExcluded,
    NoneAvailable,
}

impl Choice {
    /// Picks a worker other than `excluded`, which counts the arrival as in flight.
    fn pick(&mut self, arrival: &Arrival, excluded: Option<Life>) -> Choosing {
        let Self { policy, workers } = self;
        let is_choice =
            |life: &Life| workers.life(life.place) == *life && workers.is_available(life.place);
        let hidden = excluded.filter(is_choice);
        if let Some(life) = hidden {
            workers.set_ineligible(life.place, Reason::Excluded, true);
        }
        let pick = policy.pick(arrival, workers);
        let available = workers.available();
        if let Some(life) = hidden {
            workers.set_ineligible(life.place, Reason::Excluded, false);
        }
        match pick {
            Pick::Worker(worker) => {
                workers.begin(worker);
                Choosing::Picked(workers.life(worker))
            }
            Pick::Wait if available > 0 => Choosing::Waits,
            Pick::Wait if hidden.is_some() => Choosing::OnlyExcluded,
            Pick::Wait => Choosing::NoneAvailable,
        }
    }
}

/// Something that is in flight at a worker until this is dropped.
pub(crate) struct InFlight {
    queue: Rc<Queue>,
    life: Life,
}

impl InFlight {
    /// Ends what [`Queue::begin`] has begun.
    pub(crate) fn begun(queue: &Rc<Queue>, life: Life) -> Self {
        Self {
            queue: Rc::clone(queue),
            life,
        }
    }

    /// Counts something that another dispatcher has given to a worker.
    pub(crate) fn resumed(queue: &Rc<Queue>, life: Life) -> Self {
        queue.resume(life);
        Self::begun(queue, life)
    }

    pub(crate) fn life(&self) -> Life {
        self.life
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.queue.end(self.life);
    }
}

impl Queue {
    /// Creates a queue in front of a number of places, of which the first `present` have a worker. If the
    /// number `may_grow`, arrivals wait while no worker is available.
    pub(crate) fn new(
        policy: Box<dyn Policy>,
        places: usize,
        present: usize,
        may_grow: bool,
    ) -> Self {
        let mut workers = Workers::new(places);
        for place in present..places {
            workers.set_available(place, false);
        }
        Self {
            choice: RefCell::new(Choice { policy, workers }),
            turn: Mutex::default(),
            changed: Notify::new(),
            start: Instant::now(),
            may_grow: Cell::new(may_grow),
            health: None,
        }
    }

    /// Ejects workers that fail.
    pub(crate) fn with_health(self, health: Option<Health>) -> Self {
        Self { health, ..self }
    }

    /// Waits for a worker, in the order of arrivals. The arrival counts as in flight there until
    /// [`end`](Self::end). Returns `None` if no worker can be reached.
    ///
    /// `excluded` is a worker that has already failed this arrival.
    pub(crate) async fn begin(&self, arrival: &Arrival, excluded: Option<Life>) -> Option<Life> {
        let _turn = self.turn.lock().await;
        loop {
            let choosing = self.choice.borrow_mut().pick(arrival, excluded);
            match choosing {
                Choosing::Picked(life) => return Some(life),
                Choosing::OnlyExcluded => return None,
                Choosing::NoneAvailable if !self.may_grow.get() => return None,
                Choosing::NoneAvailable | Choosing::Waits => self.changed.notified().await,
            }
        }
    }

    fn resume(&self, life: Life) {
        let workers = &mut self.choice.borrow_mut().workers;
        if workers.life(life.place) == life {
            workers.begin(life.place);
        }
    }

    /// Returns the time since the dispatcher started.
    pub(crate) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// Reports the complete answer of a worker to the policy.
    pub(crate) fn answered(&self, life: Life, latency: Duration) {
        let now = self.now();
        let Choice { policy, workers } = &mut *self.choice.borrow_mut();
        if workers.life(life.place) == life {
            policy.answered(life.place, latency, now);
        }
    }

    /// Takes a success of a worker, or a failure, after which it may be ejected for a while. Costs nothing if the
    /// defence is off. Call it on a [`LocalSet`](tokio::task::LocalSet).
    pub(crate) fn report(self: &Rc<Self>, life: Life, has_failed: impl FnOnce() -> bool) {
        let Some(health) = &self.health else {
            return;
        };
        if !has_failed() {
            return health.succeeded(life, self.now());
        }
        let workers = &mut self.choice.borrow_mut().workers;
        if workers.life(life.place) == life
            && let Some(time) = health.failed(life, workers, self.now())
        {
            self.changed.notify_one();
            spawn_local(Rc::clone(self).end_ejection(life, time));
        }
    }

    async fn end_ejection(self: Rc<Self>, life: Life, time: Duration) {
        sleep(time).await;
        if let Some(health) = &self.health {
            health.end(life, &mut self.choice.borrow_mut().workers, self.now());
            self.changed.notify_one();
        }
    }

    /// Ends what was in flight at a worker.
    pub(crate) fn end(&self, life: Life) {
        let workers = &mut self.choice.borrow_mut().workers;
        if workers.life(life.place) == life {
            workers.end(life.place, 1);
            self.changed.notify_one();
        }
    }

    /// Makes a new worker available. An earlier one in its place gets nothing more.
    pub(crate) fn admit(&self, life: Life) {
        let Choice { policy, workers } = &mut *self.choice.borrow_mut();
        workers.admit(life);
        policy.replaced(life.place);
        if let Some(health) = &self.health {
            health.replace(life, workers);
        }
        self.may_grow.set(true);
        self.changed.notify_one();
    }

    /// Lets nothing wait while no worker is there, until one is admitted.
    pub(crate) fn desert(&self) {
        self.may_grow.set(false);
        self.changed.notify_one();
    }

    /// Gives nothing more to a worker, if it is the one in its place.
    pub(crate) fn retire(&self, life: Life) {
        let workers = &mut self.choice.borrow_mut().workers;
        if workers.life(life.place) == life {
            workers.retire(life);
            if let Some(health) = &self.health {
                health.apply(workers);
            }
            self.changed.notify_one();
        }
    }

    /// Gives nothing to a worker until it resumes, or lets it resume.
    pub(crate) fn suspend(&self, life: Life, applies: bool) {
        self.set_ineligible(life, Reason::Stalled, applies);
    }

    /// Passes over a worker for a while, because it cannot be connected to. Returns whether it was not
    /// passed over already. Call it on a [`LocalSet`](tokio::task::LocalSet).
    pub(crate) fn pass_over(self: &Rc<Self>, life: Life) -> bool {
        self.report(life, || true);
        let passed_over = self.set_ineligible(life, Reason::Refuses, true);
        if passed_over {
            let queue = Rc::clone(self);
            spawn_local(async move {
                sleep(PASSED_OVER_FOR).await;
                queue.set_ineligible(life, Reason::Refuses, false);
            });
        }
        passed_over
    }

    /// Sets or clears a reason why a worker may not be picked, if it is the one in its place. Returns whether
    /// that is a change.
    fn set_ineligible(&self, life: Life, reason: Reason, applies: bool) -> bool {
        self.changed.notify_one();
        let workers = &mut self.choice.borrow_mut().workers;
        workers.life(life.place) == life && workers.set_ineligible(life.place, reason, applies)
    }
}
