//! The account adds up, whatever the server does.

use std::io::{Read, Result, Write};
use std::net::TcpStream;
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{scope, sleep};
use std::time::Duration;

use crate::common::{Request, Server, Then, assert_account, connecting};
use evenkeel_loadgen::{Arrivals, LoadSpec, Offer, Outcome, WhenBusy, run};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

/// Runs, and requests of each: some ten thousand behaviours together.
const RUNS: u64 = 160;
const REQUESTS: u64 = 80;

/// Runs at the same time: most of a run is waiting.
const AT_ONCE: usize = 8;

/// Longer than an answer takes on a busy host, so that few of them time out, and short enough that a
/// silent server holds up no test.
const TIMEOUT: Duration = Duration::from_millis(150);

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nx-evenkeel-worker: 1\r\ncontent-length: 2\r\n\r\nok";

/// A way to treat a request.
type Treat = fn(&Request, &mut TcpStream) -> Result<Then>;

/// All ways, and how often each is drawn.
const WAYS: &[(u32, Treat)] = &[
    (40, |_, stream| say(stream, OK, Then::Keep)),
    (4, |_, stream| say(stream, OK, Then::Close)),
    (3, |_, stream| {
        let last = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        say(stream, last, Then::Close)
    }),
    (3, |_, stream| {
        say(stream, b"HTTP/1.1 200 OK\r\n\r\nuntil the end", Then::Close)
    }),
    (3, |_, stream| {
        say(
            stream,
            b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n",
            Then::Keep,
        )
    }),
    (2, |_, stream| {
        let refusal =
            b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        say(stream, refusal, Then::Close)
    }),
    (3, |_, stream| say(stream, b"HTTP/1.1 20", Then::Close)),
    (3, |_, stream| {
        say(
            stream,
            b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf",
            Then::Close,
        )
    }),
    (2, |_, stream| say(stream, b"SSH-2.0-x\r\n", Then::Close)),
    (2, |_, stream| say(stream, &[OK, OK].concat(), Then::Keep)),
    (5, |_, _| Ok(Then::Close)),
    (4, |_, stream| {
        // Closes with the next request unread, or as the client gives up.
        stream.write_all(OK)?;
        stream.peek(&mut [0])?;
        Ok(Then::Close)
    }),
    (2, |_, stream| {
        // Closes while it is idle, and may cross the next request.
        stream.write_all(OK)?;
        sleep(Duration::from_micros(200));
        Ok(Then::Close)
    }),
    (1, |_, stream| {
        while stream.read(&mut [0; 1024])? > 0 {}
        Ok(Then::Close)
    }),
];

fn say(stream: &mut TcpStream, bytes: &[u8], then: Then) -> Result<Then> {
    stream.write_all(bytes)?;
    Ok(then)
}

/// Draws a way to treat a request.
fn draw(random: &mut Pcg64) -> Treat {
    let all: u32 = WAYS.iter().map(|(weight, _)| weight).sum();
    let mut at = random.random_range(0..all);
    for (weight, treat) in WAYS {
        match at.checked_sub(*weight) {
            None => return *treat,
            Some(rest) => at = rest,
        }
    }
    unreachable!("the weights add up")
}

/// Starts a server that treats each request in a random way, and closes some connections at once.
fn random_server(seed: u64) -> Server {
    let of_connection =
        move |connection: usize| Pcg64::seed_from_u64(seed << 32 | connection as u64);
    connecting(
        move |connection, stream| {
            // A silent server does not wait for a client that waits for the server.
            let _ = stream.set_read_timeout(Some(10 * TIMEOUT));
            of_connection(connection).random_range(0..20) > 0
        },
        move |request, stream| {
            let mut random = of_connection(request.connection);
            random.random_range(0..20);
            let mut treat = draw(&mut random);
            for _ in 0..request.number {
                treat = draw(&mut random);
            }
            treat(request, stream)
        },
    )
}

/// Returns a random load on this server, and whether it is stopped before its end.
fn random_load(server: &Server, seed: u64) -> (LoadSpec, bool) {
    let mut random = Pcg64::seed_from_u64(seed);
    let is_open = random.random_bool(0.5);
    let mut one_of = |choices: &[u64]| choices[random.random_range(0..choices.len())];
    let per_connection = NonZeroU64::new(one_of(&[0, 0, 1, 3]));
    let pipeline = if is_open { 1 } else { one_of(&[1, 1, 4]) };
    let (requests, duration) = match one_of(&[0, 1]) {
        0 => (NonZeroU64::new(REQUESTS), Duration::from_secs(60)),
        _ => (None, Duration::from_millis(80)),
    };
    let connections = one_of(&[1, 4, 9]) as usize;
    let spec = LoadSpec {
        offer: match is_open {
            false => Offer::Closed,
            true => Offer::Open {
                rate_rps: 1_000.0,
                arrivals: Arrivals::Poisson,
            },
        },
        connections,
        when_busy: match is_open && one_of(&[0, 1]) == 1 {
            false => WhenBusy::Wait,
            true => WhenBusy::Open {
                most: 2 * connections,
            },
        },
        requests_per_connection: per_connection,
        pipeline: NonZeroU32::new(pipeline as u32).expect("not 0"),
        threads: one_of(&[1, 2]) as usize,
        repeat: one_of(&[0, 1]) == 1,
        io_uring: one_of(&[0, 1]) == 1,
        warmup: Duration::from_millis(one_of(&[0, 30])),
        interval: Duration::from_millis(50),
        requests,
        duration,
        timeout: TIMEOUT,
        seed,
        ..LoadSpec::new(server.address)
    };
    (spec, one_of(&[0, 0, 0, 1]) == 1)
}

fn offer(spec: &LoadSpec, is_stopped: bool) -> Outcome {
    let stop = AtomicBool::new(false);
    scope(|scope| {
        if is_stopped {
            scope.spawn(|| {
                sleep(spec.warmup + Duration::from_millis(40));
                stop.store(true, Ordering::Relaxed);
            });
        }
        run(spec, &stop, &mut ()).expect("the load can be offered")
    })
}

#[test]
fn every_request_is_in_one_class_whatever_the_server_does() {
    let next = AtomicU64::new(0);
    let requests = AtomicU64::new(0);
    let check_runs = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= RUNS {
                return;
            }
            let server = random_server(seed);
            let (spec, is_stopped) = random_load(&server, seed);
            let outcome = offer(&spec, is_stopped);
            println!("seed {seed}, stopped {is_stopped}: {:?}", outcome.account());
            assert_account(&outcome);
            if let Some(limit) = spec.requests.filter(|_| !outcome.interrupted) {
                assert_eq!(outcome.in_window, limit.get(), "{spec:?}");
            }
            requests.fetch_add(outcome.in_window, Ordering::Relaxed);
        }
    };
    scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(check_runs);
        }
    });
    let requests = requests.into_inner();
    assert!(requests > RUNS * REQUESTS / 8, "{requests} requests");
}
