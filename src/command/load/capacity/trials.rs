//! The trials of a search for capacity.

use std::num::NonZeroU64;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use evenkeel_loadgen::{self as loadgen, LoadSpec, MAX_RATE_RPS, Offer, WhenBusy};
use evenkeel_reports::load::{Capacity, RateTried};

use super::judge::judge;
use super::search::{CapacityRange, RateResult, Search};
use crate::cli::LoadArgs;
use crate::command::load::{target, verdict};
use crate::failure::Failure;
use crate::limit::Limit;
use crate::scenario::Arrivals;
use crate::terminal::message;
use evenkeel_common::duration::{show, show_wait};
use evenkeel_common::units;

/// Measured time and warm-up of the closed loop before the search. Any server that is fast enough for its
/// rate to matter gives thousands of answers in it.
const PROBE: Duration = Duration::from_millis(500);
const PROBE_WARMUP: Duration = Duration::from_millis(100);

/// First rate, as a share of what the closed loop got: queues are still short there, and limits on
/// response times are often reached soon above it.
const START_SHARE: f64 = 0.7;

/// Width of the final range: trials of a second differ by about as much.
const PRECISION: f64 = 0.05;

/// Most trials: enough for ten steps and the bisection, with all repetitions.
const MOST_TRIALS: u32 = 40;

/// Default measured time and warm-up of a trial.
const DURATION: Duration = Duration::from_secs(1);
const WARMUP: Duration = Duration::from_millis(200);

/// Factor for spare answers: random arrivals and errors give fewer answers than the rate suggests.
const SPARE_ANSWERS: f64 = 1.5;

/// Longest wait for a server to finish the requests of an overload, before the next trial.
const SETTLE_WITHIN: Duration = Duration::from_secs(30);

/// Trials at one rate after another.
pub(super) struct Trials<'a> {
    url: &'a str,
    /// The server, as errors name it.
    server: String,
    limits: &'a [Limit],
    arrivals: Arrivals,
    spec: LoadSpec,
    /// Rate at which to start, given by the user or by a closed loop before the search.
    start_rps: Option<f64>,
    quiet: bool,
    tried: Vec<RateTried>,
    notes: Vec<String>,
}

impl<'a> Trials<'a> {
    /// Trials of the requested load at other rates.
    ///
    /// # Errors
    /// [`Failure::Usage`] for arrivals with their own times or rates.
    pub(super) fn new(args: &'a LoadArgs, spec: LoadSpec, quiet: bool) -> Result<Self, Failure> {
        let arrivals = args.offer.arrivals.clone().unwrap_or(Arrivals::Poisson);
        if matches!(arrivals, Arrivals::Ramp { .. } | Arrivals::Trace(_)) {
            return Err(Failure::Usage(format!(
                "`--find-capacity` tries one rate after another, and arrivals by `{arrivals}` do \
                 not have a single rate; use constant, poisson or burst"
            )));
        }
        let spec = LoadSpec {
            duration: args.load.duration.unwrap_or(DURATION),
            warmup: args.load.warmup.unwrap_or(WARMUP),
            ..spec
        };
        let trials = Self {
            url: &args.url,
            server: target::name(args),
            limits: &args.limits.find_capacity,
            arrivals,
            spec,
            start_rps: args.load.rate,
            quiet,
            tried: Vec::new(),
            notes: Vec::new(),
        };
        trials
            .at(trials.plan().start_rps)?
            .validate()
            .map_err(Failure::usage)?;
        Ok(trials)
    }

    /// Says how long the search takes at most.
    pub(super) fn announcement(&self) -> String {
        let per_trial = self.spec.warmup + self.spec.duration;
        format!(
            "at most {MOST_TRIALS} trials of {} each, {} in total, and the time in which the server \
             finishes requests between trials",
            show(self.spec.duration),
            show_wait(per_trial * MOST_TRIALS),
        )
    }

    /// Searches until the range is narrow, the trials are used up, or `stop` is set.
    ///
    /// # Errors
    /// [`Failure`] if load cannot be offered, or the server cannot be reached.
    pub(super) fn search(&mut self, stop: &AtomicBool) -> Result<CapacityRange, Failure> {
        if self.start_rps.is_none() && !self.probe(stop)? {
            return Ok(CapacityRange::default());
        }
        let mut failure = None;
        let range = self.plan().run(&mut |rate_rps| {
            let answer = self.run(rate_rps, stop);
            answer.unwrap_or_else(|why| {
                failure = Some(why);
                None
            })
        });
        failure.map_or(Ok(range), Err)
    }

    fn plan(&self) -> Search {
        let needed = self.limits.iter().map(Limit::answers_needed).max();
        let seconds = self.spec.duration.as_secs_f64();
        let lowest_rps = (needed.unwrap_or(1) as f64 * SPARE_ANSWERS / seconds).min(MAX_RATE_RPS);
        let start_rps = self.start_rps.unwrap_or(lowest_rps);
        Search {
            start_rps: start_rps.clamp(lowest_rps, MAX_RATE_RPS),
            lowest_rps,
            highest_rps: MAX_RATE_RPS,
            precision: PRECISION,
            most_trials: MOST_TRIALS,
        }
    }

    /// Returns the load at a rate.
    fn at(&self, rate_rps: f64) -> Result<LoadSpec, Failure> {
        let offer = self
            .arrivals
            .offer(Some(rate_rps))
            .map_err(Failure::Usage)?;
        Ok(LoadSpec {
            offer,
            ..self.spec.clone()
        })
    }

    fn closed_loop(&self) -> LoadSpec {
        LoadSpec {
            offer: Offer::Closed,
            when_busy: WhenBusy::Wait,
            ..self.spec.clone()
        }
    }

    /// Learns from a short closed loop about where the capacity is. Returns whether it came to its end.
    fn probe(&mut self, stop: &AtomicBool) -> Result<bool, Failure> {
        let probe = LoadSpec {
            duration: PROBE,
            warmup: PROBE_WARMUP,
            ..self.closed_loop()
        };
        let outcome = loadgen::run(&probe, stop, &mut ()).map_err(Failure::failed)?;
        if outcome.interrupted {
            return Ok(false);
        }
        verdict::reached(&self.server, &outcome)?;
        let probe_rps = outcome.throughput_rps();
        self.start_rps = Some(probe_rps * START_SHARE);
        let note = format!(
            "a closed loop of {} got {} requests/s before the search, with the load CPUs {:.0}% busy",
            show(PROBE),
            units::count(probe_rps),
            outcome.generator_cpu_share * 100.0
        );
        if !self.quiet {
            message(&note);
        }
        self.notes.push(note);
        Ok(true)
    }

    fn run(&mut self, rate_rps: f64, stop: &AtomicBool) -> Result<Option<RateResult>, Failure> {
        let spec = self.at(rate_rps)?;
        let outcome = loadgen::run(&spec, stop, &mut ()).map_err(Failure::failed)?;
        if outcome.interrupted {
            return Ok(None);
        }
        verdict::reached(&self.server, &outcome)?;
        let tried = judge(self.limits, rate_rps, &outcome);
        if !self.quiet {
            message(&tried.line());
        }
        let result = match (tried.valid, tried.kept) {
            (false, _) => RateResult::Unknown,
            (true, true) => RateResult::Kept,
            (true, false) => RateResult::Broken,
        };
        self.tried.push(tried);
        if result != RateResult::Kept {
            self.let_settle(stop)?;
        }
        Ok(Some(result))
    }

    /// Waits for one answer: a server that still works on the requests of the last trial would fail
    /// the next one, too.
    fn let_settle(&self, stop: &AtomicBool) -> Result<(), Failure> {
        let one = LoadSpec {
            connections: 1,
            requests: Some(NonZeroU64::MIN),
            warmup: Duration::ZERO,
            duration: SETTLE_WITHIN,
            timeout: SETTLE_WITHIN,
            ..self.closed_loop()
        };
        loadgen::run(&one, stop, &mut ()).map_err(Failure::failed)?;
        Ok(())
    }

    pub(super) fn into_capacity(self, range: CapacityRange) -> Capacity {
        Capacity {
            url: self.url.to_owned(),
            limits: self.limits.iter().map(Limit::to_string).collect(),
            kept_rps: range.kept,
            broken_rps: range.broken,
            unknown_rps: range.unknown,
            trial_s: self.spec.duration.as_secs_f64(),
            trials: self.tried,
            notes: self.notes,
        }
    }
}
