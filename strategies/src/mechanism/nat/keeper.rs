//! Who takes dead workers out of the rules, as kube-proxy does when an endpoint is gone.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::thread::JoinHandle;

use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use super::rules::{Rule, Service};
use super::tool;
use crate::launch::{Deployment, Namespace, Role};

/// A thread that waits for workers to end. Dropped, it ends.
#[derive(Debug)]
pub(super) struct Keeper {
    end: Arc<OwnedFd>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    pub(super) fn start(
        namespace: Namespace,
        rule: Rule,
        service: Service,
        fleet: &Deployment,
    ) -> io::Result<Self> {
        let mut watched = Vec::with_capacity(service.workers.len());
        for (role, pid) in fleet.processes() {
            if let Role::Worker(number) = role {
                let pid = Pid::from_raw(pid).ok_or(io::ErrorKind::NotFound)?;
                let process = pidfd_open(pid, PidfdFlags::empty())?;
                watched.push((process, service.workers[number]));
            }
        }
        let end = Arc::new(eventfd(0, EventfdFlags::CLOEXEC)?);
        let asked = Arc::clone(&end);
        let thread = std::thread::Builder::new()
            .name("nat-keeper".into())
            .spawn(move || keep(&namespace, rule, service, watched, &asked))?;
        Ok(Self {
            end,
            thread: Some(thread),
        })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // Fails only where the counter would overflow, and this is its first and only count.
        let _counted = rustix::io::write(&self.end, &1_u64.to_ne_bytes());
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}

type Watched = Vec<(OwnedFd, std::net::SocketAddr)>;

fn keep(namespace: &Namespace, rule: Rule, service: Service, mut watched: Watched, end: &OwnedFd) {
    while !watched.is_empty() {
        let mut waiting = vec![PollFd::new(end, PollFlags::IN)];
        waiting.extend(
            watched
                .iter()
                .map(|(process, _)| PollFd::new(process, PollFlags::IN)),
        );
        if poll(&mut waiting, None).is_err() {
            continue;
        }
        if !waiting[0].revents().is_empty() {
            return;
        }
        let mut ended = waiting[1..]
            .iter()
            .map(|process| !process.revents().is_empty());
        let ended: Vec<bool> = ended.by_ref().collect();
        let mut ended = ended.into_iter();
        watched.retain(|_| ended.next() == Some(false));
        let service = Service {
            workers: watched.iter().map(|(_, address)| *address).collect(),
            ..service.clone()
        };
        // What the kernel took once it takes again; if not, clients of the dead are refused.
        let _in_force = tool::apply(namespace, rule, &service);
    }
}
