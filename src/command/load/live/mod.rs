//! What is told on stderr while load is offered. It looks at snapshots that the load threads
//! leave behind anyway, on the thread that waits for them.

mod meter;

use std::io::IsTerminal;
use std::time::Duration;

use evenkeel_common::units;
use evenkeel_loadgen::{Interval, Percentiles, Phase, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use terminal_size::{Width, terminal_size_of};

use self::meter::Meter;
use crate::terminal::message;
use evenkeel_common::duration::show_wait;

/// Times per second that the terminal is drawn anew: as often as there is anything new.
const DRAWN_HZ: u8 = 10;

/// How often a plain line is told where there is no terminal.
const LINE_EVERY: Duration = Duration::from_secs(1);

/// Nanoseconds in a microsecond.
const NS_PER_US: f64 = 1e3;

/// Colour is left out by the library where it is not wanted (<https://no-color.org>).
/// The bar takes what room the line has beside the time.
const TEMPLATE: &str = "{wide_bar:.cyan} {prefix}\n{msg}";

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
                let figures = filled(&figures, room());
                bar.set_message(format!("{}\n{figures}", self.meter.graph()));
            }
            View::Lines(next) if progress.elapsed >= *next => {
                *next = progress.elapsed + LINE_EVERY;
                message(&format!("{}: {}", time(progress), figures.join(", ")));
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

/// Columns of the terminal on stderr, as they are now: a window may be made narrower.
fn room() -> usize {
    let room = terminal_size_of(std::io::stderr()).map(|(Width(width), _)| usize::from(width));
    // A terminal that does not know its width says 0.
    room.filter(|width| *width > 0).unwrap_or(usize::MAX)
}

/// Parts of a sentence in lines that fit, none of them torn apart.
fn filled(parts: &[String], room: usize) -> String {
    let mut text = String::new();
    let mut used = 0;
    for part in parts {
        let width = part.chars().count();
        if used > 0 && used + 2 + width > room {
            text += ",\n";
            used = 0;
        } else if used > 0 {
            text += ", ";
            used += 2;
        }
        text += part;
        used += width;
    }
    text
}

fn figures(progress: &Progress, meter: &Meter, response: Option<Percentiles>) -> Vec<String> {
    let rate = meter.rate_rps().map_or("–".to_owned(), units::count);
    let failures = units::plural(progress.failures as usize, "error");
    let time = |ns: u64| units::duration(ns as f64 / NS_PER_US);
    let times = response.map(|Percentiles { p50, p99, max, .. }| {
        let named = [("p50", p50), ("p99", p99), ("max", max)];
        named.map(|(name, ns)| format!("{name} {}", time(ns)))
    });
    let rate = format!("{rate} requests/s");
    let times = times.into_iter().flatten();
    [rate].into_iter().chain(times).chain([failures]).collect()
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn no_figure_is_torn_apart_where_the_terminal_is_narrow() {
        let parts = ["900 requests/s", "p50 1.2 ms", "p99 9 ms"].map(str::to_owned);
        assert_eq!(filled(&parts, 80), "900 requests/s, p50 1.2 ms, p99 9 ms");
        assert_eq!(filled(&parts, 27), "900 requests/s, p50 1.2 ms,\np99 9 ms");
        assert_eq!(filled(&parts, 5), parts.join(",\n"));
    }
}
