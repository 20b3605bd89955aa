//! Requests: what the fast path forwards, the slow path forwards, too.

use std::cell::RefCell;
use std::convert::Infallible;

use http::{HeaderValue, Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{join, sink};

use super::super::{fields, plain, response_body::ResponseBody};
use super::{Fields, run, sorted};

/// The address of the client.
const CLIENT: &str = "192.0.2.7";

/// A head as a worker gets it: method, target, and fields in alphabetical order.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    method: String,
    target: String,
    fields: Fields,
}

/// Asserts that the slow path forwards what the fast path forwards. Returns whether the bytes begin with
/// a plain request.
///
/// # Panics
/// If the paths do not do the same.
pub fn check(bytes: &[u8]) -> bool {
    let mut sent = Vec::new();
    let Some(length) = plain::request(bytes, CLIENT, &mut sent) else {
        return false;
    };
    assert_eq!(through_hyper(&bytes[..length - 1]), None, "it ends earlier");
    assert_eq!(through_hyper(&bytes[..length]), Some(head(&sent)));
    true
}

/// Returns the head that the slow path forwards to a worker, if these bytes are one request.
fn through_hyper(bytes: &[u8]) -> Option<Head> {
    let head = RefCell::new(None);
    let service = service_fn(async |mut request: Request<Incoming>| {
        let client = HeaderValue::from_static(CLIENT);
        let prepared = fields::prepare_request(&mut request, &client, &client);
        *head.borrow_mut() = prepared.ok().map(|_named| Head::of(&request));
        Ok::<_, Infallible>(Response::new(ResponseBody::Own(None)))
    });
    let connection = TokioIo::new(join(bytes, sink()));
    let mut protocol = http1::Builder::new();
    // The end of the bytes must not end the request before it is handled.
    protocol.half_close(true);
    // It ends with the bytes. How does not matter here.
    let _ended = run(protocol.serve_connection(connection, service));
    head.into_inner()
}

/// Reads what the fast path has written.
fn head(sent: &[u8]) -> Head {
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut fields);
    let read = request.parse(sent);
    assert_eq!(read, Ok(httparse::Status::Complete(sent.len())));
    let fields = request.headers.iter();
    Head::new(
        request.method.unwrap_or_default(),
        request.path.unwrap_or_default(),
        fields.map(|field| (field.name, field.value)),
    )
}

impl Head {
    fn of<B>(request: &Request<B>) -> Self {
        let fields = request.headers().iter();
        let fields = fields.map(|(name, value)| (name.as_str(), value.as_bytes()));
        Self::new(
            request.method().as_str(),
            &request.uri().to_string(),
            fields,
        )
    }

    fn new<'a>(
        method: &str,
        target: &str,
        fields: impl Iterator<Item = (&'a str, &'a [u8])>,
    ) -> Self {
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            fields: sorted(fields),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::super::seeds;
    use super::*;

    /// Lines of heads that are plain, nearly plain, and not plain.
    const LINES: [&str; 24] = [
        "GET / HTTP/1.1\r\n",
        "GET /a?b=c&d=%20 HTTP/1.1\r\n",
        "GET http://h/ HTTP/1.1\r\n",
        "GET //a HTTP/1.1\n",
        "HEAD / HTTP/1.1\r\n",
        "GET / HTTP/1.0\r\n",
        "Host: h\r\n",
        "Host: H:80\r\n",
        "host:h i\r\n",
        "Host: u@h\r\n",
        "Accept: */*\r\n",
        "Cookie: a=b\r\n",
        "X-A: 1\n",
        "X-A:  2 \t\r\n",
        "X-A:\r\n",
        "x_a: \u{e9}\r\n",
        "X-A : 1\r\n",
        " folded\r\n",
        "Connection: keep-alive\r\n",
        "Connection: x-a\r\n",
        "Content-Length: 0\r\n",
        "Transfer-Encoding: chunked\r\n",
        "\r\n",
        "\n",
    ];

    proptest! {
        #[test]
        fn both_paths_forward_the_same(
            fields in prop::collection::vec(select(&LINES[6..]), 0..6),
            line in select(&LINES[..6]),
            damage in prop::option::of((any::<prop::sample::Index>(), any::<u8>())),
        ) {
            let mut bytes = [line, "Host: h\r\n", &fields.concat(), "\r\n"].concat().into_bytes();
            if let Some((place, byte)) = damage {
                *place.get_mut(&mut bytes) = byte;
            }
            check(&bytes);
        }
    }

    #[test]
    fn seeds_match_their_names() {
        for (name, seed) in seeds("request") {
            assert_eq!(check(&seed), name.starts_with("plain"), "{name}");
        }
    }
}
