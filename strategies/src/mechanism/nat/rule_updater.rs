//! Removing dead workers from the rules, as kube-proxy does when an endpoint is gone.

use std::io;
use std::iter;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::thread::JoinHandle;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::unistd::write;
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use super::rules::{Rule, Service};
use super::tool;
use crate::launch::{Deployment, Namespace, Role};

/// A thread that waits for the end of workers, and updates the rules. Dropping it ends the thread.
#[derive(Debug)]
pub(super) struct RuleUpdater {
    stop: Arc<OwnedFd>,
    thread: Option<JoinHandle<()>>,
}

impl RuleUpdater {
    pub(super) fn start(
        namespace: Namespace,
        rule: Rule,
        service: Service,
        fleet: &Deployment,
    ) -> io::Result<Self> {
        let mut workers = Vec::with_capacity(service.workers.len());
        for (role, pid) in fleet.processes() {
            if let Role::Worker(number) = role {
                let pid = Pid::from_raw(pid).ok_or(io::ErrorKind::NotFound)?;
                let process = pidfd_open(pid, PidfdFlags::empty())?;
                workers.push((process, service.workers[number]));
            }
        }
        let stop: Arc<OwnedFd> = Arc::new(EventFd::from_flags(EfdFlags::EFD_CLOEXEC)?.into());
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new()
            .name("nat-rules".into())
            .spawn(move || update_rules(&namespace, rule, service, workers, &stopped))?;
        Ok(Self {
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for RuleUpdater {
    fn drop(&mut self) {
        // It fails only if the counter overflows, and this is the only write.
        let _written = write(&self.stop, &1_u64.to_ne_bytes());
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}

/// Workers that have not ended: their pidfds and addresses.
type Workers = Vec<(OwnedFd, std::net::SocketAddr)>;

fn update_rules(
    namespace: &Namespace,
    rule: Rule,
    service: Service,
    mut workers: Workers,
    stop: &OwnedFd,
) {
    while !workers.is_empty() {
        let processes = workers.iter().map(|(process, _)| process);
        let fds = iter::once(stop).chain(processes);
        let mut fds: Vec<PollFd<'_>> = fds
            .map(|fd| PollFd::new(fd.as_fd(), PollFlags::POLLIN))
            .collect();
        if poll(&mut fds, PollTimeout::NONE).is_err() {
            continue;
        }
        let is_ready: Vec<bool> = fds.iter().map(|fd| fd.any() == Some(true)).collect();
        if is_ready[0] {
            return;
        }
        let mut has_ended = is_ready[1..].iter();
        workers.retain(|_| has_ended.next() == Some(&false));
        let service = Service {
            workers: workers.iter().map(|(_, address)| *address).collect(),
            ..service.clone()
        };
        // The kernel has accepted such rules before. If it fails, clients of dead workers get errors.
        let _applied = tool::apply(namespace, rule, &service);
    }
}
