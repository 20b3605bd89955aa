//! Signals that end the program, such as Ctrl-C.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use crate::failure::{Failure, INTERRUPTED};

/// Whether a signal requested the end of this process.
///
/// The first signal sets a flag, which all long work checks. A second signal ends the process at
/// once; its children die with it, since each has requested that from the kernel.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Catches SIGINT, SIGTERM and SIGHUP.
    pub(crate) fn catch() -> Result<Self, Failure> {
        Self::catch_all(&[SIGINT, SIGTERM, SIGHUP])
    }

    /// Catches SIGINT and SIGTERM. SIGHUP has another meaning for a server.
    pub(crate) fn catch_of_server() -> Result<Self, Failure> {
        Self::catch_all(&[SIGINT, SIGTERM])
    }

    fn catch_all(signals: &[i32]) -> Result<Self, Failure> {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in signals.iter().copied() {
            // In this order, since the first signal must find the flag unset.
            flag::register_conditional_shutdown(signal, INTERRUPTED.into(), Arc::clone(&flag))
                .and_then(|_| flag::register(signal, Arc::clone(&flag)))
                .map_err(|error| Failure::Failed(format!("signals cannot be caught: {error}")))?;
        }
        Ok(Self(flag))
    }

    pub(crate) fn came(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// The flag itself, for work that checks it.
    pub(crate) fn flag(&self) -> &AtomicBool {
        &self.0
    }
}
