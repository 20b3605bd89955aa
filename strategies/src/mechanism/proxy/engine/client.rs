//! A client's connection.

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::body::Answer;
use super::forward::Proxy;
use super::lane::{self, Begun};
use super::replay::Replay;
use super::tunnel::Tunnel;
use crate::dispatch::{drain::Draining, proxy_protocol};

/// What is the same for all requests of a connection.
pub(super) struct Client {
    /// Its address: what a policy may go by.
    pub(super) address: IpAddr,
    /// The same as the value of a field.
    pub(super) address_field: HeaderValue,
    /// Pieces of bodies that came from it so far.
    pub(super) uploaded: Rc<Cell<u64>>,
    /// The worker's end of the tunnel that the connection turns into after the 101 answer.
    pub(super) tunnel: RefCell<Option<Tunnel>>,
    /// What became of the next request already.
    pub(super) begun: RefCell<Option<Begun>>,
    pub(super) draining: Draining,
}

impl Client {
    fn new(address: IpAddr, draining: Draining) -> Self {
        Self {
            address,
            address_field: HeaderValue::try_from(address.to_string())
                .expect("an address is digits, letters, dots and colons"),
            uploaded: Rc::default(),
            tunnel: RefCell::default(),
            begun: RefCell::default(),
            draining,
        }
    }
}

/// Serves one connection to its end, or gracefully to the end of what is in flight once the
/// proxy [drains](Draining).
pub(super) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    proxy: Rc<Proxy>,
    draining: Draining,
) {
    // Only a delay is lost where this fails, and then the connection is already gone.
    let _ = stream.set_nodelay(true);
    let Some(address) = address(&stream, peer, proxy.header_within, &draining).await else {
        return;
    };
    let client = Rc::new(Client::new(address, draining.clone()));
    let Some(rest) = lane::serve(stream, &client, &proxy).await else {
        return;
    };
    client.begun.replace(rest.begun);
    let stream = TokioIo::new(Replay::of_read(rest.stream, rest.received));
    let service = service_fn({
        let client = Rc::clone(&client);
        move |request| answer(Rc::clone(&proxy), Rc::clone(&client), request)
    });
    let mut connection = http1::Builder::new().serve_connection(stream, service);
    let ended = draining.serve(&mut connection).await;
    let parts = connection.into_parts();
    let (stream, unread) = parts.io.into_inner().into_parts();
    let tunnel = client.tunnel.take();
    match ended {
        Ok(()) => {
            if let Some(tunnel) = tunnel {
                let early = [parts.read_buf, unread].concat();
                tunnel.run(stream, &early).await;
            }
        }
        // The body of an answer broke off. Where its end is told by the end of the connection
        // only a reset says that it is not complete.
        Err(error) if error.is_user() => drop(stream.set_zero_linger()),
        // The client is gone, or did not speak HTTP and was told so.
        Err(_) => {}
    }
}

/// The client's address: what the PROXY header names where one is to come. `None` if none comes
/// in time, or nonsense does.
async fn address(
    stream: &TcpStream,
    peer: SocketAddr,
    header_within: Option<Duration>,
    draining: &Draining,
) -> Option<IpAddr> {
    let route = match header_within {
        None => None,
        Some(within) => {
            let header = draining.unless_closing(proxy_protocol::take(stream, within));
            header.await?.ok()?
        }
    };
    let client = route.map_or(peer, |route| route.client);
    Some(client.ip().to_canonical())
}

async fn answer(
    proxy: Rc<Proxy>,
    client: Rc<Client>,
    request: Request<Incoming>,
) -> Result<Response<Answer>, Infallible> {
    let answered = proxy.forward(&client, request).await;
    let mut response = answered.unwrap_or_else(|refusal| refusal.into_response());
    if client.draining.has_begun() && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        let last = HeaderValue::from_static("close");
        response.headers_mut().append(CONNECTION, last);
    }
    Ok(response)
}
