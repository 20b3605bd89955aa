//! What is left for the dispatcher to do: beginnings and ends.

use std::convert::Infallible;
use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::net::{Shutdown, shutdown};
use tokio::net::TcpStream;
use tokio::task::yield_now;
use tokio::time::sleep;

use super::ends::Ends;
use super::maps::Maps;
use crate::mechanism::splice::{Pipe, Relay};
use crate::sys::tcp::{look_again, traffic};

/// Connections that the kernel passes on at most; those beyond are spliced. A map of sockets
/// takes 16 bytes for each from the beginning, whether they come or not.
const MOST: usize = 32768;

/// How long the first look takes to be repeated whether everything has been passed on. A thread
/// of the kernel does that, within microseconds while the receiver takes it.
const FIRST_PAUSE: Duration = Duration::from_millis(1);

/// The longest pause, for receivers that take nothing for long.
const LAST_PAUSE: Duration = Duration::from_millis(64);

/// Looks without a pause before that: as many as it takes a thread of the kernel to get a CPU
/// that is free.
const QUICK_LOOKS: u32 = 8;

/// Has the kernel pass on what sockets receive.
pub(crate) struct Sockmap {
    maps: Maps,
    ends: Ends,
}

impl Relay for Sockmap {
    fn open(connections: usize) -> io::Result<Self> {
        Ok(Self {
            maps: Maps::new(connections.min(MOST) as u32)?,
            ends: Ends::new()?,
        })
    }

    /// A way that the kernel does not take is spliced, and so is one that has begun: the kernel
    /// would pass on a packet of which a part was read from its beginning.
    async fn relay(&self, client: TcpStream, upstream: TcpStream, begun: bool) -> io::Result<()> {
        let there = !begun && self.maps.join(&client, &upstream).is_ok();
        let back = self.maps.join(&upstream, &client).is_ok();
        if there && back {
            // The runtime must not watch them: it would be woken by all that comes.
            let (client, upstream) = (client.into_std()?, upstream.into_std()?);
            tokio::try_join!(
                self.see_off(&client, &upstream),
                self.see_off(&upstream, &client)
            )?;
        } else {
            tokio::try_join!(
                self.way(there, &client, &upstream),
                self.way(back, &upstream, &client)
            )?;
        }
        Ok(())
    }

    /// Nobody notices an end without it.
    async fn attend(&self) -> io::Result<Infallible> {
        self.ends.tell().await
    }
}

impl Sockmap {
    async fn way(&self, joined: bool, from: &TcpStream, to: &TcpStream) -> io::Result<()> {
        if joined {
            self.see_off(from, to).await
        } else {
            Pipe::new()?.pump(from, to).await
        }
    }

    /// Passes on the end of one side behind its last byte, as the kernel passes on bytes only.
    async fn see_off(&self, from: impl AsFd, to: impl AsFd) -> io::Result<()> {
        self.ends.of(&from).await?;
        // The end can be seen a moment before the bytes that came with it are passed on.
        look_again(&from)?;
        // The end itself counts as one.
        let came = traffic(&from)?.received.saturating_sub(1);
        let (mut looks, mut pause) = (0, FIRST_PAUSE);
        loop {
            let went = traffic(&to)?;
            if went.closed {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            if went.written >= came {
                return Ok(shutdown(&to, Shutdown::Write)?);
            }
            if looks < QUICK_LOOKS {
                looks += 1;
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
