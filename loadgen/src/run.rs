//! Threads, and the coordinator beside them.

use std::io;
use std::num::NonZeroU64;
use std::panic::resume_unwind;
use std::sync::atomic::AtomicBool;
use std::thread::{Builder, Scope, ScopedJoinHandle, scope};
use std::time::Duration;

use rustix::thread::{CpuSet, sched_setaffinity, set_current_timer_slack};

use crate::arrival::{Horizon, process};
use crate::clock::{Clock, Window, nanos};
use crate::coordinator::Coordinator;
use crate::engine::{Engine, ThreadOutcome};
use crate::interval::{Collector, Handover};
use crate::ledger::{self, Ledger};
use crate::offered::{Offered, Sends};
use crate::outcome::{Observer, Outcome};
use crate::shared::{Gauge, Shared};
use crate::spec::{LoadSpec, SpecError};
use crate::{tls, verdict};

/// Time for the threads to be there when the load begins. Spawning and pinning
/// one takes some tens of microseconds.
const LEAD: Duration = Duration::from_millis(5);

/// Why load could not be offered.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// What is asked for cannot be offered.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// A load thread could not be pinned.
    #[error(
        "load thread {thread} cannot be pinned to CPU {cpu} ({source}): choose load CPUs that this host has and this process may use"
    )]
    Pin {
        /// Which thread.
        thread: usize,
        /// Which CPU.
        cpu: usize,
        /// What the kernel said.
        source: io::Error,
    },
    /// The kernel gave no epoll instance or no thread.
    #[error(
        "load thread {thread} cannot be set up ({source}): raise the limits on open files and processes, or use fewer threads"
    )]
    Setup {
        /// Which thread.
        thread: usize,
        /// What the kernel said.
        source: io::Error,
    },
}

/// Offers the load and returns what came back. Blocks until the window is
/// closed and, in the open loop, its requests are answered or timed out.
/// Setting `stop` ends it promptly with what was measured so far.
///
/// # Errors
/// [`LoadError`] where the load cannot be offered at all. What goes wrong with
/// single requests or connections is counted in the outcome.
pub fn run(
    spec: &LoadSpec,
    stop: &AtomicBool,
    observer: &mut dyn Observer,
) -> Result<Outcome, LoadError> {
    spec.validate()?;
    let threads = spec.busy_threads();
    let shared = Shared::new(Horizon::of(spec, stop), spec.budget());
    let gauges: Vec<Gauge> = (0..threads).map(|_| Gauge::default()).collect();
    let handovers: Vec<Handover> = (0..threads).map(|_| Handover::default()).collect();
    let arrivals = ledger::ordered(spec);
    let clock = Clock::starting_in(LEAD);
    let engines = (0..threads)
        .map(|thread| {
            let tls = spec.target.tls.as_ref().map(tls::Client::new).transpose()?;
            let (gauge, handover) = (&gauges[thread], &handovers[thread]);
            let engine = Engine::new(spec, thread, clock, &shared, gauge, handover, tls)
                .map_err(|source| LoadError::Setup { thread, source })?;
            Ok(match &arrivals {
                None => engine,
                Some(arrivals) => engine.keep(Ledger::new(arrivals.len(), thread, threads)),
            })
        })
        .collect::<Result<Vec<_>, LoadError>>()?;
    let mut collector = Collector::new(&handovers, spec.interval);
    let mut parts = scope(|scope| {
        let handles = spawn_all(scope, spec, engines, &shared)?;
        let coordinator = Coordinator::new(spec, clock, &shared, &gauges);
        coordinator.watch(stop, observer, &mut collector, &|| {
            handles.iter().filter(|handle| handle.is_finished()).count()
        });
        join_all(handles)
    })?;
    let window = Window {
        begin: nanos(spec.warmup),
        end: shared.end().max(nanos(spec.warmup)),
    };
    collector.finish(window.length(), observer);
    let ledgers = parts.iter_mut().filter_map(|part| part.ledger.take());
    let ledgers: Vec<_> = ledgers.collect();
    let mut outcome = assemble(spec, window, shared.halted(), parts, collector);
    outcome.ledger = arrivals.map(|arrivals| ledger::merge(arrivals, &ledgers));
    outcome.opened_at = (window.begin < window.end).then(|| clock.instant(window.begin));
    Ok(outcome)
}

type Handle<'scope> = ScopedJoinHandle<'scope, Result<ThreadOutcome, LoadError>>;

fn spawn_all<'scope, 'env>(
    scope: &'scope Scope<'scope, 'env>,
    spec: &'env LoadSpec,
    engines: Vec<Engine<'env>>,
    shared: &Shared,
) -> Result<Vec<Handle<'scope>>, LoadError> {
    let spawn = |(thread, engine): (usize, Engine<'env>)| {
        Builder::new()
            .name(format!("load-{thread}"))
            .spawn_scoped(scope, move || {
                prepare_thread(spec, thread)?;
                Ok(engine.run())
            })
            .map_err(|source| LoadError::Setup { thread, source })
    };
    let handles: Result<Vec<_>, _> = engines.into_iter().enumerate().map(spawn).collect();
    if handles.is_err() {
        // Those that did start are not waited for until their window is over.
        shared.halt(0);
    }
    handles
}

/// Pins the calling thread, and has its waits end on time.
fn prepare_thread(spec: &LoadSpec, thread: usize) -> Result<(), LoadError> {
    if let Some(cpu) = spec.cpus.get(thread % spec.cpus.len().max(1)).copied() {
        pin(cpu).map_err(|source| LoadError::Pin {
            thread,
            cpu,
            source,
        })?;
    }
    // By default the kernel may end a wait 50 microseconds late to save
    // wake-ups. Where it will not change that, lag shows it.
    let _ = set_current_timer_slack(NonZeroU64::new(1));
    Ok(())
}

fn pin(cpu: usize) -> io::Result<()> {
    if cpu >= CpuSet::MAX_CPU {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut only = CpuSet::new();
    only.set(cpu);
    Ok(sched_setaffinity(None, &only)?)
}

fn join_all(handles: Vec<Handle<'_>>) -> Result<Vec<ThreadOutcome>, LoadError> {
    let join = |handle: Handle<'_>| handle.join().unwrap_or_else(|panic| resume_unwind(panic));
    handles.into_iter().map(join).collect()
}

fn assemble(
    spec: &LoadSpec,
    window: Window,
    interrupted: bool,
    parts: Vec<ThreadOutcome>,
    collector: Collector<'_>,
) -> Outcome {
    let threads = parts.len();
    let cpu = parts.iter().map(|part| part.cpu).sum();
    let missing = parts.iter().map(|part| part.missing).sum();
    let mut sends = Sends::default();
    let mut samples = Vec::with_capacity(threads);
    for part in parts {
        sends += part.sends;
        samples.push(part.sample);
    }
    let mut outcome = Outcome::of_window(collector.total, window.length(), threads);
    outcome.intervals = collector.intervals;
    outcome.interrupted = interrupted;
    outcome.offered = process(spec)
        .map(|process| Offered::new(sends, &samples, process.as_ref(), window, interrupted));
    outcome.set_cpu(cpu);
    outcome.notes = verdict::notes(&outcome);
    outcome.invalid_because = verdict::invalid_because(&outcome, missing);
    outcome
}
