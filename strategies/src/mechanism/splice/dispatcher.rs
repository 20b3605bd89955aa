//! The dispatcher of a layer-4 proxy: accept, pick, connect, relay.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::timeout;

use super::relay::Relay;
use crate::dispatch::{
    Dispatcher, Start,
    acceptor::{Acceptor, admit},
    proxy_protocol::{self, EncodedHeader, Route},
    upstreams::{Upstream, Upstreams},
};
use crate::launch::{ChildControl, ProxyProtocol, membership::Inbox};
use crate::policy::Arrival;

/// Descriptors per connection: two sockets, and a pipe in each direction.
const DESCRIPTORS_EACH: u64 = 6;

/// How long a client may keep its connection after its worker has ended it: some round trips around the
/// world. A client that does not end then holds as many descriptors as one that is served.
const ENDS_WITHIN: Duration = Duration::from_secs(1);

pub(crate) struct Layer4Proxy<R> {
    acceptor: Acceptor,
    membership: Option<Inbox>,
    clients: Clients<R>,
}

impl<R: Relay + 'static> Layer4Proxy<R> {
    pub(crate) fn prepare(start: Start<'_>) -> io::Result<Self> {
        let acceptor = Acceptor::open(start.listener, DESCRIPTORS_EACH)?;
        let config = start.config;
        let relay = {
            let _within = acceptor.runtime.enter();
            R::open(acceptor.room)?
        };
        let upstreams = Upstreams::new(
            start.policy,
            config.workers.get(),
            &config.upstreams,
            start.membership.is_some(),
        );
        let clients = Clients {
            upstreams: Rc::new(upstreams),
            headers: config.proxy_protocol,
            ends_within: config.client_limits.stall.min(ENDS_WITHIN),
            relay,
        };
        Ok(Self {
            acceptor,
            membership: start.membership,
            clients,
        })
    }
}

impl<R: Relay + 'static> Dispatcher for Layer4Proxy<R> {
    /// Relays until SIGTERM. Then it connects no more clients, closes `control` to report that, and relays
    /// the existing connections until they end or the time is up.
    fn run(self: Box<Self>, drain_within: Duration, control: ChildControl) -> io::Result<()> {
        let Acceptor {
            runtime,
            listener,
            mut shutdown_signal,
            room,
        } = self.acceptor;
        let clients = Rc::new(self.clients);
        let (stages, tasks) = (Stages::default(), LocalSet::new());
        let membership = self.membership;
        let all = async {
            if let Some(membership) = membership {
                spawn_local(
                    Rc::clone(&clients.upstreams).carry_out_messages(membership.watched()?),
                );
            }
            let serve = |client, peer| Rc::clone(&clients).serve(client, peer, stages.enter());
            tokio::select! {
                biased;
                _ = shutdown_signal.recv() => {}
                never = admit(&listener, room, serve) => match never {},
            }
            drop(listener);
            // What is still open after this time is cut off when the tasks are dropped.
            let _in_time = timeout(drain_within, stages.finish(control)).await;
            Ok(())
        };
        runtime.block_on(tasks.run_until(async {
            tokio::select! {
                ended = all => ended,
                failed = clients.relay.run() => failed.map(|never| match never {}),
            }
        }))
    }
}

/// Counts the connections in each stage. Nothing is sent over these channels. A connection first holds a
/// sender of both, later only of `relaying`, and at its end of none.
struct Stages {
    /// Closed when draining begins. Connections whose PROXY header is incomplete end then.
    ending: watch::Sender<()>,
    connecting: Stage,
    relaying: Stage,
}

struct Senders {
    ending: watch::Receiver<()>,
    connecting: mpsc::Sender<Infallible>,
    relaying: mpsc::Sender<Infallible>,
}

type Stage = (mpsc::Sender<Infallible>, mpsc::Receiver<Infallible>);

impl Default for Stages {
    fn default() -> Self {
        Self {
            ending: watch::Sender::default(),
            connecting: mpsc::channel(1),
            relaying: mpsc::channel(1),
        }
    }
}

impl Stages {
    fn enter(&self) -> Senders {
        Senders {
            ending: self.ending.subscribe(),
            connecting: self.connecting.0.clone(),
            relaying: self.relaying.0.clone(),
        }
    }

    /// Waits until no connection is in the first stage, closes `control`, and waits until all have ended.
    async fn finish(self, control: ChildControl) {
        drop(self.ending);
        let (connecting, mut connected) = self.connecting;
        drop(connecting);
        connected.recv().await;
        drop(control);
        let (relaying, mut ended) = self.relaying;
        drop(relaying);
        ended.recv().await;
    }
}

/// Serves clients: the workers and the relay.
struct Clients<R> {
    upstreams: Rc<Upstreams<()>>,
    headers: ProxyProtocol,
    /// How long a client may keep its connection after its worker has ended it.
    ends_within: Duration,
    relay: R,
}

impl<R: Relay> Clients<R> {
    /// Connects a client to a worker, and relays until both have ended.
    async fn serve(self: Rc<Self>, client: TcpStream, peer: SocketAddr, senders: Senders) {
        let Senders {
            mut ending,
            connecting,
            relaying: _relaying,
        } = senders;
        let route = tokio::select! {
            biased;
            route = self.route(&client, peer) => route,
            _ = ending.changed() => return,
        };
        // A connection without a valid header is closed.
        let Ok(route) = route else { return };
        if let Some((worker, upstream)) = self.connect(&route).await {
            drop(connecting);
            let used = self.headers.accept || self.headers.send.is_some();
            // If one side breaks off, the connection to the other side is closed.
            let relayed = self.relay.relay(client, upstream, used, self.ends_within);
            let _ended = relayed.await;
            self.upstreams.queue.end(worker.life);
        }
    }

    /// Returns the addresses in the header, or those of the connection itself.
    async fn route(&self, client: &TcpStream, peer: SocketAddr) -> io::Result<Route> {
        let in_header = match self.headers.clients_header_within() {
            Some(within) => proxy_protocol::take(client, within).await?,
            None => None,
        };
        match (in_header, self.headers.send) {
            (Some(route), _) => Ok(route),
            // Without a header for the worker, the second address is not used.
            (None, None) => Ok(Route {
                client: peer,
                server: peer,
            }),
            (None, Some(_)) => Ok(Route {
                client: peer,
                server: client.local_addr()?,
            }),
        }
    }

    /// Connects to the worker that the policy picks. Returns `None` if no worker can be reached. Each
    /// failure makes a worker unavailable, so the loop ends.
    async fn connect(&self, route: &Route) -> Option<(Rc<Upstream<()>>, TcpStream)> {
        let queue = &self.upstreams.queue;
        let arrival = Arrival {
            client: route.client.ip().to_canonical(),
            at: queue.now(),
            affinity_key: None,
        };
        let mut failed = None;
        loop {
            let worker = self.upstreams.begin(&arrival, failed).await?;
            if let Ok(upstream) = self.connect_to(&worker, route).await {
                return Some((worker, upstream));
            }
            queue.end(worker.life);
            queue.pass_over(worker.life);
            failed = Some(worker.life);
        }
    }

    /// Connects to a worker, and sends the PROXY header if configured.
    async fn connect_to(&self, worker: &Upstream<()>, route: &Route) -> io::Result<TcpStream> {
        let connecting = worker.connect()?;
        let mut upstream = TcpStream::connect(connecting.address()).await?;
        // If this fails, only delay is lost.
        let _ = upstream.set_nodelay(true);
        if let Some(version) = self.headers.send {
            let header = EncodedHeader::new(version, route)?;
            upstream.write_all(header.as_ref()).await?;
        }
        Ok(upstream)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;
    use tokio::net::TcpListener;

    use super::super::relay::Pipes;
    use super::*;
    use crate::dispatch::proxy_protocol::parse;
    use crate::policy::Setup;
    use crate::policy::round_robin::ROUND_ROBIN;
    use evenkeel_common::ProxyVersion;

    /// Returns the addresses in the header that a worker receives.
    async fn received(version: ProxyVersion, route: &Route) -> Option<Route> {
        let worker = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let policy = (ROUND_ROBIN.make)(&Setup::new(1, 0));
        let address = worker.local_addr().unwrap();
        let clients = Clients {
            upstreams: Rc::new(Upstreams::new(policy, 1, &[address], false)),
            headers: ProxyProtocol {
                send: Some(version),
                ..ProxyProtocol::default()
            },
            ends_within: Duration::from_secs(60),
            relay: Pipes,
        };
        let (_, mut upstream) = clients.connect(route).await.unwrap();
        upstream.shutdown().await.unwrap();
        let (mut connection, _) = worker.accept().await.unwrap();
        let mut bytes = Vec::new();
        connection.read_to_end(&mut bytes).await.unwrap();
        let header = parse(&bytes).unwrap().unwrap();
        assert_eq!(header.length, bytes.len());
        header.route
    }

    #[tokio::test]
    async fn a_worker_receives_the_addresses_of_the_client() {
        for (client, server) in [
            ("192.0.2.7:40000", "192.0.2.1:443"),
            ("[2001:db8::7]:40000", "[2001:db8::1]:443"),
        ] {
            let (client, server) = (client.parse().unwrap(), server.parse().unwrap());
            let route = Route { client, server };
            for version in [ProxyVersion::V1, ProxyVersion::V2] {
                assert_eq!(received(version, &route).await, Some(route));
            }
        }
    }
}
