//! What the bare loops share: command line, sockets and threads.

use std::io::{self, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::num::NonZeroU64;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{scope, sleep};
use std::time::Duration;

use rustix::net::sockopt::set_tcp_nodelay;
use rustix::thread::set_current_timer_slack;

/// Room for an answer. One with a small body is far smaller.
pub(crate) const ANSWER_BYTES: usize = 4_096;

/// There is no pause after this number of answers, as in the engine.
const BATCH: usize = 16;

/// The part of one thread.
pub(crate) struct Part<'run> {
    pub(crate) sockets: Vec<OwnedFd>,
    pub(crate) request: &'run [u8],
    pause: Duration,
    stop: &'run AtomicBool,
}

impl Part<'_> {
    pub(crate) fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Returns how long to pause after a turn that found this number of answers, if pauses are
    /// requested.
    pub(crate) fn pause(&self, found: usize) -> Option<Duration> {
        (found < BATCH && !self.pause.is_zero()).then_some(self.pause)
    }
}

/// Keeps one request outstanding on each connection for the given time, and prints the number of
/// answers. `drive` is the loop of a thread.
pub(crate) fn main(drive: fn(&Part<'_>) -> io::Result<u64>) -> io::Result<()> {
    let usage = "PORT CONNECTIONS THREADS SECONDS [MICROSECONDS OF PAUSE]";
    let words = std::env::args_os().skip(1);
    let numbers: Option<Vec<u64>> = words.map(|it| it.to_str()?.parse().ok()).collect();
    let (port, connections, threads, seconds, pause) = match numbers.as_deref() {
        Some([port, connections, threads, seconds]) => (*port, *connections, *threads, *seconds, 0),
        Some([port, connections, threads, seconds, pause]) => {
            (*port, *connections, *threads, *seconds, *pause)
        }
        _ => return Err(io::Error::other(usage)),
    };
    let request = format!("GET / HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n");
    let stop = AtomicBool::new(false);
    let answers = scope(|scope| {
        let spawn = |_| {
            let part = Part {
                sockets: connect(port as u16, connections / threads.max(1))?,
                request: request.as_bytes(),
                pause: Duration::from_micros(pause),
                stop: &stop,
            };
            Ok(scope.spawn(move || {
                set_current_timer_slack(NonZeroU64::new(1))?;
                drive(&part)
            }))
        };
        let handles = (0..threads).map(spawn).collect::<io::Result<Vec<_>>>();
        sleep(Duration::from_secs(seconds));
        stop.store(true, Ordering::Relaxed);
        let join = |handle: std::thread::ScopedJoinHandle<'_, io::Result<u64>>| {
            handle
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        handles?.into_iter().map(join).sum::<io::Result<u64>>()
    })?;
    writeln!(io::stdout(), "{answers} requests")
}

fn connect(port: u16, count: u64) -> io::Result<Vec<OwnedFd>> {
    let one = |_| {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        set_tcp_nodelay(&stream, true)?;
        stream.set_nonblocking(true)?;
        Ok(stream.into())
    };
    (0..count).map(one).collect()
}
