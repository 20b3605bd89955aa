//! The server behind a proxy: it remembers requests, and answers as the case requests.

use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::message::{Kind, Message, Messages};

/// The head of the usual answer. With a date, the fast path of our proxy forwards it.
const USUAL: &str =
    "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 2\r\n\r\n";

/// The target whose answer is scripted.
const SCRIPTED: &str = " /answer ";

/// Bytes that the backend sends as an answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) head: String,
    /// Not sent if the request is HEAD.
    pub(crate) body: String,
    /// Whether the connection closes after it.
    pub(crate) closes: bool,
}

/// What all connections of a backend share.
struct Shared {
    seen: Vec<Message>,
    usual: Answer,
    script: Option<Answer>,
}

/// A running backend. Its threads end with the test.
pub(crate) struct Backend {
    pub(crate) address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

impl Backend {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let usual = Answer {
            head: USUAL.into(),
            body: "ok".into(),
            closes: false,
        };
        let shared = Arc::new(Mutex::new(Shared {
            seen: Vec::new(),
            usual,
            script: None,
        }));
        let all = Arc::clone(&shared);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let shared = Arc::clone(&all);
                thread::spawn(move || serve(&connection, &shared));
            }
        });
        Self { address, shared }
    }

    /// Sets the answer to `/answer`.
    pub(crate) fn script(&self, answer: Answer) {
        self.shared.lock().expect("no panic").script = Some(answer);
    }

    /// Returns the requests since the last call that have arrived to their ends.
    pub(crate) fn take(&self) -> Vec<Message> {
        std::mem::take(&mut self.shared.lock().expect("no panic").seen)
    }
}

fn serve(connection: &TcpStream, shared: &Mutex<Shared>) {
    let mut requests = Messages::new(connection);
    while let Some(request) = requests.next(Kind::Request).filter(|it| it.is_whole) {
        let wants_body = !request.start.starts_with("HEAD ");
        let is_last = request
            .value("connection")
            .is_some_and(|it| it.contains("close"));
        let answer = shared.lock().expect("no panic").answer(request);
        let mut bytes = answer.head;
        if wants_body {
            bytes.push_str(&answer.body);
        }
        if (&*connection).write_all(bytes.as_bytes()).is_err() {
            return;
        }
        if answer.closes || is_last {
            // What arrives from now on must not reset the connection, and the answer with it.
            let _gone = connection.shutdown(Shutdown::Write);
            let _rest = requests.next(Kind::Request);
            return;
        }
    }
}

impl Shared {
    fn answer(&mut self, request: Message) -> Answer {
        let script = self.script.as_ref();
        let script = script.filter(|_| request.start.contains(SCRIPTED));
        self.seen.push(request);
        script.unwrap_or(&self.usual).clone()
    }
}
