//! The fleet in the foreground: what happens to it is printed, and what signals ask for is done.

use std::panic::resume_unwind;
use std::thread;
use std::time::{Duration, Instant};

use evenkeel_strategies::{Deployment, Role};

use super::events;
use super::wishes::{Wish, Wishes};
use crate::cli::Plain;
use crate::failure::Failure;
use crate::terminal::{Interrupt, message, print};

/// Interval of checks for events and signals: short for a person.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What is known of a fleet that is watched.
#[derive(Debug)]
pub(super) struct Watch {
    launched: Vec<Role>,
    workers: usize,
    format: Plain,
    serves_since: Instant,
    /// Number of events that were printed, or had happened before.
    printed: usize,
}

impl Watch {
    pub(super) fn new(fleet: &Deployment, format: Plain) -> Self {
        Self {
            launched: fleet.processes().map(|(role, _)| role).collect(),
            workers: fleet.workers(),
            format,
            serves_since: Instant::now(),
            printed: fleet.events().len(),
        }
    }

    /// Watches until a signal ends it or no client can be served.
    pub(super) fn run(
        mut self,
        fleet: &mut Deployment,
        interrupt: &Interrupt,
        wishes: &mut Wishes,
    ) -> Result<(), Failure> {
        while !interrupt.came() {
            self.print_events(fleet)?;
            for death in fleet.deaths() {
                message(&format!("evenkeel: {death}"));
            }
            if let Some(kind) = extinct_kind(&self.launched, &fleet.alive()) {
                return Err(Failure::Failed(format!(
                    "every {kind} of the fleet has ended, so no client can be served; start it again"
                )));
            }
            for wish in wishes.take() {
                self.fulfil(wish, fleet, interrupt)?;
            }
            thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }

    /// Makes the change, and prints what happens meanwhile. A signal that ends the program ends the change.
    fn fulfil(
        &mut self,
        wish: Wish,
        fleet: &Deployment,
        interrupt: &Interrupt,
    ) -> Result<(), Failure> {
        let change = match wish.change(self.workers) {
            Ok(change) => change,
            Err(reason) => {
                message(&format!("evenkeel: {wish} is ignored: {reason}"));
                return Ok(());
            }
        };
        let outcome = thread::scope(|scope| {
            let changing = scope.spawn(|| fleet.change(&change));
            while !changing.is_finished() {
                if interrupt.came() {
                    fleet.abandon_changes();
                }
                self.print_events(fleet)?;
                thread::sleep(LOOK_EVERY);
            }
            Ok(changing.join().unwrap_or_else(|panic| resume_unwind(panic)))
        })?;
        match (outcome, wish) {
            (Ok(()), Wish::Reload | Wish::NewDispatchers) => {}
            (Ok(()), Wish::OneMore) => self.workers += 1,
            (Ok(()), Wish::OneLess) => self.workers -= 1,
            (Err(error), _) => message(&format!("evenkeel: {wish} has failed: {error}")),
        }
        self.print_events(fleet)
    }

    fn print_events(&mut self, fleet: &Deployment) -> Result<(), Failure> {
        let events = fleet.events();
        for event in &events[self.printed..] {
            print(&events::line(event, self.serves_since, self.format))?;
        }
        self.printed = events.len();
        Ok(())
    }
}

/// Returns the kind of process of which none is left. Dispatchers come first, because workers may
/// end when there is no dispatcher.
fn extinct_kind(launched: &[Role], alive: &[Role]) -> Option<&'static str> {
    let dispatches = |roles: &[Role]| roles.iter().any(|role| role.is_dispatcher());
    let serves = |roles: &[Role]| roles.iter().any(|role| !role.is_dispatcher());
    if dispatches(launched) && !dispatches(alive) {
        return Some("dispatcher");
    }
    (!serves(alive)).then_some("worker")
}
