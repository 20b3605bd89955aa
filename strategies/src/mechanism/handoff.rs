//! Hand-off: a dispatcher accepts every connection and hands its descriptor to a worker.

mod accepting;
mod connection;
mod dispatcher;
mod membership;
mod pending_headers;
mod placing;
mod succession;
mod worker_channels;

use std::collections::BTreeMap;
use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use super::dispatched::MechanismInfo;
use crate::defence::{DefenceKind, Stall};
use crate::dispatch::{
    channel::{self, CHANNEL},
    wake_up::{self, WAKE_UP},
};
use crate::launch::membership::{Dispatchers, MEMBERSHIP, Message};
use crate::launch::{
    ConnectionSource, DispatchedFabric, Fabric, FleetSpec, Inherited, Intake, LaunchError, Links,
    UnmetRequirement,
};
use crate::policy::{FeedbackMode, PolicyInfo};
use crate::profile::{CommandContract, Profile, Retirement, TOLERANCE_OF_SEVERAL};
use crate::sys::tcp::defer_accept;
use crate::view::{Life, Waiting};
use dispatcher::Dispatcher;

/// A dispatcher accepts, a policy picks a worker, and the socket goes there over a Unix socket
/// (SCM_RIGHTS): Node's cluster module by default. The dispatcher reads no byte of the connection, except
/// its PROXY header if [configured](crate::ProxyProtocol), and has no part in it afterwards.
pub static HANDOFF: MechanismInfo = MechanismInfo {
    profile: Profile {
        mechanism: "handoff",
        retirement: Some(Retirement::IsNotPicked),
        summary: "a dispatcher accepts and hands the socket to a worker",
        known_from: "Node's cluster module",
        queueing_tolerance: Some(TOLERANCE_OF_SEVERAL),
        command: CommandContract::None(
            "its dispatcher hands over accepted connections (SCM_RIGHTS), which only evenkeel's own worker takes",
        ),
        defences: &[DefenceKind::Stall],
        ..Profile::OURS
    },
    check: |_host| Ok(()),
    open: |spec, policy, listeners| Ok(Box::new(Channels::open(spec, policy, listeners)?)),
    prepare: |start| Ok(Box::new(Dispatcher::prepare(start)?)),
};

/// The least time for which the kernel can wait for the first byte of a connection (tcp(7)).
const LEAST_DEFERRAL: Duration = Duration::from_secs(1);

/// The channels between dispatchers and workers, and the wake-ups of the dispatchers.
#[derive(Debug)]
struct Channels {
    /// For each dispatcher, its ends of the channels, until it gets them.
    ends: Vec<Vec<(Life, OwnedFd)>>,
    dispatchers: Dispatchers,
    /// For each dispatcher, the worker's end of the channel of each life, if the fleet looks for stalls.
    workers_ends: BTreeMap<Life, Vec<OwnedFd>>,
    stall: Option<Stall>,
    /// For each dispatcher its wake-up, if workers wake it.
    wake_ups: Vec<OwnedFd>,
    /// Whether workers acknowledge each hand-off.
    acknowledge: bool,
    /// Whether the kernel waits for the first byte of each connection, and the dispatcher does not read it.
    deferred: bool,
}

impl Channels {
    fn open(spec: &FleetSpec, policy: &PolicyInfo, listeners: &[OwnedFd]) -> io::Result<Self> {
        let mut wake_ups = Vec::new();
        let is_deferred = policy.feedback == FeedbackMode::OnAnswer;
        if is_deferred {
            for listener in listeners {
                defer_accept(listener, spec.client_limits.head.max(LEAST_DEFERRAL))?;
                wake_ups.push(wake_up::create()?);
            }
        }
        Ok(Self {
            ends: listeners.iter().map(|_| Vec::new()).collect(),
            dispatchers: Dispatchers::default(),
            workers_ends: BTreeMap::new(),
            stall: spec.defences.stall,
            wake_ups,
            acknowledge: policy.feedback == FeedbackMode::OnAccept,
            deferred: is_deferred && !spec.proxy_protocol.accept,
        })
    }
}

impl Channels {
    /// Returns the worker's ends, if dispatchers are to take back what is in them.
    fn if_rescued<'a>(&self, workers_ends: &'a [OwnedFd]) -> &'a [OwnedFd] {
        match self.stall {
            Some(Stall { rescue: true, .. }) => workers_ends,
            _ => &[],
        }
    }

    /// Adds the wake-up of a dispatcher, which its successor inherits, too, since workers know no other.
    fn with_wake_up(&self, inherited: Inherited, dispatcher: usize) -> io::Result<Inherited> {
        Ok(match self.wake_ups.get(dispatcher) {
            Some(wake_up) => inherited.with(WAKE_UP, wake_up.try_clone()?),
            None => inherited,
        })
    }
}

impl Fabric for Channels {
    fn intake(&mut self, life: Life) -> Result<Intake, LaunchError> {
        let mut inherited = Inherited::default();
        for ends in &mut self.ends {
            let (dispatchers_end, workers_end) = channel::pair()?;
            ends.push((life, dispatchers_end));
            if self.stall.is_some() {
                let kept = workers_end.try_clone()?;
                self.workers_ends.entry(life).or_default().push(kept);
            }
            inherited = inherited.with(CHANNEL, workers_end);
        }
        for wake_up in &self.wake_ups {
            inherited = inherited.with(WAKE_UP, wake_up.try_clone()?);
        }
        Ok(Intake {
            source: ConnectionSource::Channels {
                acknowledge: self.acknowledge,
            },
            inherited,
            // The dispatcher removes the header, if there is one.
            header_within: None,
            deferred: self.deferred,
            has_clients: true,
        })
    }

    fn admit(&mut self, life: Life) -> io::Result<()> {
        let take = |ends: &mut Vec<(Life, OwnedFd)>| {
            let at = ends.iter().position(|(worker, _)| *worker == life)?;
            Some(ends.swap_remove(at).1)
        };
        let channels: Option<Vec<_>> = self.ends.iter_mut().map(take).collect();
        let channels = channels.ok_or_else(|| io::Error::other(format!("{life} has no intake")))?;
        let upstream = None;
        let message = Message::Admit { life, upstream };
        self.dispatchers.tell(&message, &channels)
    }

    fn retire(&mut self, life: Life, _successor: bool) -> io::Result<Waiting> {
        for ends in &mut self.ends {
            ends.retain(|(worker, _)| *worker != life);
        }
        // Dispatchers see the end of the worker only when nobody else has the worker's ends.
        let workers_ends = self.workers_ends.remove(&life).unwrap_or_default();
        let message = Message::Retire { life };
        self.dispatchers
            .tell(&message, self.if_rescued(&workers_ends))?;
        Ok(Waiting::Taken)
    }

    fn is_awaited(&self, life: Life) -> bool {
        let workers_ends = self.workers_ends.get(&life);
        workers_ends.is_some_and(|ends| ends.iter().any(channel::is_waiting))
    }

    fn suspend(&mut self, life: Life) -> io::Result<()> {
        let workers_ends = self.workers_ends.get(&life);
        let workers_ends = workers_ends.map(Vec::as_slice).unwrap_or_default();
        let message = Message::Suspend { life };
        self.dispatchers
            .tell(&message, self.if_rescued(workers_ends))
    }

    fn resume(&mut self, life: Life) -> io::Result<()> {
        self.dispatchers.tell(&Message::Resume { life }, &[])
    }

    fn can_refuse(&self) -> Result<(), UnmetRequirement> {
        Err(UnmetRequirement(
            "its workers have no listening socket that could refuse: a dispatcher hands them connections"
                .to_owned(),
        ))
    }

    fn deserted(&mut self) -> io::Result<()> {
        self.dispatchers.tell(&Message::Deserted, &[])
    }

    fn dispatched(&mut self) -> Option<&mut dyn DispatchedFabric> {
        Some(self)
    }
}

impl DispatchedFabric for Channels {
    fn links(&mut self, dispatcher: usize) -> io::Result<Links> {
        let mut inherited = Inherited::default().with(MEMBERSHIP, self.dispatchers.add()?);
        for (_, end) in self.ends[dispatcher].drain(..) {
            inherited = inherited.with(CHANNEL, end);
        }
        Ok(Links {
            inherited: self.with_wake_up(inherited, dispatcher)?,
            upstreams: Vec::new(),
        })
    }

    fn links_of_successor(&mut self, dispatcher: usize) -> io::Result<Inherited> {
        let inherited = self.dispatchers.add_successor(dispatcher)?;
        self.with_wake_up(inherited, dispatcher)
    }

    fn dispatchers(&mut self) -> &mut Dispatchers {
        &mut self.dispatchers
    }
}
