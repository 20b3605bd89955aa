//! The dispatcher's side: accept, pick, connect, relay.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::LocalSet;
use tokio::time::timeout;

use super::relay::relay;
use crate::control::ChildControl;
use crate::entrance::{Entrance, admit};
use crate::policy::{Arrival, Policy};
use crate::queue::Queue;

/// Descriptors that a connection takes here: two sockets, and a pipe each way.
const DESCRIPTORS_EACH: u64 = 6;

/// A layer-4 proxy that is ready to run: one thread.
pub(crate) struct Dispatcher {
    entrance: Entrance,
    front: Front,
}

impl Dispatcher {
    pub(crate) fn new(
        listener: OwnedFd,
        upstreams: Vec<SocketAddr>,
        policy: Box<dyn Policy>,
    ) -> io::Result<Self> {
        Ok(Self {
            entrance: Entrance::open(listener, DESCRIPTORS_EACH)?,
            front: Front {
                queue: Rc::new(Queue::new(policy, upstreams.len())),
                upstreams,
            },
        })
    }

    /// Relays until SIGTERM. Then it connects no more clients, closes `control` to say so, and
    /// goes on with those that it has until workers or clients end them, or the time is up.
    pub(crate) fn run(self, drain_within: Duration, control: ChildControl) -> io::Result<()> {
        let Entrance {
            runtime,
            listener,
            mut asked_to_end,
            room,
        } = self.entrance;
        let front = Rc::new(self.front);
        let (stages, tasks) = (Stages::default(), LocalSet::new());
        let all = async {
            let serve = |client, peer: SocketAddr| {
                let (connecting, relaying) =
                    (stages.connecting.0.clone(), stages.relaying.0.clone());
                Rc::clone(&front).serve(client, peer.ip(), connecting, relaying)
            };
            tokio::select! {
                biased;
                _ = asked_to_end.recv() => {}
                never = admit(&listener, room, serve) => match never {},
            }
            drop(listener);
            // What is still open after this time is cut off as the tasks are dropped.
            let _in_time = timeout(drain_within, stages.finish(control)).await;
        };
        runtime.block_on(tasks.run_until(all));
        Ok(())
    }
}

/// How far connections are: nothing is sent over the channels, but each connection holds a
/// sender of both at first, of `relaying` alone later, and of none in the end.
struct Stages {
    connecting: Stage,
    relaying: Stage,
}

type Stage = (mpsc::Sender<Infallible>, mpsc::Receiver<Infallible>);

impl Default for Stages {
    fn default() -> Self {
        Self {
            connecting: mpsc::channel(1),
            relaying: mpsc::channel(1),
        }
    }
}

impl Stages {
    /// Waits until all have left the first stage, says so, and waits until all have ended.
    async fn finish(self, control: ChildControl) {
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
struct Front {
    queue: Rc<Queue>,
    upstreams: Vec<SocketAddr>,
}

impl Front {
    /// Connects a client to a worker and relays until the end of both.
    async fn serve(
        self: Rc<Self>,
        client: TcpStream,
        address: IpAddr,
        connecting: mpsc::Sender<Infallible>,
        _relaying: mpsc::Sender<Infallible>,
    ) {
        let arrival = Arrival {
            client: address.to_canonical(),
            at: self.queue.now(),
            said: None,
        };
        if let Some((worker, upstream)) = self.connect(&arrival).await {
            drop(connecting);
            // Whichever side breaks off, the other is told by the end.
            let _ended = relay(&client, &upstream).await;
            self.queue.end(worker);
        }
    }

    /// A worker for the client, and a connection to it; `None` if none can be reached.
    async fn connect(&self, arrival: &Arrival) -> Option<(usize, TcpStream)> {
        let mut failed = None;
        for _ in 0..self.upstreams.len() {
            let worker = self.queue.begin(arrival, failed).await?;
            if let Ok(upstream) = TcpStream::connect(self.upstreams[worker]).await {
                // Only a delay is lost where this fails.
                let _ = upstream.set_nodelay(true);
                return Some((worker, upstream));
            }
            self.queue.end(worker);
            self.queue.pass_over(worker);
            failed = Some(worker);
        }
        None
    }
}
