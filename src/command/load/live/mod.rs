//! Live figures on stderr while load is offered. They come from snapshots that the load threads make
//! anyway, and are shown by the thread that waits for them.

mod meter;

use std::io::IsTerminal;
use std::time::Duration;

use evenkeel_common::{duration::show_wait, units};
use evenkeel_loadgen::{Interval, Percentiles, Phase, Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use self::meter::Meter;
use crate::terminal::{columns, message};

/// Redraws per second, as often as there are new figures.
const DRAWN_HZ: u8 = 10;

/// Interval of plain lines without a terminal.
const LINE_EVERY: Duration = Duration::from_secs(1);

const NS_PER_US: f64 = 1e3;

/// The library leaves out colour if it is not wanted (<https://no-color.org>). The bar fills the line
/// up to the time.
const TEMPLATE: &str = "{wide_bar:.cyan} {prefix}\n{msg}";

#[derive(Debug)]
pub(super) struct Live {
    view: View,
    meter: Meter,
    /// Response times of the last interval with answers.
    response: Option<Percentiles>,
}

#[derive(Debug)]
enum View {
    /// Drawn in place.
    Screen(ProgressBar),
    /// A line per second; the next one at this time.
    Lines(Duration),
    Nothing,
}

impl Live {
    /// A view drawn in place on a terminal, otherwise lines, or nothing.
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

    pub(super) fn interval(&mut self, interval: &Interval) {
        self.response = interval.response.or(self.response);
    }

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
                // A window may change its size.
                let room = columns(std::io::stderr()).unwrap_or(usize::MAX);
                let figures = filled(&figures, room);
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

/// Joins parts of a sentence to lines that fit, without breaking a part.
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
    let connects = (progress.connect_failures > 0)
        .then(|| units::plural(progress.connect_failures as usize, "failed connect"));
    let time = |ns: u64| units::duration(ns as f64 / NS_PER_US);
    let times = response.map(|Percentiles { p50, p99, max, .. }| {
        let named = [("p50", p50), ("p99", p99), ("max", max)];
        named.map(|(name, ns)| format!("{name} {}", time(ns)))
    });
    let rate = format!("{rate} requests/s");
    let times = times.into_iter().flatten();
    let ended = [failures].into_iter().chain(connects);
    [rate].into_iter().chain(times).chain(ended).collect()
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn a_narrow_terminal_breaks_no_figure() {
        let parts = ["900 requests/s", "p50 1.2 ms", "p99 9 ms"].map(str::to_owned);
        assert_eq!(filled(&parts, 80), "900 requests/s, p50 1.2 ms, p99 9 ms");
        assert_eq!(filled(&parts, 27), "900 requests/s, p50 1.2 ms,\np99 9 ms");
        assert_eq!(filled(&parts, 5), parts.join(",\n"));
    }
}
