//! Network namespaces (network_namespaces(7)).
//!
//! A namespace exists as long as a process is in it or has its descriptor open. So nothing of it, or of
//! what was set up inside, is left when the processes of a study are gone, however they ended.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::panic::resume_unwind;
use std::process::{Child, Command};
use std::sync::{Arc, mpsc};
use std::thread;

use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::{getegid, geteuid};

use super::{host::UnmetRequirement, spawner::Spawner};
use crate::sys::loopback;

/// A network namespace with only an active loopback interface. Processes that were started in it end
/// when the last clone of this is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Namespace(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    descriptor: OwnedFd,
    /// A thread that stays in the namespace. An ordinary user cannot return to the host's namespace.
    spawner: Spawner,
}

impl Namespace {
    /// Creates a namespace.
    ///
    /// It fails if this user may not create one. Root may, also the root of a user namespace.
    pub(crate) fn create() -> io::Result<Self> {
        let (sender, receiver) = mpsc::sync_channel(1);
        let spawner = Spawner::start(move || {
            unshare(CloneFlags::CLONE_NEWNET)?;
            loopback::set_up()?;
            let descriptor = File::open("/proc/thread-self/ns/net")?;
            sender.send(descriptor.into()).map_err(io::Error::other)
        })?;
        let descriptor = receiver.recv().map_err(io::Error::other)?;
        Ok(Self(Arc::new(Inner {
            descriptor,
            spawner,
        })))
    }

    /// Creates a namespace, or says what a strategy that needs one lacks.
    pub(crate) fn required() -> Result<Self, UnmetRequirement> {
        Self::create().map_err(|error| {
            UnmetRequirement(format!(
                "it needs a network namespace, which this user may not create ({error}); run \
                 evenkeel as root, or under `unshare --user --map-root-user`"
            ))
        })
    }

    pub(crate) fn spawn(&self, command: Command) -> io::Result<Child> {
        self.0.spawner.spawn(command)
    }

    pub(crate) fn call<T: Send>(&self, function: impl FnOnce() -> T + Send) -> io::Result<T> {
        // A namespace is a property of a thread, so this is a temporary one.
        thread::scope(|scope| {
            let call = || self.enter().map(|()| function());
            let called = thread::Builder::new().spawn_scoped(scope, call)?;
            called.join().unwrap_or_else(|panic| resume_unwind(panic))
        })
    }

    /// Moves the calling thread, and what it starts later, into the namespace.
    pub(crate) fn enter(&self) -> io::Result<()> {
        Ok(setns(self.0.descriptor.as_fd(), CloneFlags::CLONE_NEWNET)?)
    }
}

/// Makes an ordinary user the root of a new user namespace, which allows network namespaces. Files still
/// belong to the user. It has no effect for root.
///
/// # Errors
/// If the process has several threads (user_namespaces(7)), or the host forbids user namespaces. Then
/// nothing changes.
pub fn become_root_of_a_user_namespace() -> io::Result<()> {
    let (user, group) = (geteuid(), getegid());
    if user.is_root() {
        return Ok(());
    }
    unshare(CloneFlags::CLONE_NEWUSER)?;
    // Without this the kernel rejects the group map (user_namespaces(7)).
    std::fs::write("/proc/self/setgroups", "deny")?;
    std::fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
    std::fs::write("/proc/self/gid_map", format!("0 {group} 1"))
}
