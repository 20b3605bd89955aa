//! The thread that reads what workers send.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};

use nix::sys::epoll::{EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::unistd::{Pid, gettid, write};

use super::ends::Ends;
use crate::launch::child_setup::ChildSetup;
use crate::usage::CpuTime;

/// What the readiness of the wake-up says instead of a descriptor.
const TO_END: u64 = u64::MAX;

/// Number of ends that are served in a row.
const AT_ONCE: usize = 64;

/// The thread. It sleeps while nothing arrives. Dropping this ends it.
#[derive(Debug)]
pub(in crate::launch) struct Reader {
    pub(in crate::launch) ends: Arc<Ends>,
    wake_up: OwnedFd,
    thread: Option<JoinHandle<()>>,
    thread_id: Arc<OnceLock<Pid>>,
}

impl Reader {
    /// Starts the thread on these CPUs, those of the fleet, since it works for it.
    pub(in crate::launch) fn start(ends: Arc<Ends>, cpus: &[usize]) -> io::Result<Self> {
        let wake_up = EventFd::from_flags(EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK)?;
        ends.epoll
            .add(&wake_up, EpollEvent::new(EpollFlags::EPOLLIN, TO_END))?;
        let thread_id = Arc::new(OnceLock::new());
        let setup = ChildSetup::by_this_process(cpus);
        let thread = thread::Builder::new().name("messages".into()).spawn({
            let (ends, thread_id) = (Arc::clone(&ends), Arc::clone(&thread_id));
            move || {
                thread_id.get_or_init(gettid);
                // Workers, which have the same CPUs, have reported it if this is not possible.
                let _bound = setup.stay_on_cpus();
                read(&ends);
            }
        })?;
        Ok(Self {
            ends,
            wake_up: wake_up.into(),
            thread: Some(thread),
            thread_id,
        })
    }

    /// Returns the CPU time of the thread.
    pub(in crate::launch) fn cpu(&self) -> Option<CpuTime> {
        CpuTime::of_thread(Pid::this(), *self.thread_id.get()?)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // It fails only if the counter overflows, and then it is readable anyway.
        let _written = write(&self.wake_up, &1_u64.to_ne_bytes());
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}

/// Serves all ends that are ready, until the thread is to end.
fn read(ends: &Ends) {
    let mut events = [EpollEvent::empty(); AT_ONCE];
    loop {
        // After an error there is nothing to serve.
        let ready = ends.epoll.wait(&mut events, EpollTimeout::NONE);
        for event in &events[..ready.unwrap_or_default()] {
            if event.data() == TO_END {
                return;
            }
            ends.serve(event.data(), event.events());
        }
        ends.announce_total();
    }
}
