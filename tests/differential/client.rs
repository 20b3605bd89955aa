//! The client of a case, which has a connection to itself.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::backend::{Answer, Backend};
use crate::cases::{Case, Cases};
use crate::message::{Kind, Message, Messages};
use crate::systems::Server;

/// A request after the one of the case, on the same connection. It shows where the server sees the end of
/// the first, and makes the server close the connection.
const NEXT: &str = "GET /next HTTP/1.1\r\nHost: next\r\nConnection: close\r\n\r\n";

/// A server that is silent for so long waits for more. No answer takes seconds.
const PATIENCE: Duration = Duration::from_secs(10);

/// What stands for the address of a server where it names itself, since the port is not always the same.
const ITSELF: &str = "itself";

/// What a case led to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Exchange {
    /// What the client got, without 100: whether that is sent depends on which bytes arrived when.
    pub(crate) answers: Vec<Message>,
    /// What the backend got.
    pub(crate) requests: Vec<Message>,
}

impl Exchange {
    /// Returns the same with all fields in alphabetical order, since the order of different fields has
    /// no meaning, and without the time.
    pub(crate) fn sorted(&self) -> Self {
        let sorted = |message: &Message| {
            let mut message = message.clone();
            message.fields.retain(|(name, _)| name != "date");
            message
                .fields
                .sort_by(|(one, _), (other, _)| one.cmp(other));
            message
        };
        Self {
            answers: self.answers.iter().map(sorted).collect(),
            requests: self.requests.iter().map(sorted).collect(),
        }
    }
}

/// Sends the request of a case.
pub(crate) fn send(server: &Server, cases: &Cases, case: &Case) -> Exchange {
    exchange(server, &cases.message(case))
}

/// Sends the plain request of a case, whose message is the answer of the backend.
pub(crate) fn ask(server: &Server, cases: &Cases, case: &Case) -> Exchange {
    let message = cases.message(case);
    let last = cases.part(case, "body");
    let (head, body) = message.split_at(message.len() - last.len() + head_length(last));
    if let Some(backend) = &server.backend {
        backend.script(Answer {
            head: head.to_owned(),
            body: body.to_owned(),
            closes: cases.closes(case),
        });
    }
    exchange(server, cases.part(case, "client"))
}

/// Returns the length of these bytes up to and including the first empty line.
fn head_length(text: &str) -> usize {
    let mut length = 0;
    for line in text.split_inclusive('\n') {
        length += line.len();
        if line.trim().is_empty() {
            break;
        }
    }
    length
}

fn exchange(server: &Server, request: &str) -> Exchange {
    let backend = server.backend.as_ref();
    let _earlier = backend.map(Backend::take);
    let mut answers = receive(server.address, request);
    answers.retain(|answer| answer.status() != Some(100));
    let mut requests = backend.map(Backend::take).unwrap_or_default();
    for (_, value) in requests.iter_mut().flat_map(|request| &mut request.fields) {
        *value = value.replace(&server.address.to_string(), ITSELF);
    }
    Exchange { answers, requests }
}

/// Sends a request and [`NEXT`], and returns all answers.
fn receive(server: SocketAddr, request: &str) -> Vec<Message> {
    let mut connection = TcpStream::connect(server).expect("the server listens");
    let patience = connection.set_read_timeout(Some(PATIENCE));
    patience.expect("not zero");
    // The server may refuse the beginning and close the connection.
    let _sent = connection.write_all([request, NEXT].concat().as_bytes());
    let mut kind = match request.trim_start().starts_with("HEAD ") {
        true => Kind::AnswerWithoutBody,
        false => Kind::Answer,
    };
    let mut messages = Messages::new(&connection);
    let mut answers = Vec::new();
    while let Some(answer) = messages.next(kind) {
        if answer.is_final() {
            kind = Kind::Answer;
        }
        answers.push(answer);
    }
    answers
}
