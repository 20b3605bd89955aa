//! Serving a client's connection.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::{
    answer_body::AnswerBody, client::Client, client_stream::ClientStream, fast_path,
    fast_path::Unfinished, shared::Proxy,
};
use crate::dispatch::client_watch::MAX_HEAD;
use crate::dispatch::drain::Draining;
use crate::dispatch::proxy_protocol;

/// Serves a connection until it ends. Once the proxy [drains](Draining), the connection ends after
/// the requests in flight.
pub(super) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    proxy: Rc<Proxy>,
    draining: Draining,
) {
    // A failure here only costs delay, and means that the connection is already gone.
    let _ = stream.set_nodelay(true);
    let stream = proxy.watch.watch(stream);
    let Some(address) = address(stream.get_ref(), peer, proxy.header_within, &draining).await
    else {
        return;
    };
    let progress = Arc::clone(stream.progress());
    let client = Rc::new(Client::new(address, draining.clone(), progress));
    if let Some(unfinished) = fast_path::serve(stream, &client, &proxy).await {
        serve_through_hyper(unfinished, client, proxy, draining).await;
    }
}

/// Serves a connection on the slow path.
async fn serve_through_hyper(
    unfinished: Unfinished,
    client: Rc<Client>,
    proxy: Rc<Proxy>,
    draining: Draining,
) {
    client.attempt.replace(unfinished.attempt);
    let interim_answers = client.interim_answers.clone();
    let stream = (unfinished.stream)
        .map(|stream| ClientStream::new(stream, unfinished.received, interim_answers));
    let service = service_fn({
        let client = Rc::clone(&client);
        move |request| answer(Rc::clone(&proxy), Rc::clone(&client), request)
    });
    let mut connection = http1::Builder::new()
        // A client may close its sending half after its last request and still gets the answer.
        .half_close(true)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let ended = draining.serve(&mut connection).await;
    let parts = connection.into_parts();
    let (stream, unread) = parts.io.into_inner().into_inner().into_parts();
    let tunnel = client.tunnel.take();
    match ended {
        Ok(()) => {
            if let Some(tunnel) = tunnel {
                let early = [parts.read_buf, unread].concat();
                tunnel.run(stream, &early).await;
            }
        }
        // The body of an answer broke off. If its end is marked by the end of the connection,
        // only a reset shows that it is incomplete.
        Err(error) if error.is_user() => drop(stream.set_zero_linger()),
        // The client is gone, or did not speak HTTP and got an error from hyper.
        Err(_) => {}
    }
}

/// Returns the client's address: the one that the PROXY header names, if a header is expected.
/// Returns `None` if the header is late or invalid.
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
) -> Result<Response<AnswerBody>, Infallible> {
    client.progress.request_begun();
    let answered = proxy.forward(&client, request).await;
    client.interim_answers.sent().await;
    let mut response = answered.unwrap_or_else(|error| error.into_response());
    if client.must_end() && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        let last = HeaderValue::from_static("close");
        response.headers_mut().append(CONNECTION, last);
    }
    client.progress.request_complete();
    Ok(response.map(|body| AnswerBody::new(body, &client.progress)))
}
