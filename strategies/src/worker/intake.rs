//! Where a worker gets its connections from.

use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

use crate::channel::{CHANNEL, Receiver};
use crate::inherited::Inherited;
use crate::listener::LISTENER;

/// Where a worker gets its connections from.
pub(super) enum Intake {
    /// A listening socket, its own or shared with siblings.
    Listener(TcpListener),
    /// Channels over which dispatchers hand over accepted connections.
    Channels(Vec<Receiver>),
}

impl Intake {
    /// Takes over what the parent process left. Needs to be called within a runtime.
    pub(super) fn inherit(inherited: &mut Inherited, acknowledge: bool) -> io::Result<Self> {
        let channels = inherited.all(CHANNEL);
        if channels.is_empty() {
            let listener = std::net::TcpListener::from(inherited.one(LISTENER)?);
            return TcpListener::from_std(listener).map(Self::Listener);
        }
        let receivers = channels
            .into_iter()
            .map(|channel| Receiver::new(channel, acknowledge));
        receivers.collect::<io::Result<_>>().map(Self::Channels)
    }

    /// The next connection; `None` once there can be no more.
    pub(super) async fn next(&mut self) -> io::Result<Option<TcpStream>> {
        match self {
            Self::Listener(listener) => accept(listener).await.map(Some),
            Self::Channels(receivers) => poll_fn(|context| poll_any(receivers, context)).await,
        }
    }

    /// Closes the intake. What has come until then is still taken in: whoever handed it over
    /// has forgotten it, and the kernel would reset what it holds for a closed listener.
    pub(super) fn close(self) -> io::Result<Vec<TcpStream>> {
        match self {
            Self::Listener(listener) => accept_queued(&listener.into_std()?),
            Self::Channels(receivers) => {
                let mut late = Vec::new();
                for receiver in receivers {
                    receiver.refuse_more()?;
                    while let Some(connection) = receiver.take_queued()? {
                        late.push(connection);
                    }
                }
                Ok(late)
            }
        }
    }
}

fn accept_queued(listener: &std::net::TcpListener) -> io::Result<Vec<TcpStream>> {
    let mut late = Vec::new();
    // Whatever else goes wrong here, the listener is about to be closed.
    while let Ok((connection, _client)) = listener.accept() {
        connection.set_nonblocking(true)?;
        late.push(TcpStream::from_std(connection)?);
    }
    Ok(late)
}

async fn accept(listener: &TcpListener) -> io::Result<TcpStream> {
    loop {
        match listener.accept().await {
            Ok((stream, _client)) => return Ok(stream),
            Err(error) if concerns_one_connection(&error) => {}
            // No descriptor or no memory is left: wait for connections to end, rather than ask
            // again and again.
            Err(_) => tokio::time::sleep(BREATH).await,
        }
    }
}

/// Long enough not to burn the CPU, short enough not to be seen in a trial.
const BREATH: Duration = Duration::from_millis(5);

/// Errors of accept(2) that concern the connection and not the listener.
fn concerns_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

/// A connection from any of the channels. The first is asked first the next time too, which
/// is fair all the same: a worker empties its channels faster than dispatchers fill them, or
/// it is overloaded and its siblings are picked.
fn poll_any(
    receivers: &mut Vec<Receiver>,
    context: &mut Context<'_>,
) -> Poll<io::Result<Option<TcpStream>>> {
    let mut index = 0;
    while let Some(receiver) = receivers.get(index) {
        match receiver.poll_take(context)? {
            Poll::Ready(Some(connection)) => return Poll::Ready(Ok(Some(connection))),
            Poll::Ready(None) => drop(receivers.remove(index)),
            Poll::Pending => index += 1,
        }
    }
    if receivers.is_empty() {
        Poll::Ready(Ok(None))
    } else {
        Poll::Pending
    }
}
