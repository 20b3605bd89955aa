//! The dispatcher of a layer-4 proxy.

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::timeout;

use super::clients::Clients;
use super::relay::Relay;
use super::stages::Stages;
use crate::dispatch::{
    Dispatcher, Start,
    acceptor::{Acceptor, Room, admit},
    hand_over::HandOver,
    health::Health,
    succession::Predecessor,
    upstreams::Upstreams,
};
use crate::launch::{ChildControl, membership::Inbox};

/// Descriptors per connection: two sockets, and a pipe in each direction.
const DESCRIPTORS_EACH: u64 = 6;

/// How long a client may keep its connection after its worker has ended it: some round trips around the
/// world. A client that does not end then holds as many descriptors as one that is served.
const ENDS_WITHIN: Duration = Duration::from_secs(1);

pub(crate) struct Layer4Proxy<R> {
    acceptor: Acceptor,
    membership: Option<Inbox>,
    predecessor: Option<Predecessor>,
    clients: Clients<R>,
}

impl<R: Relay + 'static> Layer4Proxy<R> {
    pub(crate) fn prepare(start: Start<'_>) -> io::Result<Self> {
        let upstreams = start.upstreams().to_vec();
        let acceptor = Acceptor::open(start.listener, DESCRIPTORS_EACH)?;
        let config = start.config;
        let relay = {
            let _within = acceptor.runtime.enter();
            R::open(acceptor.room)?
        };
        let places = config.workers.get();
        let health = Health::of(&config.defences, places, start.journal.as_ref());
        let may_grow = start.membership.is_some();
        let upstreams = Upstreams::new(start.policy, places, &upstreams, may_grow, health);
        let clients = Clients {
            upstreams: Rc::new(upstreams),
            headers: config.proxy_protocol,
            ends_within: config.client_limits.stall.min(ENDS_WITHIN),
            relay,
            suspended: RefCell::default(),
        };
        Ok(Self {
            acceptor,
            membership: start.membership,
            predecessor: start.predecessor,
            clients,
        })
    }
}

impl<R: Relay + 'static> Dispatcher for Layer4Proxy<R> {
    /// Relays until SIGTERM. Then it connects no more clients, closes `control` to report that, and relays
    /// the existing connections until they end or the time is up. To a successor it gives all clients.
    fn run(mut self: Box<Self>, drain_within: Duration, control: ChildControl) -> io::Result<()> {
        let Acceptor {
            runtime,
            listener,
            mut shutdown_signal,
            room,
        } = self.acceptor;
        if let Some(predecessor) = self.predecessor {
            self.clients.take_over(predecessor)?;
        }
        let service = Service {
            clients: Rc::new(self.clients),
            stages: RefCell::default(),
            room: Room::for_clients(room),
        };
        let (clients, membership) = (Rc::clone(&service.clients), self.membership);
        let all = async {
            let (to_hand_over, mut hand_overs) = mpsc::channel(1);
            if let Some(membership) = membership {
                let upstreams = Rc::clone(&service.clients.upstreams);
                spawn_local(upstreams.carry_out_messages(membership.watched()?, to_hand_over));
            }
            service.resume_all();
            let is_succeeded = {
                let mut admission = pin!(admit(&listener, &service.room, |stream, peer| {
                    service.serve(stream, peer)
                }));
                loop {
                    let request = tokio::select! {
                        biased;
                        _ = shutdown_signal.recv() => break false,
                        Some(request) = hand_overs.recv() => request,
                        never = &mut admission => match never {},
                    };
                    if service.hand_over(request).await {
                        break true;
                    }
                }
            };
            drop(listener);
            if is_succeeded {
                shutdown_signal.recv().await;
                return Ok(());
            }
            // What is still open after this time is cut off when the tasks are dropped.
            let finished = service.stages.into_inner().finish(control);
            let _in_time = timeout(drain_within, finished).await;
            Ok(())
        };
        runtime.block_on(LocalSet::new().run_until(async {
            tokio::select! {
                ended = all => ended,
                failed = clients.relay.run() => failed.map(|never| match never {}),
            }
        }))
    }
}

/// A layer-4 proxy that serves.
struct Service<R> {
    clients: Rc<Clients<R>>,
    stages: RefCell<Stages>,
    room: Room,
}

impl<R: Relay + 'static> Service<R> {
    /// Returns a future that serves a new client.
    fn serve(&self, stream: TcpStream, peer: SocketAddr) -> impl Future<Output = ()> + use<R> {
        let client = self.clients.arrived(stream, peer);
        let (clients, senders) = (Rc::clone(&self.clients), self.stages.borrow().enter());
        async move {
            if let Some(client) = client {
                clients.serve(client, senders).await;
            }
        }
    }

    /// Gives everything to a successor. Returns whether it has taken over. No client may be admitted meanwhile.
    async fn hand_over(&self, request: HandOver) -> bool {
        let stages = self.stages.take();
        stages.suspend().await;
        let given = request.carry_out(|successor| self.clients.give(successor));
        if given.is_none() {
            self.resume_all();
        }
        given.is_some()
    }

    /// Serves all suspended clients.
    fn resume_all(&self) {
        for given in self.clients.suspended.take().into_values() {
            // It fails for a client that is gone.
            if let Ok(client) = self.clients.resume(given) {
                let senders = self.stages.borrow().enter();
                let clients = Rc::clone(&self.clients);
                self.room.occupy(clients.serve(client, senders));
            }
        }
    }
}
