//! A run: load threads, the coordinator that watches them, and the outcome.

mod coordinator;
mod error;
mod threads;

use std::sync::atomic::AtomicBool;
use std::thread::scope;
use std::time::Duration;

use self::coordinator::Coordinator;
pub use self::error::LoadError;
use self::threads::{join_all, spawn_all};
use crate::arrival::{PredictedRequest, RunEnd, predict, process};
use crate::clock::{Clock, Window};
use crate::engine::{Budget, Engine, Shared, ThreadOutcome, ThreadProgress};
use crate::outcome::{
    Collector, Losses, Observer, Offered, Outcome, Phase, RecorderExchange, RequestLog, SendCounts,
    Unfinished,
};
use crate::spec::{LoadSpec, TlsClient};

/// Time for the threads to start before the load begins. Starting and pinning a thread takes some tens
/// of microseconds.
const LEAD: Duration = Duration::from_millis(5);

/// Offers the load and returns what came back. Blocks until the window is closed and, in the open
/// loop, its requests are answered or timed out; the closed loop leaves its last requests
/// [unfinished](Outcome::unfinished). Ends early if nobody listens for [`PATIENCE`](crate::PATIENCE). Setting `stop` ends the run soon, with what was
/// measured so far.
///
/// # Errors
/// [`LoadError`] if the load cannot be offered at all. Failures of single requests or connections are
/// counted in the outcome.
pub fn run(
    spec: &LoadSpec,
    stop: &AtomicBool,
    observer: &mut dyn Observer,
) -> Result<Outcome, LoadError> {
    spec.validate()?;
    let threads = spec.busy_threads();
    let shared = Shared::new(RunEnd::of(spec, stop), Budget::of(spec));
    let progress: Vec<ThreadProgress> = (0..threads).map(|_| Default::default()).collect();
    let exchanges: Vec<RecorderExchange> = (0..threads).map(|_| Default::default()).collect();
    let predicted = spec.keep_request_log.then(|| predict(spec)).flatten();
    let clock = Clock::starting_in(LEAD);
    let engines = (0..threads)
        .map(|thread| {
            let tls = spec.target.tls.as_ref().map(TlsClient::new).transpose()?;
            let predicted = predicted.as_ref();
            let log = predicted.map(|all| RequestLog::new(all.len(), thread, threads));
            let out = (&progress[thread], &exchanges[thread]);
            Engine::new(spec, thread, clock, &shared, out, tls, log)
                .map_err(|source| LoadError::Setup { thread, source })
        })
        .collect::<Result<Vec<_>, LoadError>>()?;
    let mut collector = Collector::new(&exchanges, spec.interval);
    let parts = scope(|scope| {
        let handles = spawn_all(scope, spec, engines, &shared)?;
        let coordinator = Coordinator {
            clock,
            window: shared.window(spec),
            shared: &shared,
            threads: &progress,
            phase: Phase::WarmingUp,
        };
        coordinator.watch(stop, observer, &mut collector, &|| {
            handles.iter().filter(|handle| handle.is_finished()).count()
        });
        join_all(handles)
    })?;
    let mut window = shared.window(spec);
    window.end = window.end.max(window.begin);
    collector.finish(window.length(), observer);
    let mut outcome = assemble(spec, window, &shared, parts, predicted, collector);
    let instant = |at| clock.instant(at);
    outcome.opened_at = (window.begin < window.end).then(|| instant(window.begin));
    outcome.later_workers = shared.later_names.all(instant);
    outcome.first_answers = shared.first_answers.all(instant);
    Ok(outcome)
}

fn assemble(
    spec: &LoadSpec,
    window: Window,
    shared: &Shared,
    parts: Vec<ThreadOutcome>,
    predicted: Option<Vec<PredictedRequest>>,
    collector: Collector<'_>,
) -> Outcome {
    let (interrupted, reached) = (shared.halted(), shared.reached());
    let threads = parts.len();
    let cpu = parts.iter().map(|part| part.cpu).sum();
    let missing = parts.iter().map(|part| part.missing).sum();
    let waits = parts.iter().flat_map(|part| &part.unfinished).copied();
    let waits: Vec<u64> = waits.collect();
    let ended_after = parts.iter().map(|part| part.ended_after).sum();
    let in_window = parts.iter().map(|part| part.in_window).sum();
    let slowest_answer = collector.total.slowest_answer();
    let mut sends = SendCounts::default();
    let mut samples = Vec::with_capacity(threads);
    let mut logs = Vec::with_capacity(threads);
    let mut losses = Vec::with_capacity(threads);
    for part in parts {
        sends += part.sends;
        samples.push(part.sample);
        logs.extend(part.request_log);
        losses.push(part.losses);
    }
    let mut outcome = Outcome::of_window(collector.total, window.length(), threads);
    outcome.intervals = collector.intervals;
    outcome.reached = reached;
    let most_in_flight = spec.connections * spec.pipeline.get() as usize;
    outcome.unfinished = Unfinished::new(
        &waits,
        ended_after,
        slowest_answer,
        window.length(),
        most_in_flight,
    );
    outcome.in_window = in_window;
    outcome.losses = Losses::merge(losses, window);
    outcome.interrupted = interrupted;
    outcome.request_log = predicted.map(|predicted| RequestLog::merge(predicted, &logs));
    outcome.offered = process(spec)
        .map(|process| Offered::new(sends, &samples, process.as_ref(), window, interrupted));
    outcome.judge(cpu, missing);
    outcome
}
