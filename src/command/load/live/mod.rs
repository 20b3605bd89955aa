//! What is told on stderr while load is offered. It looks at snapshots that the load threads
//! leave behind anyway, on the thread that waits for them.

mod meter;

use std::io::IsTerminal;
use std::time::Duration;

use evenkeel_loadgen::{Interval, Percentiles, Phase, Progress};
use evenkeel_reports::units;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use self::meter::Meter;
use crate::duration::show_wait;
use crate::output::tell;

/// Times per second that the terminal is drawn anew: as often as there is anything new.
const DRAWN_HZ: u8 = 10;

/// How often a plain line is told where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(1);

/// Nanoseconds in a microsecond.
const NS_PER_US: f64 = 1e3;

/// Colour is left out by the library where it is not wanted (<https://no-color.org>).
const TEMPLATE: &str = "{bar:40.cyan} {prefix}\n{msg}";

/// A view of a run of load.
#[derive(Debug)]
pub(super) struct Live {
    view: View,
    meter: Meter,
    /// Response times of the last interval that had any.
    response: Option<Percentiles>,
}

#[derive(Debug)]
enum View {
    /// Drawn in place.
    Screen(ProgressBar),
    /// A line now and then; the next one at this time.
    Lines(Duration),
    Nothing,
}

impl Live {
    /// On a terminal a view that is drawn in place, elsewhere lines, or nothing.
    pub(super) fn new(quiet: bool) -> Self {
        let view = match quiet {
            true => View::Nothing,
            false if std::io::stderr().is_terminal() => View::Screen(screen()),
            false => View::Lines(LINE_EVERY),
        };
        Self {
            view,
            meter: Meter::default(),
            response: None,
        }
    }

    /// An interval is over.
    pub(super) fn interval(&mut self, interval: &Interval) {
        self.response = interval.response.or(self.response);
    }

    /// Time has gone by.
    pub(super) fn progress(&mut self, progress: &Progress) {
        self.meter.update(progress);
        let figures = figures(progress, &self.meter, self.response);
        match &mut self.view {
            View::Screen(bar) => {
                if let Some(planned) = progress.planned {
                    bar.set_length(planned.as_millis() as u64);
                    bar.set_position(progress.elapsed.min(planned).as_millis() as u64);
                }
                bar.set_prefix(time(progress));
                bar.set_message(format!("{}\n{figures}", self.meter.graph()));
            }
            View::Lines(next) if progress.elapsed >= *next => {
                *next = progress.elapsed + LINE_EVERY;
                tell(&format!("{}: {figures}", time(progress)));
            }
            View::Lines(_) | View::Nothing => {}
        }
    }

    /// Leaves the terminal as it was.
    pub(super) fn finish(&self) {
        if let View::Screen(bar) = &self.view {
            bar.finish_and_clear();
        }
    }
}

fn screen() -> ProgressBar {
    let style = ProgressStyle::with_template(TEMPLATE).expect("a valid template");
    let target = ProgressDrawTarget::stderr_with_hz(DRAWN_HZ);
    ProgressBar::with_draw_target(Some(0), target).with_style(style)
}

/// `2.0 s of 10 s, 8 s left`
fn time(progress: &Progress) -> String {
    let elapsed = format!("{:.1} s", progress.elapsed.as_secs_f64());
    let warming = match progress.phase {
        Phase::Draining => return format!("{elapsed}, waiting for the last answers"),
        Phase::WarmingUp => "warming up, ",
        Phase::Measuring => "",
    };
    let Some(planned) = progress.planned else {
        return format!("{warming}{elapsed}");
    };
    let left = show_wait(planned.saturating_sub(progress.elapsed));
    let planned = units::seconds(planned.as_secs_f64());
    format!("{warming}{elapsed} of {planned}, {left} left")
}

fn figures(progress: &Progress, meter: &Meter, response: Option<Percentiles>) -> String {
    let rate = meter.rate_rps().map_or("–".to_owned(), units::count);
    let failures = units::plural(progress.failures as usize, "error");
    let time = |ns: u64| units::duration(ns as f64 / NS_PER_US);
    let times = response.map_or(String::new(), |times| {
        let Percentiles { p50, p99, max, .. } = times;
        format!("p50 {}, p99 {}, max {}, ", time(p50), time(p99), time(max))
    });
    format!("{rate} requests/s, {times}{failures}")
}
