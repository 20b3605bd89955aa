//! The dispatcher's side: accept, pick, connect, relay.

use std::convert::Infallible;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{sleep, timeout};

use super::relay::relay;
use crate::control::ChildControl;
use crate::descriptors::room_for_connections;
use crate::policy::{Arrival, Policy};
use crate::queue::Queue;

/// Descriptors that a connection takes here: two sockets, and a pipe each way.
const DESCRIPTORS_EACH: u64 = 6;

/// How long no connection is accepted after the host had nothing left for one: what is missing
/// comes back as connections end, which takes milliseconds.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A layer-4 proxy that is ready to run: one thread.
pub(crate) struct Dispatcher {
    runtime: Runtime,
    listener: TcpListener,
    asked_to_end: Signal,
    upstreams: Vec<SocketAddr>,
    policy: Box<dyn Policy>,
    room: usize,
}

impl Dispatcher {
    pub(crate) fn new(
        listener: OwnedFd,
        upstreams: Vec<SocketAddr>,
        policy: Box<dyn Policy>,
    ) -> io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let (listener, asked_to_end) = {
            let _within = runtime.enter();
            (
                TcpListener::from_std(listener.into())?,
                signal(SignalKind::terminate())?,
            )
        };
        Ok(Self {
            runtime,
            listener,
            asked_to_end,
            upstreams,
            policy,
            room: room_for_connections(DESCRIPTORS_EACH)?,
        })
    }

    /// Relays until SIGTERM. Then it connects no more clients, closes `control` to say so, and
    /// goes on with those that it has until workers or clients end them, or the time is up.
    pub(crate) fn run(self, drain_within: Duration, control: ChildControl) -> io::Result<()> {
        let Self {
            runtime,
            listener,
            mut asked_to_end,
            ..
        } = self;
        let front = Rc::new(Front {
            queue: Rc::new(Queue::new(self.policy, self.upstreams.len())),
            upstreams: self.upstreams,
        });
        let (stages, tasks) = (Stages::default(), LocalSet::new());
        let all = async {
            tokio::select! {
                biased;
                _ = asked_to_end.recv() => {}
                never = accept(&listener, &front, &stages, self.room) => match never {},
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

async fn accept(
    listener: &TcpListener,
    front: &Rc<Front>,
    stages: &Stages,
    room: usize,
) -> Infallible {
    let room = Arc::new(Semaphore::new(room));
    loop {
        // Nobody closes it, so there is always a permit in the end.
        let permit = Arc::clone(&room).acquire_owned().await;
        match listener.accept().await {
            Ok((client, peer)) => {
                let front = Rc::clone(front);
                let (connecting, relaying) =
                    (stages.connecting.0.clone(), stages.relaying.0.clone());
                spawn_local(async move {
                    let arrival = Arrival {
                        client: peer.ip().to_canonical(),
                        at: front.queue.now(),
                        said: None,
                    };
                    if let Some((worker, upstream)) = front.connect(&arrival).await {
                        drop(connecting);
                        // Whichever side breaks off, the other is told by the end.
                        let _ended = relay(&client, &upstream).await;
                        front.queue.end(worker);
                    }
                    drop((permit, relaying));
                });
            }
            // The client gave up while it waited in the backlog.
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

impl Front {
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
