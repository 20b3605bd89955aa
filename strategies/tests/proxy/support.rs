//! A proxy on a thread of its own, workers made of plain sockets, and a client.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use evenkeel_strategies::mechanism::proxy::engine::{ProxySpec, serve};
use evenkeel_strategies::policy::Setup;
use evenkeel_strategies::policy::round_robin::ROUND_ROBIN;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// Long enough for a loaded machine, so that only a test about timeouts runs into it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A running proxy; it ends when this is dropped.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Proxy {
    /// Round-robin over these workers.
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

    /// Asks it to end, without waiting for it.
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
            // A panic on that thread is told of by the test that it made fail.
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
        connect_timeout: PATIENCE,
        answer_timeout: PATIENCE,
        drain_within: Duration::from_millis(100),
        room: 1000,
    }
}

/// A worker made of a listener and what it does with each connection.
pub(crate) struct Worker {
    pub(crate) address: SocketAddr,
    /// Connections taken in so far.
    accepted: Arc<AtomicUsize>,
    /// Requests whose head was read so far, where the connections [count](Self::counting) them.
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

    /// Answers every request with these bytes.
    pub(crate) async fn saying(answer: &'static str) -> Self {
        Self::new(move |mut connection| async move {
            while connection.read_head().await.is_some() {
                connection.write(answer).await;
            }
        })
        .await
    }

    /// Answers every request with a body of this one letter.
    pub(crate) async fn named(letter: char) -> Self {
        Self::new(move |mut connection| async move {
            while connection.read_head().await.is_some() {
                connection.answer(&letter.to_string()).await;
            }
        })
        .await
    }

    /// Answers every request with the head of that request.
    pub(crate) async fn echoing() -> Self {
        Self::new(|mut connection| async move {
            while let Some(head) = connection.read_head().await {
                connection.answer(&head).await;
            }
        })
        .await
    }

    /// Reads a request and closes the connection without a word.
    pub(crate) async fn dying() -> Self {
        Self::new(|mut connection| async move {
            connection.read_head().await;
        })
        .await
    }

    /// Reads requests and never answers.
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

/// A port on which nobody listens.
pub(crate) async fn nobody() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap()
}

/// A worker's end of a connection.
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
    requests: Arc<AtomicUsize>,
}

impl Connection {
    /// The head of the next request, or `None` at the end of the connection.
    pub(crate) async fn read_head(&mut self) -> Option<String> {
        let head = read_head(&mut self.stream).await?;
        self.requests.fetch_add(1, Ordering::SeqCst);
        Some(head)
    }

    pub(crate) async fn write(&mut self, text: &str) {
        // The proxy may have lost interest, which is for the test to say.
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

/// Up to and with the empty line, or `None` if the connection ends before.
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

    pub(crate) async fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).await.unwrap();
    }

    /// The head of an answer and its body, whose length the head tells.
    pub(crate) async fn receive(&mut self) -> (String, String) {
        let head = read_head(&mut self.stream).await.unwrap();
        let length = length_of(&head).unwrap_or(0);
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await.unwrap();
        (head, String::from_utf8(body).unwrap())
    }

    /// The body of the answer to a GET, on a connection that stays.
    pub(crate) async fn get(&mut self, path: &str) -> String {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: h\r\n\r\n"))
            .await;
        self.receive().await.1
    }
}

/// The value of a field `content-length` in a head.
pub(crate) fn length_of(head: &str) -> Option<usize> {
    value_of(head, "content-length").map(|length| length.parse().unwrap())
}

/// The value of a field in a head, by its name in small letters.
pub(crate) fn value_of<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// All that the proxy answers to these bytes, up to the end of the connection.
pub(crate) async fn exchange(proxy: &Proxy, text: &str) -> String {
    let mut client = Client::of(proxy).await;
    client.send(text).await;
    let mut answer = String::new();
    client.stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// Waits for something that is bound to come true.
pub(crate) async fn until(mut come_true: impl FnMut() -> bool) {
    while !come_true() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
