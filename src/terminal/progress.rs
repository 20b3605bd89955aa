//! Progress of a study, on stderr.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use evenkeel_common::duration::show_wait;
use evenkeel_common::units::{self, percent, plural};
use evenkeel_reports::compare::Precision;
use evenkeel_reports::{Again, Trial, TrialResult};
use indicatif::{ProgressBar, ProgressStyle};

use crate::config::Goal;
use crate::plan::{Cell, Plan};
use crate::terminal::message;
use crate::values::Share;

/// Progress of a study: a bar on a terminal, otherwise a line per trial, or nothing.
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
    Bar(ProgressBar),
    Lines,
    Nothing,
}

/// `wide_msg` fills the rest of the line.
const TEMPLATE: &str = "{bar:24} {pos}/{len} {wide_msg}";

impl Progress {
    pub(crate) fn new(trials: usize, quiet: bool) -> Self {
        let view = match quiet {
            true => View::Nothing,
            false if std::io::stderr().is_terminal() => View::Bar(bar(trials)),
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
            View::Bar(bar) => bar.set_length(self.trials as u64),
            View::Lines => message(&self.outlook),
            View::Nothing => {}
        }
    }

    pub(crate) fn begin(&self, plan: &Plan, cell: Cell) {
        if let View::Bar(bar) = &self.view {
            let (strategy, scenario) = plan.names(cell);
            bar.set_message(format!(
                "{strategy} under {scenario}, block {} of {}; {} left {}",
                cell.block + 1,
                plan.config.blocks.max(cell.block + 1),
                show_wait(self.time_left(plan)),
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

    /// Writes a line; a bar stays below it.
    fn say(&self, line: &str) {
        match &self.view {
            View::Bar(bar) => {
                bar.suspend(|| message(line));
            }
            View::Lines => message(line),
            View::Nothing => {}
        }
    }

    pub(crate) fn end(&mut self, trial: &Trial) {
        // Another attempt is no further trial.
        self.done += usize::from(trial.again.is_none());
        match &self.view {
            View::Bar(bar) => {
                bar.set_position(self.done as u64);
                if trial.failed().is_some() {
                    bar.suspend(|| message(&self.line(trial)));
                }
            }
            View::Lines => message(&self.line(trial)),
            View::Nothing => {}
        }
    }

    pub(crate) fn finish(&self) {
        if let View::Bar(bar) = &self.view {
            bar.finish_and_clear();
        }
    }

    fn line(&self, trial: &Trial) -> String {
        let Trial {
            strategy, scenario, ..
        } = trial;
        let (done, trials, block) = (self.done, self.trials, trial.block + 1);
        format!(
            "[{done}/{trials}] {strategy} under {scenario}, block {block}: {}",
            result(trial)
        )
    }
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

fn bar(trials: usize) -> ProgressBar {
    let style = ProgressStyle::with_template(TEMPLATE).expect("a valid template");
    ProgressBar::new(trials as u64).with_style(style)
}

fn result(trial: &Trial) -> String {
    match &trial.result {
        TrialResult::Skipped(reason) => format!("skipped: {reason}"),
        TrialResult::Failed(reason) => format!("failed: {reason}"),
        TrialResult::Measured(measured) => {
            let p99 = measured.latency_us.map_or_else(String::new, |latency| {
                format!(", p99 {}", units::duration(latency.p99))
            });
            let verdict = if measured.valid { "" } else { " (invalid)" };
            let rps = units::count(measured.throughput_rps);
            format!("{rps} requests/s{p99}{verdict}")
        }
    }
}
