//! Starts load threads, pinned and with exact timers.

use std::io;
use std::panic::resume_unwind;
use std::thread::{Builder, Scope, ScopedJoinHandle};

use nix::sched::{CpuSet, sched_setaffinity};
use nix::sys::prctl::set_timerslack;
use nix::unistd::Pid;

use super::error::LoadError;
use crate::engine::{Engine, Shared, ThreadOutcome};
use crate::spec::LoadSpec;

pub(super) type Handle<'scope> = ScopedJoinHandle<'scope, Result<ThreadOutcome, LoadError>>;

/// Starts a thread for each engine.
pub(super) fn spawn_all<'scope, 'env>(
    scope: &'scope Scope<'scope, 'env>,
    spec: &'env LoadSpec,
    engines: Vec<Engine<'env>>,
    shared: &Shared,
) -> Result<Vec<Handle<'scope>>, LoadError> {
    let spawn = |(thread, engine): (usize, Engine<'env>)| {
        Builder::new()
            .name(format!("load-{thread}"))
            .spawn_scoped(scope, move || {
                prepare(spec, thread)?;
                Ok(engine.run())
            })
            .map_err(|source| LoadError::Setup { thread, source })
    };
    let handles: Result<Vec<_>, _> = engines.into_iter().enumerate().map(spawn).collect();
    if handles.is_err() {
        // The threads that did start end at once.
        shared.halt(0);
    }
    handles
}

pub(super) fn join_all(handles: Vec<Handle<'_>>) -> Result<Vec<ThreadOutcome>, LoadError> {
    let join = |handle: Handle<'_>| handle.join().unwrap_or_else(|panic| resume_unwind(panic));
    handles.into_iter().map(join).collect()
}

/// Pins the calling thread, and makes its waits end on time.
fn prepare(spec: &LoadSpec, thread: usize) -> Result<(), LoadError> {
    if let Some(cpu) = spec.cpus.get(thread % spec.cpus.len().max(1)).copied() {
        pin(cpu).map_err(|source| LoadError::Pin {
            thread,
            cpu,
            source,
        })?;
    }
    // By default the kernel may end a wait 50 microseconds late to save wake-ups. If it refuses to
    // change that, lag shows it.
    let _ = set_timerslack(1);
    Ok(())
}

fn pin(cpu: usize) -> io::Result<()> {
    let mut only = CpuSet::new();
    only.set(cpu)?;
    Ok(sched_setaffinity(Pid::from_raw(0), &only)?)
}
