//! Keeping CPUs awake.
//!
//! An idle CPU sleeps, and waking it takes time: microseconds on a physical CPU, much more if a
//! hypervisor gave the CPU to another guest in the meantime. That time would count as waiting. A
//! thread per CPU that spins in the class SCHED_IDLE keeps the CPU awake and yields it at once.

use std::hint::spin_loop;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, mpsc};
use std::thread::{Builder, JoinHandle};

use nix::sched::{CpuSet as Affinity, sched_setaffinity};
use nix::unistd::Pid;

use super::CpuSet;
use super::sys::idle_class;

/// Keeps CPUs awake until it is dropped.
#[derive(Debug)]
pub(crate) struct Awake {
    end: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Awake {
    /// Keeps these CPUs awake.
    ///
    /// # Errors
    /// The error of the kernel if a thread cannot be started, or cannot run on one of the CPUs.
    pub(crate) fn keep(cpus: &CpuSet) -> io::Result<Self> {
        let mut awake = Self {
            end: Arc::default(),
            threads: Vec::new(),
        };
        for cpu in cpus.to_vec() {
            let end = Arc::clone(&awake.end);
            let (ready, outcome) = mpsc::sync_channel(1);
            let thread = Builder::new().name(format!("awake-{cpu}")).spawn(move || {
                let settled = settle(cpu);
                let spins = settled.is_ok();
                // The thread that starts this one waits for the result.
                let _taken = ready.send(settled);
                while spins && !end.load(Relaxed) {
                    spin_loop();
                }
            })?;
            awake.threads.push(thread);
            outcome.recv().map_err(io::Error::other)??;
        }
        Ok(awake)
    }
}

/// Binds the calling thread to this CPU, in the idle class.
fn settle(cpu: usize) -> io::Result<()> {
    let mut only = Affinity::new();
    only.set(cpu)?;
    sched_setaffinity(Pid::from_raw(0), &only)?;
    idle_class::join()
}

impl Drop for Awake {
    fn drop(&mut self) {
        self.end.store(true, Relaxed);
        for thread in self.threads.drain(..) {
            // The thread does nothing that could panic.
            let _ended = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpus_are_kept_awake_by_a_thread_each_until_it_is_dropped() {
        let awake = Awake::keep(&[0].into_iter().collect()).expect("CPU 0 is there");
        let end = Arc::downgrade(&awake.end);
        assert_eq!(awake.threads.len(), 1);
        drop(awake);
        assert!(end.upgrade().is_none(), "a thread still holds it");
    }

    #[test]
    fn a_missing_cpu_is_an_error() {
        assert!(Awake::keep(&[1023].into_iter().collect()).is_err());
    }
}
