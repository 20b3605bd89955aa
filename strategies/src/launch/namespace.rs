//! A network namespace of evenkeel's own (network_namespaces(7)).
//!
//! It exists as long as somebody is in it or holds its descriptor, so nothing is left of it, or
//! of what was set up inside, once the processes of a study are gone, however they ended.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Child, Command};
use std::sync::{Arc, mpsc};

use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::{getegid, geteuid};

use super::spawner::Spawner;
use crate::sys::loopback;

/// A network namespace with nothing but a loopback interface that is up. Processes that were
/// started in it end with the last of its clones.
#[derive(Clone, Debug)]
pub(crate) struct Namespace(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    descriptor: OwnedFd,
    /// A thread that stays there: an ordinary user could not bring it home, as the host's
    /// namespace is not the user's to enter.
    spawner: Spawner,
}

impl Namespace {
    /// A new one.
    ///
    /// # Errors
    /// Where this user may not make any (root may, and whoever is root in a user namespace).
    pub(crate) fn create() -> io::Result<Self> {
        let (made, namespace) = mpsc::sync_channel(1);
        let spawner = Spawner::start(move || {
            unshare(CloneFlags::CLONE_NEWNET)?;
            loopback::set_up()?;
            let descriptor = File::open("/proc/thread-self/ns/net")?;
            made.send(descriptor.into()).map_err(io::Error::other)
        })?;
        let descriptor = namespace.recv().map_err(io::Error::other)?;
        Ok(Self(Arc::new(Inner {
            descriptor,
            spawner,
        })))
    }

    /// Starts a process there.
    pub(crate) fn spawn(&self, command: Command) -> io::Result<Child> {
        self.0.spawner.spawn(command)
    }

    /// Calls a function there.
    pub(crate) fn call<T: Send>(&self, function: impl FnOnce() -> T + Send) -> io::Result<T> {
        on_another_thread(|| self.enter().map(|()| function()))?
    }

    /// Moves the calling thread, and whatever it starts from now on, there.
    pub(crate) fn enter(&self) -> io::Result<()> {
        Ok(setns(self.0.descriptor.as_fd(), CloneFlags::CLONE_NEWNET)?)
    }
}

/// Namespaces belong to threads, so what goes into another one is a thread that ends there.
fn on_another_thread<T: Send>(function: impl FnOnce() -> T + Send) -> io::Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().spawn_scoped(scope, function)?;
        Ok(thread
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })
}

/// Makes an ordinary user root of a user namespace, who may make network namespaces there. Files
/// stay the user's own. Has no effect on root.
///
/// # Errors
/// Where the process has several threads already (user_namespaces(7)), or the host forbids user
/// namespaces. Nothing has changed then.
pub fn become_root_of_a_user_namespace() -> io::Result<()> {
    let (user, group) = (geteuid(), getegid());
    if user.is_root() {
        return Ok(());
    }
    unshare(CloneFlags::CLONE_NEWUSER)?;
    // Without it the group map is refused (user_namespaces(7)).
    std::fs::write("/proc/self/setgroups", "deny")?;
    std::fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
    std::fs::write("/proc/self/gid_map", format!("0 {group} 1"))
}
