//! The dispatcher's side: accept, pick, connect, relay.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::task::LocalSet;
use tokio::time::timeout;

use super::relay::Relay;
use crate::dispatch::{
    Dispatcher, Start,
    acceptor::{Acceptor, admit},
    proxy_protocol::{self, Route},
    queue::Queue,
};
use crate::launch::{ChildControl, ProxyProtocol};
use crate::policy::Arrival;

/// Descriptors that a connection takes here: two sockets, and a pipe each way.
const DESCRIPTORS_EACH: u64 = 6;

/// A layer-4 proxy that is ready to run: one thread.
pub(crate) struct Layer4Proxy<R> {
    acceptor: Acceptor,
    front: Front<R>,
}

impl<R: Relay + 'static> Layer4Proxy<R> {
    pub(crate) fn prepare(start: Start<'_>) -> io::Result<Self> {
        let acceptor = Acceptor::open(start.listener, DESCRIPTORS_EACH)?;
        let upstreams = start.config.upstreams.clone();
        let relay = {
            let _within = acceptor.runtime.enter();
            R::open(acceptor.room)?
        };
        let front = Front {
            queue: Rc::new(Queue::new(start.policy, upstreams.len())),
            upstreams,
            headers: start.config.proxy_protocol,
            relay,
        };
        Ok(Self { acceptor, front })
    }
}

impl<R: Relay + 'static> Dispatcher for Layer4Proxy<R> {
    /// Relays until SIGTERM. Then it connects no more clients, closes `control` to say so, and
    /// goes on with those that it has until workers or clients end them, or the time is up.
    ///
    /// # Errors
    /// If what relays fails as a whole.
    fn run(self: Box<Self>, drain_within: Duration, control: ChildControl) -> io::Result<()> {
        let Acceptor {
            runtime,
            listener,
            mut shutdown_signal,
            room,
        } = self.acceptor;
        let front = Rc::new(self.front);
        let (stages, tasks) = (Stages::default(), LocalSet::new());
        let all = async {
            let serve = |client, peer| Rc::clone(&front).serve(client, peer, stages.enter());
            tokio::select! {
                biased;
                _ = shutdown_signal.recv() => {}
                never = admit(&listener, room, serve) => match never {},
            }
            drop(listener);
            // What is still open after this time is cut off as the tasks are dropped.
            let _in_time = timeout(drain_within, stages.finish(control)).await;
        };
        runtime.block_on(tasks.run_until(async {
            tokio::select! {
                () = all => Ok(()),
                failed = front.relay.attend() => failed.map(|never| match never {}),
            }
        }))
    }
}

/// How far connections are: nothing is sent over the channels, but each connection holds a
/// sender of both at first, of `relaying` alone later, and of none in the end.
struct Stages {
    /// Closed when the end has begun: who has not said by then whose a connection is, is let go.
    ending: watch::Sender<()>,
    connecting: Stage,
    relaying: Stage,
}

/// A connection's part in them.
struct Entered {
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
    fn enter(&self) -> Entered {
        Entered {
            ending: self.ending.subscribe(),
            connecting: self.connecting.0.clone(),
            relaying: self.relaying.0.clone(),
        }
    }

    /// Waits until all have left the first stage, says so, and waits until all have ended.
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

/// Who is behind the dispatcher.
struct Front<R> {
    queue: Rc<Queue>,
    upstreams: Vec<SocketAddr>,
    headers: ProxyProtocol,
    relay: R,
}

impl<R: Relay> Front<R> {
    /// Connects a client to a worker and relays until the end of both.
    async fn serve(self: Rc<Self>, client: TcpStream, peer: SocketAddr, entered: Entered) {
        let Entered {
            mut ending,
            connecting,
            relaying: _relaying,
        } = entered;
        let route = tokio::select! {
            biased;
            route = self.route(&client, peer) => route,
            _ = ending.changed() => return,
        };
        // Whoever does not say whose the connection is, is refused by its end.
        let Ok(route) = route else { return };
        if let Some((worker, upstream)) = self.connect(&route).await {
            drop(connecting);
            let begun = self.headers.accept || self.headers.send.is_some();
            // Whichever side breaks off, the other is told by the end.
            let _ended = self.relay.relay(client, upstream, begun).await;
            self.queue.end(worker);
        }
    }

    /// What the connection stands for: what its header names, or else itself.
    async fn route(&self, client: &TcpStream, peer: SocketAddr) -> io::Result<Route> {
        let named = match self.headers.clients_header_within() {
            Some(within) => proxy_protocol::take(client, within).await?,
            None => None,
        };
        match (named, self.headers.send) {
            (Some(route), _) => Ok(route),
            // Where nobody is told, nobody needs to know.
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

    /// A worker for the client, and a connection to it; `None` if none can be reached.
    async fn connect(&self, route: &Route) -> Option<(usize, TcpStream)> {
        let arrival = Arrival {
            client: route.client.ip().to_canonical(),
            at: self.queue.now(),
            affinity_key: None,
        };
        let mut failed = None;
        for _ in 0..self.upstreams.len() {
            let worker = self.queue.begin(&arrival, failed).await?;
            if let Ok(upstream) = self.reach(worker, route).await {
                return Some((worker, upstream));
            }
            self.queue.end(worker);
            self.queue.pass_over(worker);
            failed = Some(worker);
        }
        None
    }

    /// A connection to a worker, which has been told whose it is where that is ordered.
    async fn reach(&self, worker: usize, route: &Route) -> io::Result<TcpStream> {
        let mut upstream = TcpStream::connect(self.upstreams[worker]).await?;
        // Only a delay is lost where this fails.
        let _ = upstream.set_nodelay(true);
        if let Some(version) = self.headers.send {
            upstream.write_all(version.write(route)?.as_ref()).await?;
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
    use crate::launch::ProxyVersion;
    use crate::policy::Setup;
    use crate::policy::round_robin::ROUND_ROBIN;

    /// What a worker is told first of a connection that stands for this route.
    async fn told(version: ProxyVersion, route: &Route) -> Option<Route> {
        let worker = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let front = Front {
            queue: Rc::new(Queue::new((ROUND_ROBIN.make)(&Setup::new(1, 0)), 1)),
            upstreams: vec![worker.local_addr().unwrap()],
            headers: ProxyProtocol {
                send: Some(version),
                ..ProxyProtocol::default()
            },
            relay: Pipes,
        };
        let (_, mut upstream) = front.connect(route).await.unwrap();
        upstream.shutdown().await.unwrap();
        let (mut connection, _) = worker.accept().await.unwrap();
        let mut bytes = Vec::new();
        connection.read_to_end(&mut bytes).await.unwrap();
        let header = parse(&bytes).unwrap().unwrap();
        assert_eq!(header.length, bytes.len());
        header.route
    }

    #[tokio::test]
    async fn a_worker_is_told_whose_a_connection_is() {
        for (client, server) in [
            ("192.0.2.7:40000", "192.0.2.1:443"),
            ("[2001:db8::7]:40000", "[2001:db8::1]:443"),
        ] {
            let (client, server) = (client.parse().unwrap(), server.parse().unwrap());
            let route = Route { client, server };
            for version in [ProxyVersion::V1, ProxyVersion::V2] {
                assert_eq!(told(version, &route).await, Some(route));
            }
        }
    }
}
