//! How far a study is, on stderr.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use evenkeel_reports::Trial;
use indicatif::{ProgressBar, ProgressStyle};

use crate::duration::show_wait;
use crate::output::tell;
use crate::plan::{Cell, Plan};

/// Tells how far a study is: a bar on a terminal, a line per trial elsewhere, or nothing.
#[derive(Debug)]
pub(crate) struct Progress {
    view: View,
    trials: usize,
    done: usize,
    began: Instant,
}

#[derive(Debug)]
enum View {
    Bar(ProgressBar),
    Lines,
    Nothing,
}

/// `wide_msg` takes what the terminal has room for.
const TEMPLATE: &str = "{bar:24} {pos}/{len} {wide_msg}";

impl Progress {
    /// Of so many trials that are still to be run.
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
        }
    }

    /// A trial begins.
    pub(crate) fn begin(&self, plan: &Plan, cell: Cell) {
        if let View::Bar(bar) = &self.view {
            bar.set_message(format!(
                "{} under {}, block {} of {}; {} left",
                plan.strategies[cell.strategy].key(),
                plan.scenarios[cell.scenario].name,
                cell.block + 1,
                plan.blocks,
                show_wait(self.time_left(plan)),
            ));
        }
    }

    /// As long as the trials so far took in the mean, or as planned before the first.
    fn time_left(&self, plan: &Plan) -> Duration {
        let per_trial = match self.done {
            0 => plan.time_per_trial(),
            done => self.began.elapsed().div_f64(done as f64),
        };
        per_trial.mul_f64((self.trials - self.done) as f64)
    }

    /// A trial has ended.
    pub(crate) fn end(&mut self, trial: &Trial) {
        self.done += 1;
        match &self.view {
            View::Bar(bar) => {
                bar.inc(1);
                if trial.failed.is_some() {
                    bar.suspend(|| tell(&self.line(trial)));
                }
            }
            View::Lines => tell(&self.line(trial)),
            View::Nothing => {}
        }
    }

    /// There is nothing more to tell.
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

fn bar(trials: usize) -> ProgressBar {
    let style = ProgressStyle::with_template(TEMPLATE).expect("a valid template");
    ProgressBar::new(trials as u64).with_style(style)
}

fn result(trial: &Trial) -> String {
    let Trial {
        skipped,
        failed,
        measured,
        ..
    } = trial;
    match (skipped, failed, measured) {
        (Some(reason), _, _) => format!("skipped: {reason}"),
        (_, Some(reason), _) => format!("failed: {reason}"),
        (_, _, Some(measured)) => {
            let p99 = measured.latency_us.map_or_else(String::new, |latency| {
                format!(", p99 {:.2} ms", latency.p99 / 1e3)
            });
            let verdict = if measured.valid { "" } else { " (invalid)" };
            format!("{:.0} requests/s{p99}{verdict}", measured.throughput_rps)
        }
        _ => "nothing".to_owned(),
    }
}
