//! WebSockets (RFC 6455): a worker sends each message back. The text of a message may be a target such as
//! `/spin/50`, whose work it does before.
//!
//! Messages are to a WebSocket what requests are to a connection: they are counted as such, and the same
//! limits end it. The last message is sent back together with a close frame, so that no other message is on its
//! way. In a drain this is the next message of each; one that stays idle gets a close frame.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use http::header::{CONTENT_TYPE, UPGRADE};
use http::{HeaderValue, Request, Response, StatusCode};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Message, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Utf8Bytes};

use super::counters::{InFlight, OpenConnection};
use super::{service_time, work::Work};
use crate::dispatch::{client_watch::Watched, drain::Draining};
use crate::launch::Misbehaviour;

/// The target whose connections become WebSockets.
pub const WEBSOCKET_TARGET: &str = "/websocket";

/// Bytes of one read: enough for most messages. The default would be 128 KiB for each connection.
const READ_BUFFER: usize = 4 * 1024;

/// Maximum number of bytes of a message. A client can make its worker keep as many.
const MAX_MESSAGE: usize = 256 * 1024;

/// Answers a request for [`WEBSOCKET_TARGET`]. Returns whether its connection becomes a WebSocket; otherwise the
/// client is asked to request that (RFC 9110 §15.5.22).
pub(super) fn shake_hands<Q, A>(request: &Request<Q>, answer: &mut Response<A>) -> bool {
    let handshake = create_response_with_body(request, || ());
    let fields = answer.headers_mut();
    match &handshake {
        Ok(handshake) => {
            fields.remove(CONTENT_TYPE);
            fields.extend(handshake.headers().clone());
        }
        Err(_) => {
            fields.insert(UPGRADE, HeaderValue::from_static("websocket"));
        }
    }
    *answer.status_mut() = match handshake {
        Ok(_) => StatusCode::SWITCHING_PROTOCOLS,
        Err(_) => StatusCode::UPGRADE_REQUIRED,
    };
    answer.status() == StatusCode::SWITCHING_PROTOCOLS
}

/// Serves a WebSocket, from which these bytes were read, until it ends.
pub(super) async fn serve(
    stream: Watched<TcpStream>,
    read: Bytes,
    connection: &Arc<OpenConnection>,
    draining: &Draining,
) {
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_MESSAGE));
    let stream =
        WebSocketStream::from_partially_read(stream, read.into(), Role::Server, Some(config));
    // An error ends this connection only.
    let _ended = converse(&mut stream.await, connection, draining).await;
}

/// Sends messages back until either side closes the connection, then waits for the close frame of the client.
async fn converse(
    socket: &mut WebSocketStream<Watched<TcpStream>>,
    connection: &Arc<OpenConnection>,
    draining: &Draining,
) -> Result<(), Error> {
    let mut is_last = false;
    while !is_last {
        connection.await_message();
        let next = draining.unless_closing(socket.next()).await;
        let Some(next) = next else { break };
        let Some(message) = next.transpose()? else {
            return Ok(());
        };
        // Pings and close frames are answered while the next message is awaited.
        if !(message.is_text() || message.is_binary()) {
            continue;
        }
        let request = InFlight::new(connection);
        request.complete();
        perform(&message, request.fault).await;
        request.count();
        is_last = draining.has_begun() || request.is_last();
        socket.feed(message).await?;
        if !is_last {
            socket.flush().await?;
        }
    }
    let goodbye = CloseFrame {
        code: CloseCode::Away,
        reason: Utf8Bytes::default(),
    };
    socket.close(Some(goodbye)).await?;
    while socket.next().await.transpose()?.is_some() {}
    Ok(())
}

/// Does the work that a message asks for, if it is the target of any.
async fn perform(message: &Message, fault: Option<Misbehaviour>) {
    let target = message.to_text().unwrap_or_default();
    if let Ok(work) = Work::parse(target) {
        work.perform_despite(fault).await;
        if work.occupies_the_worker() {
            service_time::lap();
        }
    }
}
