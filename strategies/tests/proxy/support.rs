//! A proxy on its own thread, workers made of plain sockets, and a client.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use evenkeel_strategies::mechanism::proxy::engine::{ProxySpec, serve};
use evenkeel_strategies::policy::Setup;
use evenkeel_strategies::policy::round_robin::ROUND_ROBIN;
use evenkeel_strategies::{ClientLimits, ConnectionLimits, Defences};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// A time limit that is long enough for a busy machine. Only tests of timeouts use shorter ones.
pub(crate) const TIME_LIMIT: Duration = Duration::from_secs(60);

/// A running proxy. It ends when this is dropped.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Starts a proxy with round robin over these workers.
    pub(crate) fn over(upstreams: &[SocketAddr]) -> Self {
        let upstreams = upstreams.to_vec();
        Self::with(move || spec(upstreams))
    }

    pub(crate) fn with(spec: impl FnOnce() -> ProxySpec + Send + 'static) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                serve(listener, spec(), async { drop(stopped.await) }).await;
            });
        });
        Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Asks the proxy to end, without waiting for it.
    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
    }

    pub(crate) fn join(&mut self) {
        self.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stop();
        if let Some(thread) = self.thread.take() {
            // The test that fails by a panic of that thread reports it.
            let _ = thread.join();
        }
    }
}

pub(crate) fn spec(upstreams: Vec<SocketAddr>) -> ProxySpec {
    let workers = upstreams.len();
    ProxySpec {
        upstreams,
        policy: (ROUND_ROBIN.make)(&Setup::new(workers, 0)),
        header_within: None,
        client_limits: ClientLimits::default(),
        connection_limits: ConnectionLimits::default(),
        defences: Defences::default(),
        journal: None,
        connect_timeout: TIME_LIMIT,
        answer_timeout: TIME_LIMIT,
        drain_within: Duration::from_millis(100),
        room: 1000,
    }
}

/// A worker: a listener, and a function for each connection.
pub(crate) struct Worker {
    pub(crate) address: SocketAddr,
    /// Connections accepted so far.
    accepted: Arc<AtomicUsize>,
    /// Requests whose head was read so far.
    requests: Arc<AtomicUsize>,
}

impl Worker {
    pub(crate) async fn new<F, W>(on_connection: F) -> Self
    where
        F: Fn(Connection) -> W + Send + 'static,
        W: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener, on_connection)
    }

    pub(crate) fn on<F, W>(listener: TcpListener, on_connection: F) -> Self
    where
        F: Fn(Connection) -> W + Send + 'static,
        W: Future<Output = ()> + Send + 'static,
    {
        let worker = Self {
            address: listener.local_addr().unwrap(),
            accepted: Arc::default(),
            requests: Arc::default(),
        };
        let (accepted, requests) = (Arc::clone(&worker.accepted), Arc::clone(&worker.requests));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                accepted.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(on_connection(Connection {
                    stream,
                    requests: Arc::clone(&requests),
                }));
            }
        });
        worker
    }

    /// Creates a worker that answers every request with these bytes.
    pub(crate) async fn answering(answer: &'static str) -> Self {
        Self::new(move |mut connection| async move {
            while connection.read_head().await.is_some() {
                connection.write(answer).await;
            }
        })
        .await
    }

    /// Creates a worker that answers every request with this letter.
    pub(crate) async fn named(letter: char) -> Self {
        Self::new(move |mut connection| async move {
            while connection.read_head().await.is_some() {
                connection.answer(&letter.to_string()).await;
            }
        })
        .await
    }

    /// Creates a worker that answers every request with the head of the request.
    pub(crate) async fn echoing() -> Self {
        Self::new(|mut connection| async move {
            while let Some(head) = connection.read_head().await {
                connection.answer(&head).await;
            }
        })
        .await
    }

    /// Creates a worker that reads a request and closes the connection without an answer.
    pub(crate) async fn closing() -> Self {
        Self::new(|mut connection| async move {
            connection.read_head().await;
        })
        .await
    }

    /// Creates a worker that reads requests and never answers.
    pub(crate) async fn silent() -> Self {
        Self::new(|mut connection| async move { while connection.read_head().await.is_some() {} })
            .await
    }

    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

/// Returns an address on which no socket listens.
pub(crate) async fn unused_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

/// A worker's end of a connection.
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    requests: Arc<AtomicUsize>,
}

impl Connection {
    /// Reads the head of the next request. Returns `None` at the end of the connection.
    pub(crate) async fn read_head(&mut self) -> Option<String> {
        let head = read_head(&mut self.stream).await?;
        self.requests.fetch_add(1, Ordering::SeqCst);
        Some(head)
    }

    pub(crate) async fn write(&mut self, text: &str) {
        // The proxy may have closed the connection. The test decides whether that is right.
        let _ = self.stream.write_all(text.as_bytes()).await;
    }

    pub(crate) async fn answer(&mut self, body: &str) {
        let length = body.len();
        self.write(&format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}"
        ))
        .await;
    }
}

/// Reads up to and including the empty line. Returns `None` if the connection ends before.
pub(crate) async fn read_head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8(head).unwrap())
}

/// A client's connection to a proxy.
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
}

impl Client {
    pub(crate) async fn of(proxy: &Proxy) -> Self {
        Self {
            stream: TcpStream::connect(proxy.address).await.unwrap(),
        }
    }

    /// Resets the connection. A mere end could mean that the client waits for its answer.
    pub(crate) fn reset(self) {
        self.stream.set_zero_linger().unwrap();
    }

    pub(crate) async fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// Receives an answer with a `content-length`: its head and its body.
    pub(crate) async fn receive(&mut self) -> (String, String) {
        let head = read_head(&mut self.stream).await.unwrap();
        let length = length_of(&head).unwrap_or(0);
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await.unwrap();
        (head, String::from_utf8(body).unwrap())
    }

    /// Sends a GET, and returns the body of the answer. The connection stays open.
    pub(crate) async fn get(&mut self, path: &str) -> String {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: h\r\n\r\n"))
            .await;
        self.receive().await.1
    }
}

/// Returns the `content-length` in a head.
pub(crate) fn length_of(head: &str) -> Option<usize> {
    value_of(head, "content-length").map(|length| length.parse().unwrap())
}

/// Returns the value of a field in a head. Give the name in lower case.
pub(crate) fn value_of<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// Sends these bytes, and returns all bytes of the proxy up to the end of the connection.
pub(crate) async fn exchange(proxy: &Proxy, text: &str) -> String {
    let mut client = Client::of(proxy).await;
    client.send(text).await;
    let mut answer = String::new();
    client.stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Waits until a condition is true.
pub(crate) async fn until(mut condition: impl FnMut() -> bool) {
    while !condition() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
