//! Carrying out a change of a running peer, as its recipe says.

use std::sync::PoisonError;
use std::thread::sleep;
use std::time::Instant;

use nix::sys::signal::Signal;

use super::PeerError;
use super::configuration::{Configuration, command};
use super::recipe::{Act, ChangeRule};
use super::roster::{Leaving, PeerProcess, Roster};
use super::running::RunningPeer;
use super::variables::Variables;
use super::watcher::LOOK_EVERY;
use crate::launch::{Change, ChangeError, Role, UnmetRequirement};
use crate::subreaper::Process;

impl RunningPeer {
    /// Returns how a change is requested.
    pub(super) fn rule_of(&self, change: &Change) -> Result<&ChangeRule, UnmetRequirement> {
        if matches!(change, Change::Scale { close: Some(_), .. }) {
            return Err(UnmetRequirement(
                "another system ends connections by its own rules, so a share cannot be closed"
                    .to_owned(),
            ));
        }
        let recipe = &self.plan.recipe;
        let (key, rule) = match change {
            Change::Reload(_) => ("reload", &recipe.reload),
            Change::Scale { .. } => ("scale", &recipe.scale),
            Change::Restart { .. } => ("restart", &recipe.restart),
            Change::ReplaceDispatcher { .. } => return Err(no_hand_over()),
        };
        match rule {
            Some(ChangeRule {
                act: Act::Cannot(reason),
                ..
            }) => Err(UnmetRequirement(format!("no {key}: {reason}"))),
            Some(rule) => Ok(rule),
            None => Err(UnmetRequirement(format!(
                "no {key}: the recipe has no table `{key}` that says how"
            ))),
        }
    }

    /// Carries out a change, and returns when it is complete.
    pub(super) fn carry_out(&self, change: &Change) -> Result<(), ChangeError> {
        let _one_after_the_other = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let rule = self.rule_of(change)?;
        let deadline = Instant::now() + rule.within;
        let changing = Changing {
            peer: self,
            rule,
            deadline,
        };
        let changed = match change {
            Change::Reload(_) => changing.reload(&rule.act, self.wanted()),
            Change::Scale { workers, .. } => changing.scale(workers.get()),
            Change::Restart { worker } => changing.restart(*worker),
            Change::ReplaceDispatcher { .. } => Err(no_hand_over().into()),
        };
        self.watcher.with(Roster::end_change);
        changed
    }

    /// Returns how many processes there should be of those that a reload replaces.
    fn wanted(&self) -> usize {
        self.watcher.with(|roster| roster.wanted())
    }
}

fn no_hand_over() -> UnmetRequirement {
    UnmetRequirement(
        "evenkeel hands over only between its own dispatchers; other systems are reloaded"
            .to_owned(),
    )
}

/// A change that is carried out.
struct Changing<'a> {
    peer: &'a RunningPeer,
    rule: &'a ChangeRule,
    deadline: Instant,
}

impl Changing<'_> {
    /// Replaces all workers by this number of new ones.
    fn reload(&self, act: &Act, workers: usize) -> Result<(), ChangeError> {
        self.begin(Leaving::All, workers);
        self.request(act, None, workers)?;
        self.wait()
    }

    fn scale(&self, workers: usize) -> Result<(), ChangeError> {
        match &self.rule.act {
            Act::Signals { more, fewer } => {
                // Signals that arrive together are received once.
                for (signal, number) in steps(self.peer.wanted(), workers, *more, *fewer) {
                    self.begin(Leaving::Some, number);
                    self.signal(signal, None)?;
                    self.wait()?;
                }
                Ok(())
            }
            Act::Command(words) => {
                self.begin(Leaving::Some, workers);
                self.execute(words, workers)?;
                self.wait()
            }
            Act::Reload => self.scale_by_reload(workers),
            Act::Signal(_) | Act::Cannot(_) => Ok(()),
        }
    }

    /// Renders the templates for the new number, and reloads the peer.
    fn scale_by_reload(&self, workers: usize) -> Result<(), ChangeError> {
        let plan = &self.peer.plan;
        let variables = self.variables(workers);
        let rendered = Configuration::render(&plan.recipe, &plan.source, &variables)?;
        rendered.write_rendered(&plan.variables.folder)?;
        match &plan.recipe.reload {
            Some(reload) => self.reload(&reload.act, workers),
            None => Ok(()),
        }
    }

    fn restart(&self, worker: usize) -> Result<(), ChangeError> {
        let workers = self.peer.wanted();
        let role = Role::Worker(worker);
        let serves = |roster: &mut Roster| roster.serving().any(|it| it.role == role);
        if !self.peer.watcher.with(serves) {
            return Err(ChangeError::NoSuchWorker { worker, workers });
        }
        self.begin(Leaving::Worker(worker), workers);
        self.request(&self.rule.act, Some(role), workers)?;
        self.wait()
    }

    fn begin(&self, leaving: Leaving, workers: usize) {
        let watcher = &self.peer.watcher;
        watcher.with(|roster| roster.begin_change(leaving, workers));
    }

    /// Requests a reload, or the restart of a worker.
    fn request(&self, act: &Act, worker: Option<Role>, workers: usize) -> Result<(), PeerError> {
        match act {
            Act::Signal(signal) => self.signal(*signal, worker),
            Act::Command(words) => self.execute(words, workers),
            // The checks of a recipe leave no other way.
            Act::Signals { .. } | Act::Reload | Act::Cannot(_) => Ok(()),
        }
    }

    /// Sends a signal to a worker that leaves, or to the processes that the commands of the recipe started.
    /// Those that do not handle it get none. If that is true of all, it waits: a master that has just carried
    /// out a change may not be ready for the next one.
    fn signal(&self, signal: Signal, worker: Option<Role>) -> Result<(), PeerError> {
        loop {
            let mut receivers = self.receivers(worker);
            receivers.retain(|process| process.handles(signal));
            if !receivers.is_empty() {
                receivers.iter().for_each(|process| process.signal(signal));
                return Ok(());
            }
            if Instant::now() >= self.deadline {
                let problem = format!("no process of it handles {signal}");
                return Err(PeerError::Request(problem, self.last_lines()));
            }
            sleep(LOOK_EVERY);
        }
    }

    fn receivers(&self, worker: Option<Role>) -> Vec<Process> {
        let process = |it: &PeerProcess| it.process.clone();
        self.peer.watcher.with(|roster| match worker {
            Some(role) => {
                let leaving = roster.leaving().filter(|it| it.role == role);
                leaving.map(process).collect()
            }
            None => roster.first().map(process).collect(),
        })
    }

    fn last_lines(&self) -> String {
        self.peer.supervisor().last_lines()
    }

    /// Runs a command of the recipe for this number of workers.
    fn execute(&self, words: &[String], workers: usize) -> Result<(), PeerError> {
        let recipe = &self.peer.plan.recipe;
        let command = command(recipe, words, &[].into(), &self.variables(workers))?;
        let mut supervisor = self.peer.supervisor();
        let executed = supervisor.execute(&command, self.deadline);
        executed.map_err(|problem| PeerError::Request(problem, supervisor.last_lines()))
    }

    fn variables(&self, workers: usize) -> Variables {
        Variables {
            worker_count: workers,
            ..self.peer.plan.variables.clone()
        }
    }

    /// Waits until the change is complete.
    fn wait(&self) -> Result<(), ChangeError> {
        let watcher = &self.peer.watcher;
        if watcher.wait_until_settled(self.deadline) {
            return Ok(());
        }
        let (leaving, serving, wanted) = watcher.with(|roster| {
            let leaving = roster.leaving().map(|it| it.process.pid.as_raw());
            (leaving.collect(), roster.serving().count(), roster.wanted())
        });
        Err(ChangeError::from(PeerError::Incomplete {
            leaving,
            serving,
            wanted,
            waited: self.rule.within,
            last_lines: self.last_lines(),
        }))
    }
}

/// Returns the signals that lead from one number of workers to another, each with the number after it.
fn steps(
    from: usize,
    to: usize,
    more: Signal,
    fewer: Signal,
) -> impl Iterator<Item = (Signal, usize)> {
    let up = (from + 1..=to).map(move |number| (more, number));
    let down = (to..from).rev().map(move |number| (fewer, number));
    up.chain(down)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_of_a_scale_is_one_worker() {
        let (more, fewer) = (Signal::SIGTTIN, Signal::SIGTTOU);
        let all = |from, to| steps(from, to, more, fewer).collect::<Vec<_>>();
        assert_eq!(all(2, 4), [(more, 3), (more, 4)]);
        assert_eq!(all(3, 1), [(fewer, 2), (fewer, 1)]);
        assert_eq!(all(2, 2), []);
    }
}
