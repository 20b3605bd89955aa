//! An HTTP/1.1 reverse proxy that chooses a worker for each request.
//!
//! Everything runs on one thread, with one task per client connection. The connections to the
//! workers have no tasks of their own: the task that waits for an answer drives the connection
//! that it comes by, so a request costs no hand-over between tasks, and a client that goes away
//! takes the request that it made along.

mod body;
mod client;
mod fields;
mod forward;
mod hop_by_hop;
mod lease;
mod pool;
mod refusal;
mod target;
mod tunnel;
mod upstream;
mod workers;

use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{sleep, timeout};

use crate::policy::Policy;
use forward::Proxy;

/// How long no connection is accepted after the host had nothing left for one.
///
/// What is missing (descriptors, memory) comes back as connections end, which takes
/// milliseconds; trying ten times a second costs nothing and delays nobody for long.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What a proxy is to do.
pub struct ProxySpec {
    /// Where the workers listen, in the order of their numbers.
    pub upstreams: Vec<SocketAddr>,
    /// Who gets the next request.
    ///
    /// It sees the requests that this proxy has in flight; `connections_open` is the same
    /// figure, as each has a connection to itself. For a policy that goes by acknowledgements
    /// a request is acknowledged by the end of its answer.
    pub policy: Box<dyn Policy>,
    /// For how long a connection to a worker may take to be established.
    pub connect_timeout: Duration,
    /// For how long a client waits for the head of an answer: the wait for a worker, the
    /// connection and the retry included, but begun anew while its request is being uploaded.
    pub answer_timeout: Duration,
    /// For how long requests in flight may go on after the shutdown.
    pub drain_within: Duration,
}

/// Serves the clients of the listener until the shutdown.
///
/// Then no connection is accepted any more, what is in flight is answered, and the rest is cut
/// off when [`drain_within`](ProxySpec::drain_within) is over. To be run on a `current_thread`
/// runtime with I/O and time enabled.
pub async fn serve(listener: TcpListener, spec: ProxySpec, shutdown: impl Future<Output = ()>) {
    let drain_within = spec.drain_within;
    let proxy = Rc::new(Proxy::new(spec, listener.local_addr().ok()));
    let (drain, draining) = watch::channel(());
    let tasks = LocalSet::new();
    tasks.spawn_local(Rc::clone(&proxy).sweep());
    let all = async {
        tokio::select! {
            biased;
            () = shutdown => {}
            never = accept(&listener, &proxy, &draining) => match never {},
        }
        drop((listener, draining));
        drain.send_replace(());
        // What is still open after this time is cut off as `tasks` is dropped.
        let _ = timeout(drain_within, drain.closed()).await;
    };
    tasks.run_until(all).await;
}

async fn accept(
    listener: &TcpListener,
    proxy: &Rc<Proxy>,
    draining: &watch::Receiver<()>,
) -> Infallible {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                spawn_local(client::serve(
                    stream,
                    peer,
                    Rc::clone(proxy),
                    draining.clone(),
                ));
            }
            // The client gave up while it waited in the backlog.
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}
