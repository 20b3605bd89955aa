//! A study on a terminal: a bar with the current trial, and a line per scenario that says who is ahead.

use evenkeel_common::units;
use evenkeel_reports::compare::{Metric, Standing};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::message;

/// Lines at the bottom of the terminal. They are drawn between trials only, and need no cursor to be
/// hidden, so nothing is left to restore if the program ends at once.
#[derive(Debug)]
pub(super) struct Live {
    all: MultiProgress,
    bar: ProgressBar,
    /// A line per scenario.
    standings: Vec<ProgressBar>,
}

/// `wide_msg` fills the rest of the line, and is cut where the line ends.
const BAR: &str = "{bar:24} {pos}/{len} {wide_msg}";
const LINE: &str = "{wide_msg}";

impl Live {
    pub(super) fn new(trials: usize) -> Self {
        let all = MultiProgress::new();
        let bar = ProgressBar::new(trials as u64).with_style(style(BAR));
        Self {
            bar: all.add(bar),
            all,
            standings: Vec::new(),
        }
    }

    /// Shows the trial that runs, and what is left.
    pub(super) fn trial(&self, text: String) {
        self.bar.set_message(text);
    }

    pub(super) fn progress(&self, done: usize, trials: usize) {
        self.bar.set_length(trials as u64);
        self.bar.set_position(done as u64);
    }

    pub(super) fn standings(&mut self, standings: &[Standing]) {
        while self.standings.len() < standings.len() {
            let line = ProgressBar::new_spinner().with_style(style(LINE));
            self.standings.push(self.all.add(line));
        }
        for (line, standing) in self.standings.iter().zip(standings) {
            line.set_message(text(standing));
        }
    }

    /// Writes a line above all others.
    pub(super) fn say(&self, line: &str) {
        self.all.suspend(|| message(line));
    }

    /// Removes all lines.
    pub(super) fn finish(&self) {
        for line in self.standings.iter().chain([&self.bar]) {
            line.finish_and_clear();
        }
    }
}

/// `skewed, p99: handoff:idle 30.4 ms, single 54.6 ms`
fn text(standing: &Standing) -> String {
    let (scenario, metric) = (standing.scenario, standing.metric);
    let figures = standing.figures.iter();
    let figures: Vec<String> = figures
        .map(|(strategy, figure)| format!("{strategy} {}", shown(metric, *figure)))
        .collect();
    format!("{scenario}, {}: {}", metric.name(), figures.join(", "))
}

/// A figure of a metric that can lead: throughput or a latency.
fn shown(metric: Metric, figure: f64) -> String {
    match metric {
        Metric::Throughput => format!("{}/s", units::count(figure)),
        _ => units::duration(figure),
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).expect("a valid template")
}
