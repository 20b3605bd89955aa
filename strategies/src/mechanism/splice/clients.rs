//! Serving the clients of a layer-4 proxy: pick, connect, relay.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::relay::Relay;
use super::stages::{Asked, Senders};
use super::succession::Given;
use crate::dispatch::proxy_protocol::{EncodedHeader, Reader, Route};
use crate::dispatch::queue::InFlight;
use crate::dispatch::upstreams::{Upstream, Upstreams};
use crate::launch::ProxyProtocol;
use crate::policy::Arrival;

/// What all clients share: the workers and the relay.
pub(super) struct Clients<R> {
    pub(super) upstreams: Rc<Upstreams<()>>,
    pub(super) headers: ProxyProtocol,
    /// How long a client may keep its connection after its worker has ended it.
    pub(super) ends_within: Duration,
    pub(super) relay: R,
    /// Clients that nobody serves for now, by their numbers, so in the order of their arrival.
    pub(super) suspended: RefCell<BTreeMap<u64, Given>>,
}

/// How far a client has come.
pub(super) enum Client<R: Relay> {
    /// It is to send a PROXY header.
    Arrived {
        stream: TcpStream,
        peer: SocketAddr,
        header: Reader,
        since: Instant,
    },
    /// It needs a worker.
    Routed { stream: TcpStream, route: Route },
    /// It has one.
    Joined { worker: InFlight, tunnel: R::Tunnel },
}

impl<R: Relay> Clients<R> {
    /// Returns a client that has just connected, or `None` if it is gone.
    pub(super) fn arrived(&self, stream: TcpStream, peer: SocketAddr) -> Option<Client<R>> {
        if self.headers.accept {
            return Some(Client::Arrived {
                stream,
                peer,
                header: Reader::default(),
                since: Instant::now(),
            });
        }
        let route = self.route_of(&stream, peer).ok()?;
        Some(Client::Routed { stream, route })
    }

    /// Serves a client until its end, or until it is suspended.
    pub(super) async fn serve(self: Rc<Self>, mut client: Client<R>, mut senders: Senders) {
        while let Some(next) = self.serve_stage(client, &mut senders).await {
            client = next;
        }
    }

    /// Serves a client in one stage. Returns it in the next one.
    async fn serve_stage(&self, client: Client<R>, senders: &mut Senders) -> Option<Client<R>> {
        match client {
            Client::Arrived {
                stream,
                peer,
                mut header,
                since,
            } => {
                let route = tokio::select! {
                    biased;
                    asked = senders.asked() => {
                        if asked == Asked::Suspend {
                            let client = Client::Arrived { stream, peer, header, since };
                            self.suspend(client, senders.number);
                        }
                        return None;
                    }
                    route = self.route(&stream, peer, &mut header, since) => route,
                };
                // A connection without a valid header is closed.
                let route = route.ok()?;
                Some(Client::Routed { stream, route })
            }
            Client::Routed { stream, route } => {
                let (worker, upstream) = tokio::select! {
                    biased;
                    () = senders.suspended() => {
                        self.suspend(Client::Routed { stream, route }, senders.number);
                        return None;
                    }
                    connected = self.connect(&route) => connected?,
                };
                let used = self.headers.accept || self.headers.send.is_some();
                let tunnel = self.relay.join(stream, upstream, used).ok()?;
                Some(Client::Joined { worker, tunnel })
            }
            Client::Joined { worker, tunnel } => {
                senders.connecting = None;
                // If one side breaks off, the connection to the other side is closed.
                let is_suspended = tokio::select! {
                    biased;
                    () = senders.suspended() => true,
                    _ended = self.relay.relay(&tunnel, self.ends_within) => false,
                };
                if is_suspended {
                    self.suspend(Client::Joined { worker, tunnel }, senders.number);
                }
                None
            }
        }
    }

    /// Keeps a client for later. If that fails, the client is gone already.
    fn suspend(&self, client: Client<R>, number: u64) {
        let given = Given::of(client).map(|given| (number, given));
        self.suspended.borrow_mut().extend(given.ok());
    }

    /// Returns the addresses in the header, or those of the connection itself.
    async fn route(
        &self,
        stream: &TcpStream,
        peer: SocketAddr,
        header: &mut Reader,
        since: Instant,
    ) -> io::Result<Route> {
        let within = self.headers.clients_header_within().unwrap_or_default();
        let in_header = header.take(stream, within.saturating_sub(since.elapsed()));
        in_header
            .await?
            .map_or_else(|| self.route_of(stream, peer), Ok)
    }

    /// Returns the addresses of the connection itself.
    fn route_of(&self, stream: &TcpStream, peer: SocketAddr) -> io::Result<Route> {
        Ok(Route {
            client: peer,
            // Without a header for the worker, the second address is not used.
            server: match self.headers.send {
                Some(_) => stream.local_addr()?,
                None => peer,
            },
        })
    }

    /// Connects to the worker that the policy picks. Returns `None` if no worker can be reached. Each
    /// failure makes a worker unavailable, so the loop ends.
    pub(super) async fn connect(&self, route: &Route) -> Option<(InFlight, TcpStream)> {
        let queue = &self.upstreams.queue;
        let arrival = Arrival {
            client: route.client.ip().to_canonical(),
            at: queue.now(),
            affinity_key: None,
        };
        let mut failed = None;
        loop {
            let worker = self.upstreams.begin(&arrival, failed).await?;
            let in_flight = InFlight::begun(queue, worker.life);
            if let Ok(upstream) = self.connect_to(&worker, route).await {
                queue.report(worker.life, || false);
                return Some((in_flight, upstream));
            }
            drop(in_flight);
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
            upstreams: Rc::new(Upstreams::new(policy, 1, &[address], false, None)),
            headers: ProxyProtocol {
                send: Some(version),
                ..ProxyProtocol::default()
            },
            ends_within: Duration::from_secs(60),
            relay: Pipes,
            suspended: RefCell::default(),
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
