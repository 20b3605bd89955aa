//! The dispatcher's part: it connects the sockets, and forwards the ends of streams.

use std::convert::Infallible;
use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use nix::sys::socket::{Shutdown, shutdown};
use tokio::net::TcpStream;
use tokio::task::yield_now;
use tokio::time::sleep;

use super::{ends::Ends, maps::Maps};
use crate::mechanism::splice::{Pipe, Relay, both};
use crate::sys::tcp::{look_again, traffic};

/// Maximum number of connections that the kernel forwards. Others are spliced. A map allocates 16 bytes
/// per socket when it is created.
const MAX_CONNECTIONS: usize = 32768;

/// First pause between checks whether everything has been forwarded. A thread of the kernel does that
/// within microseconds while the receiver reads.
const FIRST_PAUSE: Duration = Duration::from_millis(1);

/// Longest pause, for receivers that do not read for a long time.
const LAST_PAUSE: Duration = Duration::from_millis(64);

/// Number of checks without a pause before that: enough for a thread of the kernel to get a free CPU.
const QUICK_CHECKS: u32 = 8;

pub(crate) struct Sockmap {
    maps: Maps,
    ends: Ends,
}

impl Relay for Sockmap {
    fn open(connections: usize) -> io::Result<Self> {
        Ok(Self {
            maps: Maps::new(connections.min(MAX_CONNECTIONS) as u32)?,
            ends: Ends::new()?,
        })
    }

    /// A direction that the kernel cannot forward is spliced. So is a used one, since the kernel would
    /// forward a partly read packet from its beginning.
    async fn relay(
        &self,
        client: TcpStream,
        upstream: TcpStream,
        used: bool,
        ends_within: Duration,
    ) -> io::Result<()> {
        let to_worker = !used && self.maps.join(&client, &upstream).is_ok();
        let to_client = self.maps.join(&upstream, &client).is_ok();
        if to_worker && to_client {
            // The runtime must not watch the sockets, since all arriving bytes would wake it.
            let (client, upstream) = (client.into_std()?, upstream.into_std()?);
            let to_worker = self.forward_end(&client, &upstream);
            let to_client = self.forward_end(&upstream, &client);
            both(to_worker, to_client, ends_within).await
        } else {
            let to_worker = self.forward(to_worker, &client, &upstream);
            let to_client = self.forward(to_client, &upstream, &client);
            both(to_worker, to_client, ends_within).await
        }
    }

    async fn run(&self) -> io::Result<Infallible> {
        self.ends.run().await
    }
}

impl Sockmap {
    async fn forward(&self, joined: bool, from: &TcpStream, to: &TcpStream) -> io::Result<()> {
        if joined {
            self.forward_end(from, to).await
        } else {
            Pipe::new()?.pump(from, to).await
        }
    }

    /// Forwards the end of one side after its last byte. The kernel forwards bytes only.
    async fn forward_end(&self, from: impl AsFd, to: impl AsFd) -> io::Result<()> {
        self.ends.of(&from).await?;
        // The end may be visible before the last bytes are forwarded.
        look_again(&from)?;
        // The end itself counts as one byte.
        let received = traffic(&from)?.received.saturating_sub(1);
        let (mut checks, mut pause) = (0, FIRST_PAUSE);
        loop {
            let sent = traffic(&to)?;
            if sent.closed {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            if sent.written >= received {
                return Ok(shutdown(to.as_fd().as_raw_fd(), Shutdown::Write)?);
            }
            if checks < QUICK_CHECKS {
                checks += 1;
                yield_now().await;
            } else {
                sleep(pause).await;
                pause = LAST_PAUSE.min(2 * pause);
            }
        }
    }
}

#[cfg(test)]
mod tests;
