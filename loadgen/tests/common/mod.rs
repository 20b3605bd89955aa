//! A small server on plain threads, with answers set by the test.

#![allow(dead_code, reason = "each test file uses its part")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use evenkeel_loadgen::{ErrorClass, LoadSpec, Observer, Outcome, Phase, Progress, run};

/// A request as the server read it.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// The request line and fields.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// Number of its connection, from 0.
    pub(crate) connection: usize,
    /// Its number on that connection, from 0.
    pub(crate) number: usize,
    pub(crate) peer: SocketAddr,
}

impl Request {
    pub(crate) fn target(&self) -> &str {
        self.head.split(' ').nth(1).unwrap_or_default()
    }

    pub(crate) fn asks_to_close(&self) -> bool {
        self.head.contains("connection: close\r\n")
    }
}

/// What the server does after an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    Keep,
    Close,
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) connections: Arc<AtomicUsize>,
    pub(crate) requests: Arc<Mutex<Vec<Request>>>,
    stopping: Arc<AtomicBool>,
}

/// Starts a server that calls `serve` for each connection, on a thread.
fn listen(serve: impl Fn(usize, TcpStream) + Send + Sync + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let server = Server {
        address: listener.local_addr().expect("a bound address"),
        connections: Arc::default(),
        requests: Arc::default(),
        stopping: Arc::default(),
    };
    let (connections, stopping) = (server.connections.clone(), server.stopping.clone());
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            if stopping.load(Ordering::Relaxed) {
                return;
            }
            let number = connections.fetch_add(1, Ordering::Relaxed);
            let serve = serve.clone();
            thread::spawn(move || serve(number, stream));
        }
    });
    server
}

/// Starts a server that calls `serve` for each connection, without reading requests.
pub(crate) fn raw(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Server {
    listen(move |_, stream| serve(stream))
}

/// Starts a server that answers each request with `answer`, and keeps the request.
pub(crate) fn answering(
    answer: impl Fn(&Request, &mut TcpStream) -> std::io::Result<Then> + Send + Sync + 'static,
) -> Server {
    connecting(|_, _| true, answer)
}

/// Starts a server that answers requests on the connections for which `accept` returns true, given
/// their number and their stream, and closes the others.
pub(crate) fn connecting(
    accept: impl Fn(usize, &mut TcpStream) -> bool + Send + Sync + 'static,
    answer: impl Fn(&Request, &mut TcpStream) -> std::io::Result<Then> + Send + Sync + 'static,
) -> Server {
    let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
    let seen = requests.clone();
    let mut server = listen(move |connection, mut stream| {
        stream.set_nodelay(true).expect("a TCP socket");
        if !accept(connection, &mut stream) {
            return;
        }
        let mut reader = BufReader::new(stream.try_clone().expect("a descriptor"));
        for number in 0.. {
            let Some(mut request) = read_request(&mut reader, &stream) else {
                return;
            };
            (request.connection, request.number) = (connection, number);
            let then = answer(&request, &mut stream);
            request.body.clear();
            seen.lock().expect("no panic before").push(request);
            if !matches!(then, Ok(Then::Keep)) {
                return;
            }
        }
    });
    server.requests = requests;
    server
}

/// Starts a server that answers every request with these bytes and keeps the connection, unless the
/// request asks to close it.
pub(crate) fn saying(bytes: &'static str) -> Server {
    answering(move |request, stream| {
        stream.write_all(bytes.as_bytes())?;
        Ok(if request.asks_to_close() {
            Then::Close
        } else {
            Then::Keep
        })
    })
}

/// Returns the requests that arrive on a connection.
pub(crate) fn requests_of(stream: TcpStream) -> impl Iterator<Item = Request> {
    let mut reader = BufReader::new(stream.try_clone().expect("a descriptor"));
    std::iter::from_fn(move || read_request(&mut reader, &stream))
}

fn read_request(reader: &mut BufReader<TcpStream>, stream: &TcpStream) -> Option<Request> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request {
        head,
        body,
        connection: 0,
        number: 0,
        peer: stream.peer_addr().ok()?,
    })
}

impl Server {
    pub(crate) fn seen(&self) -> Vec<Request> {
        self.requests.lock().expect("no panic before").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        // Wakes the accept, which then sees the flag.
        let _ = TcpStream::connect(self.address);
    }
}

/// Returns a short run against a server: two connections, a fifth of a second.
pub(crate) fn short(server: &Server) -> LoadSpec {
    LoadSpec {
        connections: 2,
        duration: Duration::from_millis(200),
        timeout: Duration::from_secs(5),
        ..LoadSpec::new(server.address)
    }
}

/// Runs the load to its end.
pub(crate) fn offer(spec: &LoadSpec) -> Outcome {
    let outcome = run(spec, &AtomicBool::new(false), &mut ()).expect("the load can be offered");
    assert_account(&outcome);
    outcome
}

/// Asserts that every request of the window is in one class, and every loss in the log.
pub(crate) fn assert_account(outcome: &Outcome) {
    let account = outcome.account();
    assert!(account.adds_up(), "{account:?} is {}", account.sum());
    let unsent = outcome.errors.get(&ErrorClass::Unsent).copied();
    let logged = outcome.losses.first.len() as u64 + outcome.losses.left_out;
    assert_eq!(logged, outcome.failures() - unsent.unwrap_or(0));
    assert!(outcome.repeated.requests() <= outcome.in_window);
    assert!(outcome.repeated.answered <= outcome.repeated.requests());
    let due = outcome.offered.filter(|_| !outcome.interrupted);
    assert!(due.is_none_or(|offered| offered.arrivals == outcome.in_window));
}

/// Runs the load until `ended` requests have been answered or have failed in the window, or connects
/// have failed, however long a busy host takes.
pub(crate) fn offer_until(ended: u64, spec: &LoadSpec) -> Outcome {
    let stop = AtomicBool::new(false);
    let mut watch = Until {
        stop: &stop,
        more: ended,
        before: None,
    };
    let spec = LoadSpec {
        duration: LONG_ENOUGH,
        ..spec.clone()
    };
    let outcome = run(&spec, &stop, &mut watch).expect("the load can be offered");
    assert_account(&outcome);
    outcome
}

/// No test takes this long; a test that waits in vain ends after it.
const LONG_ENOUGH: Duration = Duration::from_secs(60);

struct Until<'test> {
    stop: &'test AtomicBool,
    more: u64,
    /// Number of requests that had ended when the window was first seen open.
    before: Option<u64>,
}

impl Observer for Until<'_> {
    fn progress(&mut self, progress: &Progress) {
        if progress.phase != Phase::Measuring {
            return;
        }
        let ended = progress.requests + progress.failures + progress.connect_failures;
        let before = *self.before.get_or_insert(ended);
        if ended - before >= self.more {
            self.stop.store(true, Ordering::Relaxed);
        }
    }
}
