//! The bytes of requests, prepared once per thread.

use std::sync::Arc;

use crate::arrival::Draw;
use crate::spec::{RequestSpec, Work, WorkKind};
use crate::websocket::{KEY, MASK, text_frame};

/// Width of the number field: the digits of the highest cost.
const DIGITS: usize = 10;

/// Methods whose effect is the same if a request arrives twice (RFC 9110, section 9.2.2).
const IDEMPOTENT: [&str; 6] = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"];

/// The bytes of every request that one thread sends. Requests differ in their head (one for each kind
/// of work or target, with and without `connection: close`) and in a number of fixed width in it,
/// which is patched in place: nothing is built or moved for a request.
pub(crate) struct PreparedRequests {
    requests: Vec<PreparedRequest>,
}

struct PreparedRequest {
    head: Vec<u8>,
    /// Position of the number; `None` for a target without one.
    number_at: Option<usize>,
    /// What its digits are masked with: nothing in HTTP, the mask of a message.
    mask: u8,
    body: Arc<[u8]>,
    /// Its method is HEAD, so its answer has no body.
    is_head: bool,
    /// Its method has the same effect if it is sent twice.
    is_idempotent: bool,
}

/// The source of two prepared requests: one that keeps the connection, and one that closes it.
struct RequestTemplate<'spec> {
    method: &'spec str,
    target: String,
    numbered: bool,
    body: Arc<[u8]>,
}

impl PreparedRequests {
    pub(crate) fn new(spec: &RequestSpec, authority: &str) -> Self {
        let requests = templates(spec)
            .iter()
            .flat_map(|template| {
                [false, true].map(|close| template.prepare(&spec.headers, authority, close))
            })
            .collect();
        Self { requests }
    }

    /// Prepares messages of WebSockets. Their text is what would be the target of a request.
    pub(crate) fn messages(spec: &RequestSpec) -> Self {
        let templates = templates(spec);
        let requests = templates.iter().flat_map(|template| {
            // The last message on a connection says nothing about it: a close frame follows.
            [(); 2].map(|()| template.prepare_message())
        });
        Self {
            requests: requests.collect(),
        }
    }

    /// Returns head and body of a request. With `last` it asks the server to close the connection.
    pub(crate) fn bytes(&mut self, draw: Draw, last: bool) -> (&[u8], &[u8]) {
        let request = &mut self.requests[usize::from(draw.request) * 2 + usize::from(last)];
        if let Some(at) = request.number_at {
            write_digits(&mut request.head[at..at + DIGITS], draw.us, request.mask);
        }
        (&request.head, &request.body)
    }

    /// Whether it is a HEAD request, whose answer has no body.
    pub(crate) fn is_head(&self, draw: Draw) -> bool {
        self.requests[usize::from(draw.request) * 2].is_head
    }

    /// Whether a request may be sent again without being asked for (RFC 9110, section 9.2.2).
    pub(crate) fn is_idempotent(&self, draw: Draw) -> bool {
        self.requests[usize::from(draw.request) * 2].is_idempotent
    }

    /// Returns the request line, for messages.
    pub(crate) fn request_line(&mut self, draw: Draw) -> String {
        let (head, _) = self.bytes(draw, false);
        let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
        line.escape_ascii().to_string()
    }

    /// Length of the longest request, in bytes.
    pub(crate) fn max_length(&self) -> usize {
        let lengths = self.requests.iter();
        let lengths = lengths.map(|request| request.head.len() + request.body.len());
        lengths.max().unwrap_or(0)
    }
}

/// Returns a template for each request that can be drawn.
fn templates(spec: &RequestSpec) -> Vec<RequestTemplate<'_>> {
    let body: Arc<[u8]> = spec.body.as_slice().into();
    let template = |target: &str, numbered| RequestTemplate {
        method: &spec.method,
        target: target.to_owned(),
        numbered,
        body: body.clone(),
    };
    match &spec.work {
        Work::Target(target) => vec![template(target, false)],
        Work::Mix(_) => WorkKind::ALL
            .iter()
            .map(|kind| template(&format!("/{}/", kind.name()), true))
            .collect(),
        Work::Targets(parts) => parts
            .iter()
            .map(|part| RequestTemplate {
                method: part.method.as_ref().unwrap_or(&spec.method),
                body: part.body.as_deref().map_or_else(|| body.clone(), Arc::from),
                ..template(&part.target, false)
            })
            .collect(),
    }
}

impl RequestTemplate<'_> {
    fn prepare(
        &self,
        headers: &[(String, String)],
        authority: &str,
        close: bool,
    ) -> PreparedRequest {
        let mut text = format!("{} {}", self.method, self.target);
        let number_at = self.numbered.then_some(text.len());
        if self.numbered {
            text.push_str(&"0".repeat(DIGITS));
        }
        text.push_str(" HTTP/1.1\r\n");
        let mut field = |name: &str, value: &str| {
            text.push_str(&format!("{name}: {value}\r\n"));
        };
        let mut names = headers.iter().map(|(name, _)| name);
        if !names.any(|name| name.eq_ignore_ascii_case("host")) {
            field("host", authority);
        }
        for (name, value) in headers {
            field(name, value);
        }
        if has_length(self.method, &self.body) {
            field("content-length", &self.body.len().to_string());
        }
        if close {
            field("connection", "close");
        }
        text.push_str("\r\n");
        PreparedRequest {
            head: text.into_bytes(),
            number_at,
            mask: 0,
            body: self.body.clone(),
            is_head: self.method == "HEAD",
            is_idempotent: IDEMPOTENT.contains(&self.method),
        }
    }

    fn prepare_message(&self) -> PreparedRequest {
        let digits = if self.numbered { DIGITS } else { 0 };
        let text = self.target.clone() + &"0".repeat(digits);
        let (head, start) = text_frame(text.as_bytes());
        PreparedRequest {
            head,
            number_at: self.numbered.then_some(start + self.target.len()),
            mask: MASK,
            body: Arc::default(),
            is_head: false,
            is_idempotent: IDEMPOTENT.contains(&self.method),
        }
    }
}

/// Returns the request for a WebSocket at this target (RFC 6455, section 4.1).
pub(crate) fn upgrade_request(spec: &RequestSpec, target: &str, authority: &str) -> Vec<u8> {
    let template = RequestTemplate {
        method: "GET",
        target: target.to_owned(),
        numbered: false,
        body: Arc::default(),
    };
    let own = [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", KEY),
    ];
    let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let headers = [&spec.headers[..], &own].concat();
    template.prepare(&headers, authority, false).head
}

/// Whether a request has a content length: also for an empty body, if its method implies a body
/// (RFC 9110, section 8.6).
fn has_length(method: &str, body: &[u8]) -> bool {
    !body.is_empty() || ["POST", "PUT", "PATCH"].contains(&method)
}

fn write_digits(field: &mut [u8], mut number: u64, mask: u8) {
    for digit in field.iter_mut().rev() {
        *digit = (b'0' + (number % 10) as u8) ^ mask;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::TargetPart;

    fn text(prepared: &mut PreparedRequests, draw: Draw, last: bool) -> String {
        let (head, body) = prepared.bytes(draw, last);
        String::from_utf8([head, body].concat()).expect("requests are text here")
    }

    #[test]
    fn a_plain_request_has_a_request_line_and_a_host() {
        let mut prepared = PreparedRequests::new(&RequestSpec::default(), "here:80");
        let sent = text(&mut prepared, Draw::default(), false);
        assert_eq!(sent, "GET / HTTP/1.1\r\nhost: here:80\r\n\r\n");
    }

    #[test]
    fn a_message_is_a_masked_frame_with_the_target_as_its_text() {
        let spec = RequestSpec {
            work: Work::fixed(WorkKind::Spin, 0.0),
            ..RequestSpec::default()
        };
        let mut prepared = PreparedRequests::messages(&spec);
        for us in [1, 50] {
            let draw = Draw { request: 0, us };
            let expected = text_frame(format!("/spin/{us:010}").as_bytes()).0;
            for last in [false, true] {
                assert_eq!(prepared.bytes(draw, last), (&expected[..], &[][..]));
            }
        }
    }

    #[test]
    fn a_websocket_is_requested_with_the_fields_of_the_protocol() {
        let request = upgrade_request(&RequestSpec::default(), "/chat", "here");
        let text = String::from_utf8(request).expect("requests are text");
        let fields = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n";
        let start = format!("GET /chat HTTP/1.1\r\nhost: here\r\n{fields}sec-websocket-key: ");
        assert!(
            text.starts_with(&start) && text.ends_with("\r\n\r\n"),
            "{text}"
        );
    }

    #[test]
    fn the_last_request_on_a_connection_asks_to_close() {
        let mut prepared = PreparedRequests::new(&RequestSpec::default(), "here");
        let sent = text(&mut prepared, Draw::default(), true);
        assert_eq!(
            sent,
            "GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n"
        );
    }

    #[test]
    fn the_cost_is_written_into_the_target_with_leading_zeros() {
        let spec = RequestSpec {
            work: Work::fixed(WorkKind::Block, 0.0),
            ..RequestSpec::default()
        };
        let mut prepared = PreparedRequests::new(&spec, "here");
        for (us, target) in [
            (1_000, "/block/0000001000"),
            (9_999_999_999, "/block/9999999999"),
        ] {
            let sent = text(
                &mut prepared,
                Draw {
                    request: WorkKind::Block as u16,
                    us,
                },
                false,
            );
            assert!(
                sent.starts_with(&format!("GET {target} HTTP/1.1\r\n")),
                "{sent}"
            );
        }
    }

    #[test]
    fn a_body_follows_with_its_length_and_fields_are_kept() {
        let spec = RequestSpec {
            method: "POST".to_owned(),
            headers: vec![("Host".into(), "other".into()), ("x-a".into(), "b".into())],
            body: b"hello".to_vec(),
            work: Work::Target("/echo".to_owned()),
        };
        let mut prepared = PreparedRequests::new(&spec, "here");
        assert_eq!(
            text(&mut prepared, Draw::default(), false),
            "POST /echo HTTP/1.1\r\nHost: other\r\nx-a: b\r\ncontent-length: 5\r\n\r\nhello"
        );
    }

    #[test]
    fn each_target_has_its_own_method_and_body_or_the_common_ones() {
        let part = |method: Option<&str>, body: Option<&str>| TargetPart {
            weight: 1.0,
            method: method.map(str::to_owned),
            target: "/t".to_owned(),
            body: body.map(|body| body.as_bytes().to_vec()),
        };
        let spec = RequestSpec {
            work: Work::Targets(vec![
                part(None, None),
                part(Some("PUT"), Some("mine")),
                part(Some("HEAD"), None),
            ]),
            ..RequestSpec::default()
        };
        let mut prepared = PreparedRequests::new(&spec, "here");
        for (request, start, end, is_head) in [
            (0, "GET /t", "\r\n\r\n", false),
            (1, "PUT /t", "content-length: 4\r\n\r\nmine", false),
            (2, "HEAD /t", "\r\n\r\n", true),
        ] {
            let draw = Draw { request, us: 0 };
            let sent = text(&mut prepared, draw, false);
            assert!(sent.starts_with(start) && sent.ends_with(end), "{sent}");
            assert_eq!(prepared.is_head(draw), is_head);
            assert!(prepared.is_idempotent(draw));
        }
    }
}
