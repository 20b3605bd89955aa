//! Answers: what the fast path forwards, the slow path forwards, too.

use http::{Request, Response};
use http_body_util::BodyExt;
use httparse::Status;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

use super::super::{
    fields, plain, plain::Added, request_body::RequestBody, worker_connection::protocol,
};
use super::{Fields, run, sorted};

/// Room for a request, and for an answer of the fast path.
const ROOM: usize = 16 * 1024;

/// An answer as a client gets it.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    fields: Fields,
    body: Vec<u8>,
}

/// Asserts that the slow path forwards what the fast path forwards. Returns whether the bytes are a
/// plain answer, whose body need not be complete.
///
/// # Panics
/// If the paths do not do the same.
pub fn check(bytes: &[u8]) -> bool {
    let mut sent = Vec::new();
    let Some(left) = plain::answer(bytes, Added::default(), &mut sent) else {
        return false;
    };
    if left < ROOM {
        let rest = vec![b'x'; left];
        let bytes = [bytes, &rest].concat();
        sent.extend(rest);
        assert_eq!(run(through_hyper(&bytes)), Some(answer(&sent)));
    }
    true
}

/// Returns the answer that the slow path forwards, if these bytes are one answer.
async fn through_hyper(bytes: &[u8]) -> Option<Answer> {
    let (proxy, mut worker) = duplex(ROOM);
    let work = async {
        let _request = worker.read(&mut [0; ROOM]).await;
        let _sent = worker.write_all(bytes).await;
        drop(worker);
    };
    let exchange = async {
        let (mut requests, connection) = protocol().handshake(TokioIo::new(proxy)).await.ok()?;
        let answer = async move {
            let request = Request::new(RequestBody::empty());
            read(requests.send_request(request).await.ok()?).await
        };
        tokio::join!(answer, connection).0
    };
    tokio::join!(work, exchange).1
}

async fn read(mut response: Response<Incoming>) -> Option<Answer> {
    fields::prepare_response(&mut response).ok()?;
    let (head, body) = response.into_parts();
    let fields = head.headers.iter();
    Some(Answer {
        status: head.status.as_u16(),
        fields: sorted(fields.map(|(name, value)| (name.as_str(), value.as_bytes()))),
        body: body.collect().await.ok()?.to_bytes().to_vec(),
    })
}

/// Reads what the fast path has written.
fn answer(sent: &[u8]) -> Answer {
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut response = httparse::Response::new(&mut fields);
    let Ok(Status::Complete(head)) = response.parse(sent) else {
        panic!("the fast path has not written a whole answer")
    };
    let fields = response.headers.iter();
    Answer {
        status: response.code.expect("a status"),
        fields: sorted(fields.map(|field| (field.name, field.value))),
        body: sent[head..].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::super::seeds;
    use super::*;

    /// Lines of heads that are plain, nearly plain, and not plain.
    const LINES: [&str; 22] = [
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 404\r\n",
        "HTTP/1.1 204 No Content\r\n",
        "HTTP/1.0 200 OK\r\n",
        "HTTP/1.1 599 \u{e9}\n",
        "content-length: 5\r\n",
        "Content-Length:5\n",
        "content-length: 05\r\n",
        "content-length: +5\r\n",
        "transfer-encoding: chunked\r\n",
        "connection: x-a\r\n",
        "connection: close\r\n",
        "x-a: 1\r\n",
        "x-a:  2 \t\n",
        "x-a:\r\n",
        "x-a : 1\r\n",
        "x_a: \u{e9}\r\n",
        " folded\r\n",
        "trailer: x-a\r\n",
        "set-cookie: a=b\r\n",
        "\r\n",
        "\n",
    ];

    const DATE: &str = "date: Thu, 01 Jan 1970 00:00:00 GMT\r\n";

    proptest! {
        #[test]
        fn both_paths_forward_the_same(
            fields in prop::collection::vec(select(&LINES[5..]), 0..6),
            line in select(&LINES[..5]),
            damage in prop::option::of((any::<prop::sample::Index>(), any::<u8>())),
        ) {
            let head = [line, DATE, LINES[5], &fields.concat(), "\r\nhello"];
            let mut bytes = head.concat().into_bytes();
            if let Some((place, byte)) = damage {
                *place.get_mut(&mut bytes) = byte;
            }
            check(&bytes);
        }
    }

    #[test]
    fn seeds_match_their_names() {
        for (name, seed) in seeds("answer") {
            assert_eq!(check(&seed), name.starts_with("plain"), "{name}");
        }
    }
}
