//! The dispatcher's part: it connects the sockets, and forwards the ends of streams.

use std::convert::Infallible;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use nix::sys::socket::{Shutdown, shutdown};
use tokio::net::TcpStream;
use tokio::task::yield_now;
use tokio::time::sleep;

use super::{ends::Ends, maps::Maps};
use crate::dispatch::succession::take;
use crate::mechanism::splice::{
    Pipe, Relay, Sockets, Suspended, Tunnel, Way, both, suspended, watched,
};
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

/// Two sockets, and the pipe of each direction that the kernel does not forward by itself.
pub(crate) struct Mapped {
    sockets: Both,
    to_worker: Option<Pipe>,
    to_client: Option<Pipe>,
}

enum Both {
    /// With no pipe the runtime must not watch the sockets, since all arriving bytes would wake it.
    Unwatched(OwnedFd, OwnedFd),
    Watched(Sockets),
}

impl Mapped {
    fn new(
        [client, worker]: [OwnedFd; 2],
        to_worker: Option<Pipe>,
        to_client: Option<Pipe>,
    ) -> io::Result<Self> {
        Ok(Self {
            sockets: match (&to_worker, &to_client) {
                (None, None) => Both::Unwatched(client, worker),
                _ => Both::Watched(Sockets {
                    client: watched(client)?,
                    worker: watched(worker)?,
                }),
            },
            to_worker,
            to_client,
        })
    }
}

impl Tunnel for Mapped {
    fn suspend(self) -> io::Result<Suspended> {
        let sockets = match self.sockets {
            Both::Unwatched(client, worker) => [client, worker],
            Both::Watched(Sockets { client, worker }) => {
                [client.into_std()?.into(), worker.into_std()?.into()]
            }
        };
        Ok(suspended(sockets, self.to_worker, self.to_client))
    }

    fn resume(suspended: Suspended) -> io::Result<Self> {
        let mut descriptors = suspended.descriptors.into_iter();
        let sockets = [take(&mut descriptors)?, take(&mut descriptors)?];
        let mut pipe = |way| match way {
            Way::Direct => Ok(None),
            Way::Pipe { .. } => Pipe::resume(way, &mut descriptors).map(Some),
        };
        let (to_worker, to_client) = (pipe(suspended.to_worker)?, pipe(suspended.to_client)?);
        Self::new(sockets, to_worker, to_client)
    }
}

impl Relay for Sockmap {
    type Tunnel = Mapped;

    fn open(connections: usize) -> io::Result<Self> {
        Ok(Self {
            maps: Maps::new(connections.min(MAX_CONNECTIONS) as u32)?,
            ends: Ends::new()?,
        })
    }

    /// A direction that the kernel cannot forward is spliced. So is a used one, since the kernel would
    /// forward a partly read packet from its beginning.
    fn join(&self, client: TcpStream, worker: TcpStream, used: bool) -> io::Result<Mapped> {
        let to_worker = !used && self.maps.join(&client, &worker).is_ok();
        let to_client = self.maps.join(&worker, &client).is_ok();
        let pipe = |joined: bool| (!joined).then(Pipe::new).transpose();
        let sockets = [client.into_std()?.into(), worker.into_std()?.into()];
        Mapped::new(sockets, pipe(to_worker)?, pipe(to_client)?)
    }

    async fn relay(&self, tunnel: &Mapped, ends_within: Duration) -> io::Result<()> {
        match &tunnel.sockets {
            Both::Unwatched(client, worker) => {
                let to_worker = self.forward_end(client, worker);
                let to_client = self.forward_end(worker, client);
                both(to_worker, to_client, ends_within).await
            }
            Both::Watched(Sockets { client, worker }) => {
                let to_worker = self.forward(tunnel.to_worker.as_ref(), client, worker);
                let to_client = self.forward(tunnel.to_client.as_ref(), worker, client);
                both(to_worker, to_client, ends_within).await
            }
        }
    }

    fn common(&self) -> Vec<BorrowedFd<'_>> {
        self.maps.descriptors()
    }

    fn take_common(&mut self, descriptors: Vec<OwnedFd>) -> io::Result<()> {
        self.maps = Maps::of_descriptors(descriptors)?;
        Ok(())
    }

    async fn run(&self) -> io::Result<Infallible> {
        self.ends.run().await
    }
}

impl Sockmap {
    async fn forward(
        &self,
        pipe: Option<&Pipe>,
        from: &TcpStream,
        to: &TcpStream,
    ) -> io::Result<()> {
        match pipe {
            Some(pipe) => pipe.pump(from, to).await,
            None => self.forward_end(from, to).await,
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
