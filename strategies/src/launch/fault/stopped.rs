//! Processes that are stopped.

use std::io;

use rustix::process::Signal;

use super::target::Target;

/// Processes that are stopped until this is dropped.
#[derive(Debug)]
pub(super) struct Stopped<T: AsRef<[Target]>>(T);

impl<T: AsRef<[Target]>> Stopped<T> {
    /// Stops the processes. Those that it has stopped before an error go on.
    pub(super) fn stop(targets: T) -> io::Result<Self> {
        let stopped = Self(targets);
        let mut all = stopped.0.as_ref().iter();
        all.try_for_each(|target| target.signal(Signal::STOP))?;
        Ok(stopped)
    }
}

impl<T: AsRef<[Target]>> Drop for Stopped<T> {
    fn drop(&mut self) {
        for target in self.0.as_ref() {
            // It fails only for a process that has ended.
            let _continued = target.signal(Signal::CONT);
        }
    }
}
