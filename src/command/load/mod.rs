//! `evenkeel load`: the load generator against any server on this machine.

mod capacity;
mod files;
mod live;
mod spec;
mod target;
mod trial;
mod verdict;

use std::time::SystemTime;

use evenkeel_loadgen::{self as loadgen, Histogram, Interval, Observer, Progress};
use evenkeel_reports::Style;

use self::live::Live;
use super::raise_open_files;
use super::report::show;
use crate::cli::LoadArgs;
use crate::failure::Failure;
use crate::machine::Machine;
use crate::study::TimeSeries;
use crate::terminal::Interrupt;
use crate::values::Url;

/// Runs the command.
///
/// # Errors
/// [`Failure`], with exit code 2 for load that cannot be offered, 1 if the server cannot be reached,
/// 99 if a limit is breached, 3 if the figures are not valid, and 130 if it was interrupted. The
/// trial is printed in all cases except the first.
pub(crate) fn run(args: &LoadArgs, quiet: bool) -> Result<(), Failure> {
    raise_open_files();
    let url: Url = args.url.parse().map_err(Failure::usage)?;
    let spec = spec::of(args, &url)?;
    spec.validate().map_err(Failure::usage)?;
    Machine::probe()
        .check_load_alone(&spec)
        .map_err(Failure::usage)?;
    if !args.limits.find_capacity.is_empty() {
        return capacity::run(args, spec, quiet);
    }
    files::check(&args.output)?;
    let interrupt = Interrupt::catch()?;
    let mut observers = Observers {
        live: Live::new(quiet),
        time_series: TimeSeries::new(args.output.hdr.is_some()),
    };
    let outcome = loadgen::run(&spec, interrupt.flag(), &mut observers);
    observers.live.finish();
    let outcome = outcome.map_err(Failure::failed)?;
    let since = outcome.opened_at.map(|moment| moment.elapsed());
    let began = SystemTime::now() - since.unwrap_or_default();
    let mut trial = trial::of(&args.url, &spec, began, &outcome)?;
    trial.measured.intervals = observers.time_series.into_intervals();
    show(&trial, args.output.format, Style::default())?;
    files::write(&args.output, &trial, began)?;
    verdict::of(
        &target::name(args),
        &trial.measured,
        &outcome,
        &args.limits.fail_if,
    )
}

struct Observers {
    live: Live,
    time_series: TimeSeries,
}

impl Observer for Observers {
    fn progress(&mut self, progress: &Progress) {
        self.live.progress(progress);
    }

    fn interval(&mut self, interval: &Interval, response: &Histogram<u64>) {
        self.live.interval(interval);
        self.time_series.add(interval, response, None, Vec::new());
    }
}
