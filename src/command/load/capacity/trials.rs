//! The trials of a search for capacity.

use std::num::{NonZeroU32, NonZeroU64};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use evenkeel_loadgen::{self as loadgen, LoadSpec, MAX_RATE_RPS, Offer, Outcome};
use evenkeel_reports::load::{Capacity, RateTried};

use super::search::{Answer, Bracket, Search};
use crate::cli::LoadArgs;
use crate::command::load::verdict;
use crate::failure::Failure;
use crate::limit::{Basis, Limit};
use crate::scenario::Arrivals;
use crate::study::too_many_failures;
use crate::terminal::message;
use evenkeel_common::duration::{show, show_wait};

/// The first rate that is tried where none is given, requests per second: almost any server
/// keeps it, and few doublings lead from it to the fastest.
const START_RPS: f64 = 1_000.0;

/// How wide the bracket may be in the end: trials of a second differ by about as much.
const PRECISION: f64 = 0.05;

/// Enough for seven doublings and the bisection after them, with all their votes.
const MOST_TRIALS: u32 = 40;

/// Measured time of a trial and load before it, where none is given.
const DURATION: Duration = Duration::from_secs(1);
const WARMUP: Duration = Duration::from_millis(200);

/// Arrivals at random, and errors, leave a trial with fewer answers than its rate promises.
const SPARE_ANSWERS: f64 = 1.5;

/// A server that has not even been sent this share of the arrivals when the window closes did
/// not keep up, however the latencies of so short a trial look: the queue would go on growing.
/// Less can be a burst at the very end.
const LEFT_OVER: f64 = 0.05;

/// How long a server may take for what an overload has left it with, before the next trial.
const SETTLE_WITHIN: Duration = Duration::from_secs(30);

/// Trials at one rate after another.
pub(super) struct Trials<'a> {
    url: &'a str,
    limits: &'a [Limit],
    arrivals: Arrivals,
    spec: LoadSpec,
    start_rps: Option<f64>,
    quiet: bool,
    tried: Vec<RateTried>,
    notes: Vec<String>,
}

impl<'a> Trials<'a> {
    /// Trials of the load that was asked for, at other rates.
    ///
    /// # Errors
    /// [`Failure::Usage`] for arrivals that have times or rates of their own.
    pub(super) fn new(args: &'a LoadArgs, spec: LoadSpec, quiet: bool) -> Result<Self, Failure> {
        let arrivals = args.offer.arrivals.clone().unwrap_or(Arrivals::Poisson);
        if matches!(arrivals, Arrivals::Ramp { .. } | Arrivals::Trace(_)) {
            return Err(Failure::Usage(format!(
                "`--find-capacity` tries one rate after another, and arrivals by `{arrivals}` do \
                 not have one rate; use constant, poisson or burst"
            )));
        }
        let spec = LoadSpec {
            duration: args.load.duration.unwrap_or(DURATION),
            warmup: args.load.warmup.unwrap_or(WARMUP),
            ..spec
        };
        let trials = Self {
            url: &args.url,
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

    /// How long the search takes at most, before it begins.
    pub(super) fn announcement(&self) -> String {
        let per_trial = self.spec.warmup + self.spec.duration;
        format!(
            "at most {MOST_TRIALS} trials of {} each, {} in all, beside the time that a server \
             takes for what it is left with",
            show(self.spec.duration),
            show_wait(per_trial * MOST_TRIALS),
        )
    }

    /// Searches until the bracket is narrow, the trials are used up, or `stop` is set.
    ///
    /// # Errors
    /// [`Failure`] if load could not be offered at all, or reached nobody.
    pub(super) fn search(&mut self, stop: &AtomicBool) -> Result<Bracket, Failure> {
        let mut failure = None;
        let bracket = self.plan().run(&mut |rate_rps| {
            let answer = self.run(rate_rps, stop);
            answer.unwrap_or_else(|why| {
                failure = Some(why);
                None
            })
        });
        failure.map_or(Ok(bracket), Err)
    }

    fn plan(&self) -> Search {
        let needed = self.limits.iter().map(Limit::answers_needed).max();
        let seconds = self.spec.duration.as_secs_f64();
        let lowest_rps = (needed.unwrap_or(1) as f64 * SPARE_ANSWERS / seconds).min(MAX_RATE_RPS);
        Search {
            start_rps: self.start_rps.unwrap_or(START_RPS).max(lowest_rps),
            lowest_rps,
            highest_rps: MAX_RATE_RPS,
            precision: PRECISION,
            most_trials: MOST_TRIALS,
        }
    }

    /// The load at a rate.
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

    fn run(&mut self, rate_rps: f64, stop: &AtomicBool) -> Result<Option<Answer>, Failure> {
        let spec = self.at(rate_rps)?;
        let outcome = loadgen::run(&spec, stop, &mut ()).map_err(Failure::failed)?;
        if outcome.interrupted {
            return Ok(None);
        }
        verdict::reached(self.url, &outcome)?;
        let tried = self.judge(rate_rps, &outcome);
        if !self.quiet {
            message(&tried.line());
        }
        let answer = if tried.kept {
            Answer::Kept
        } else {
            Answer::Broken
        };
        self.tried.push(tried);
        if answer == Answer::Broken {
            self.let_settle(stop)?;
        }
        Ok(Some(answer))
    }

    /// Waits for one answer: a server that is still at work on the requests of a trial that is
    /// over would fail the next one, too.
    fn let_settle(&self, stop: &AtomicBool) -> Result<(), Failure> {
        let one = LoadSpec {
            offer: Offer::Closed,
            connections: 1,
            pipeline: NonZeroU32::MIN,
            requests: Some(NonZeroU64::MIN),
            warmup: Duration::ZERO,
            duration: SETTLE_WITHIN,
            timeout: SETTLE_WITHIN,
            ..self.spec.clone()
        };
        loadgen::run(&one, stop, &mut ()).map_err(Failure::failed)?;
        Ok(())
    }

    fn judge(&mut self, rate_rps: f64, outcome: &Outcome) -> RateTried {
        let mut kept = true;
        let mut because = Vec::new();
        for limit in self.limits {
            let finding = limit.test(Basis::from(outcome));
            kept &= finding.as_ref().is_ok_and(|finding| finding.holds);
            because.push(finding.map_or_else(|why| why, |finding| finding.figure));
        }
        // Whatever the limits say: the few that are answered in an overload are the quick ones.
        let overload = [left_over(outcome), too_many_failures(outcome)];
        for reason in overload.into_iter().flatten() {
            kept = false;
            because.push(reason);
        }
        // What the generator has against itself may be its own fault, and not the server's.
        if kept && !outcome.invalid_because.is_empty() {
            kept = false;
            let reasons = outcome.invalid_because.join("; ");
            let at = format!("at {rate_rps:.0} requests/s");
            if self.notes.last().is_none_or(|note| !note.starts_with(&at)) {
                self.notes.push(format!(
                    "{at} the limits were kept, but the figures are not valid: {reasons}; the \
                     capacity may be higher"
                ));
            }
            because.push("not valid".to_owned());
        }
        RateTried {
            rate_rps,
            throughput_rps: outcome.throughput_rps(),
            kept,
            because: because.join(", "),
        }
    }

    /// What was found, with all that was tried.
    pub(super) fn into_capacity(self, bracket: Bracket) -> Capacity {
        Capacity {
            url: self.url.to_owned(),
            limits: self.limits.iter().map(Limit::to_string).collect(),
            kept_rps: bracket.kept,
            broken_rps: bracket.broken,
            trial_s: self.spec.duration.as_secs_f64(),
            trials: self.tried,
            notes: self.notes,
        }
    }
}

/// How much had not been sent when the window closed, if that is too much.
fn left_over(outcome: &Outcome) -> Option<String> {
    let offered = outcome.offered.as_ref()?;
    let unsent = offered.arrivals.saturating_sub(offered.sent_in_window) as f64;
    let share = unsent / offered.arrivals.max(1) as f64;
    (share > LEFT_OVER).then(|| format!("{:.0}% were not sent in time", share * 100.0))
}
