//! Progress of a study, on stderr.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use evenkeel_common::duration::show_wait;
use evenkeel_common::units::{percent, plural};
use evenkeel_reports::compare::{Criteria, Precision, standings};
use evenkeel_reports::{Again, Study, Trial};

use super::live::Live;
use crate::config::Goal;
use crate::plan::{Cell, Plan};
use crate::terminal::message;
use crate::values::Share;

/// Progress of a study: live lines on a terminal, otherwise a line per block, or nothing.
#[derive(Debug)]
pub(crate) struct Progress {
    view: View,
    trials: usize,
    done: usize,
    began: Instant,
    /// Precision reached so far; empty for a fixed number of blocks.
    outlook: String,
}

#[derive(Debug)]
enum View {
    Live(Live),
    Lines,
    Nothing,
}

impl Progress {
    pub(crate) fn new(trials: usize, quiet: bool) -> Self {
        let view = match quiet {
            true => View::Nothing,
            false if std::io::stderr().is_terminal() => View::Live(Live::new(trials)),
            false => View::Lines,
        };
        Self {
            view,
            trials,
            done: 0,
            began: Instant::now(),
            outlook: String::new(),
        }
    }

    /// A block begins; `spent` is the time of the blocks before it. If their number is not fixed,
    /// shows how many more are expected.
    pub(crate) fn begin_block(
        &mut self,
        plan: &Plan,
        block: u32,
        spent: Duration,
        precision: Option<Precision>,
    ) {
        let (Some(goal), Some(precision)) = (plan.config.goal, precision) else {
            return;
        };
        let per_block = spent.as_secs_f64() / f64::from(block.max(1));
        let in_time = (goal.max_time.saturating_sub(spent).as_secs_f64() / per_block) as usize;
        let more = precision
            .more_blocks
            .map_or(in_time, |more| more.min(in_time));
        self.trials = self.done + more.max(1) * plan.trials_per_block();
        self.outlook = outlook(block, &precision, goal, in_time);
        match &self.view {
            View::Live(live) => live.progress(self.done, self.trials),
            View::Lines => message(&self.outlook),
            View::Nothing => {}
        }
    }

    pub(crate) fn begin(&self, plan: &Plan, cell: Cell) {
        if let View::Live(live) = &self.view {
            let (strategy, scenario) = plan.names(cell);
            live.trial(format!(
                "{} left: {strategy} under {scenario}, {} {}",
                show_wait(self.time_left(plan)),
                of_blocks(plan, cell.block),
                self.outlook,
            ));
        }
    }

    /// Expected time left, from the mean of the trials so far, or from the plan before the first.
    fn time_left(&self, plan: &Plan) -> Duration {
        let per_trial = match self.done {
            0 => plan.time_per_trial(),
            done => self.began.elapsed().div_f64(done as f64),
        };
        per_trial.mul_f64(self.trials.saturating_sub(self.done) as f64)
    }

    /// A disturbed trial is made again.
    pub(crate) fn again(&self, plan: &Plan, cell: Cell, again: &Again) {
        let (strategy, scenario) = plan.names(cell);
        let (block, attempt) = (cell.block + 1, again.attempt);
        let because = &again.because;
        self.say(&format!(
            "{strategy} under {scenario}, block {block}, is made again (attempt {attempt}): {because}"
        ));
    }

    pub(crate) fn end(&mut self, trial: &Trial) {
        // Another attempt is no further trial.
        self.done += usize::from(trial.again.is_none());
        if let View::Live(live) = &self.view {
            live.progress(self.done, self.trials);
        }
        if let Some(reason) = trial.failed() {
            let (strategy, scenario) = (&trial.strategy, &trial.scenario);
            let block = trial.block + 1;
            self.say(&format!(
                "{strategy} under {scenario}, block {block}, failed: {reason}"
            ));
        }
    }

    /// A block is done: shows who is ahead.
    pub(crate) fn end_block(&mut self, plan: &Plan, block: u32, study: &Study) {
        let left = show_wait(self.time_left(plan));
        let standings = || standings(study, &Criteria::of(&study.header.plan));
        match &mut self.view {
            View::Live(live) => live.standings(&standings()),
            View::Lines => {
                let ahead: Vec<String> = standings()
                    .iter()
                    .map(|it| format!("{} under {}", it.figures[0].0, it.scenario))
                    .collect();
                let ahead = match ahead.is_empty() {
                    true => String::new(),
                    false => format!("; ahead so far: {}", ahead.join(", ")),
                };
                let (done, trials) = (self.done, self.trials);
                let block = of_blocks(plan, block);
                message(&format!(
                    "[{done}/{trials}] {block} is done, {left} left{ahead}"
                ));
            }
            View::Nothing => {}
        }
    }

    /// Writes a line; live lines stay below it.
    fn say(&self, line: &str) {
        match &self.view {
            View::Live(live) => live.say(line),
            View::Lines => message(line),
            View::Nothing => {}
        }
    }

    pub(crate) fn finish(&self) {
        if let View::Live(live) = &self.view {
            live.finish();
        }
    }
}

/// `block 3 of 7`; where their number is not fixed, at least as many as there are.
fn of_blocks(plan: &Plan, block: u32) -> String {
    let all = plan.config.blocks.max(block + 1);
    format!("block {} of {all}", block + 1)
}

/// Says how precise a study is after this number of blocks, and how many more are expected.
fn outlook(block: u32, precision: &Precision, goal: Goal, in_time: usize) -> String {
    let widest = precision.widest.map_or_else(
        || "is unknown".to_owned(),
        |w| format!("reaches {}", percent(w)),
    );
    let requested = Share(goal.precision);
    let more = match precision.more_blocks {
        Some(more) if more <= in_time => format!("about {} more to go", plural(more, "block")),
        _ => format!(
            "more than the {} that fit into the time",
            plural(in_time, "block")
        ),
    };
    format!("(after {block} blocks the widest interval {widest}, {requested} is requested: {more})")
}
