//! An HTTP/1.1 reverse proxy that chooses a worker for each request.
//!
//! Everything runs on one thread, with one task per client connection. The connections to the
//! workers have no tasks of their own: the task that waits for an answer drives the connection
//! that it comes by, so a request costs no hand-over between tasks, and a client that goes away
//! takes the request that it made along.

mod affinity;
mod body;
mod client;
mod fields;
mod forward;
mod hop_by_hop;
mod lane;
mod lease;
mod plain;
mod pool;
mod received;
mod refusal;
mod replay;
mod target;
mod tunnel;
mod upstream;
mod workers;

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::LocalSet;

use crate::dispatch::{acceptor::admit, drain::Drain};
use crate::policy::Policy;
use forward::Proxy;

/// What a proxy is to do.
pub struct ProxySpec {
    /// Where the workers listen, in the order of their numbers.
    pub upstreams: Vec<SocketAddr>,
    /// Who gets the next request.
    ///
    /// By whatever signal it goes, it sees the requests that this proxy has in flight: each has
    /// a connection to itself. For a policy that goes by acknowledgements a request is
    /// acknowledged by the end of its answer.
    pub policy: Box<dyn Policy>,
    /// For how long a client's PROXY header is waited for, where connections begin with one. The
    /// client that it names is the one that policies and workers are told of.
    pub header_within: Option<Duration>,
    /// For how long a connection to a worker may take to be established.
    pub connect_timeout: Duration,
    /// For how long a client waits for the head of an answer: the wait for a worker, the
    /// connection and the retry included, but begun anew while its request is being uploaded.
    pub answer_timeout: Duration,
    /// For how long requests in flight may go on after the shutdown.
    pub drain_within: Duration,
    /// Clients' connections at a time. More wait in the kernel's backlog, as each needs a
    /// descriptor more for the worker.
    pub room: usize,
}

/// Serves the clients of the listener until the shutdown.
///
/// Then no connection is accepted any more, what is in flight is answered, connections are
/// closed as their clients have been told or stay idle, and the rest is cut off when [`drain_within`](ProxySpec::drain_within) is over. To be run on a `current_thread`
/// runtime with I/O and time enabled.
pub async fn serve(listener: TcpListener, spec: ProxySpec, shutdown: impl Future<Output = ()>) {
    let drain_within = spec.drain_within;
    let room = spec.room;
    let proxy = Rc::new(Proxy::new(spec, listener.local_addr().ok()));
    let drain = Drain::new();
    let tasks = LocalSet::new();
    tasks.spawn_local(Rc::clone(&proxy).sweep());
    let all = async {
        let serve = |stream, peer| client::serve(stream, peer, Rc::clone(&proxy), drain.draining());
        tokio::select! {
            biased;
            () = shutdown => {}
            never = admit(&listener, room, serve) => match never {},
        }
        drop(listener);
        // What is still open after this time is cut off as `tasks` is dropped.
        drain.run(drain_within).await;
    };
    tasks.run_until(all).await;
}
