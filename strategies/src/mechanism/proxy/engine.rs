//! An HTTP/1.1 reverse proxy that picks a worker for each request.
//!
//! Everything runs on one thread, with one task per client connection. Connections to workers have
//! no tasks of their own: the task that waits for an answer drives the worker's connection. So a
//! request is not passed between tasks, and when a client goes away, its request is cancelled.

mod affinity;
mod answer_body;
mod attempt;
mod client;
mod client_stream;
mod connection;
mod error;
mod fast_path;
mod fields;
mod forward;
mod guard;
mod hop_by_hop;
mod interim;
mod lease;
mod next;
mod plain;
mod pool;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod property;
mod read_buffer;
mod replay;
mod request_body;
mod response_body;
mod rest;
mod shared;
mod target;
mod trailers;
mod tries;
mod tunnel;
mod worker_connection;

use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::LocalSet;

use crate::defence::{Defences, Journal};
use crate::dispatch::{
    acceptor::{Room, admit},
    drain::Drain,
    hand_over::HandOver,
    succession::Predecessor,
};
use crate::launch::{ClientLimits, ConnectionLimits, membership::Requests};
use crate::policy::Policy;
use shared::Proxy;

/// Configuration of a proxy.
pub struct ProxySpec {
    /// Addresses of the workers, in the order of their numbers.
    pub upstreams: Vec<SocketAddr>,
    /// Picks the worker for each request.
    ///
    /// Whatever load signal the policy uses, it sees the requests that this proxy has in flight,
    /// since each of them has a connection to itself. For a policy that uses acknowledgements, the
    /// end of its answer acknowledges a request.
    pub policy: Box<dyn Policy>,
    /// How long to wait for a client's PROXY header, if connections begin with one. Policies and
    /// workers see the client that the header names.
    pub header_within: Option<Duration>,
    /// How long a client may keep the proxy waiting.
    pub client_limits: ClientLimits,
    /// How long a client may keep a connection.
    pub connection_limits: ConnectionLimits,
    /// Time limit for connecting to a worker.
    pub connect_timeout: Duration,
    /// How long a client waits for the head of an answer. This includes the wait for a worker, the
    /// connect and the retry. Each received piece of the request's body restarts the time limit.
    pub answer_timeout: Duration,
    /// What the proxy does about ill workers.
    pub defences: Defences,
    /// Where they note what they do.
    pub journal: Option<Journal>,
    /// How long requests in flight may continue after the shutdown.
    pub drain_within: Duration,
    /// Maximum number of client connections at a time. Others wait in the kernel's backlog, since
    /// each needs another descriptor for its connection to a worker.
    pub room: usize,
}

/// Serves the clients of the listener until `shutdown` completes.
///
/// Then the proxy accepts no more connections and answers the requests in flight. Each connection
/// closes after an answer that announces it, or after it was idle for a while. What is left when
/// [`drain_within`](ProxySpec::drain_within) is over is cut off. Run it on a `current_thread`
/// runtime with I/O and time enabled.
pub async fn serve(listener: TcpListener, spec: ProxySpec, shutdown: impl Future<Output = ()>) {
    let membership = Membership {
        places: spec.upstreams.len(),
        requests: None,
        predecessor: None,
    };
    // Only a predecessor can fail.
    let _served = serve_members(listener, spec, membership, shutdown).await;
}

/// How the workers of a proxy come and go.
pub(crate) struct Membership {
    /// Number of places for workers.
    pub(crate) places: usize,
    /// The messages of the master, if there is one.
    pub(crate) requests: Option<Requests>,
    /// The proxy that hands over to this one.
    pub(crate) predecessor: Option<Predecessor>,
}

/// Like [`serve`], with workers that come and go. When a successor has taken over, it drains before the shutdown.
///
/// # Errors
/// If the predecessor does not hand over.
pub(crate) async fn serve_members(
    listener: TcpListener,
    spec: ProxySpec,
    membership: Membership,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let Membership {
        places,
        requests,
        predecessor,
    } = membership;
    let drain_within = spec.drain_within;
    let room = Room::for_clients(spec.room);
    let address = listener.local_addr().ok();
    let proxy = Rc::new(Proxy::new(spec, places, requests.is_some(), address));
    if let Some(predecessor) = predecessor {
        // It keeps its clients.
        (proxy.upstreams).take_over(predecessor, |(), _none| Ok(()))?;
    }
    let (to_hand_over, mut hand_overs) = mpsc::channel(1);
    let drain = Drain::new();
    let tasks = LocalSet::new();
    tasks.spawn_local(Rc::clone(&proxy).sweep());
    if let Some(requests) = requests {
        let upstreams = Rc::clone(&proxy.upstreams);
        tasks.spawn_local(upstreams.carry_out_messages(requests, to_hand_over));
    }
    tasks.spawn_local(Arc::clone(&proxy.watch).sweep());
    let all = async {
        let serve =
            |stream, peer| connection::serve(stream, peer, Rc::clone(&proxy), drain.draining());
        let mut shutdown = pin!(shutdown);
        let succeeded_within = tokio::select! {
            biased;
            () = &mut shutdown => None,
            within = hand_over(&proxy, &mut hand_overs) => Some(within),
            never = admit(&listener, &room, serve) => match never {},
        };
        drop(listener);
        // What is still open after this time is cut off when `tasks` is dropped.
        match succeeded_within {
            Some(within) => {
                drain.run_until_clients_ask(within).await;
                shutdown.await;
            }
            None => drain.run(drain_within).await,
        }
    };
    tasks.run_until(all).await;
    Ok(())
}

/// Returns the drain time once a successor has taken over. It accepts clients, while this proxy answers those
/// that it has.
async fn hand_over(proxy: &Proxy, requests: &mut mpsc::Receiver<HandOver>) -> Duration {
    while let Some(request) = requests.recv().await {
        let given = request.carry_out(|successor| proxy.upstreams.give(successor));
        if let Some(drain_within) = given {
            return drain_within;
        }
    }
    pending().await
}
