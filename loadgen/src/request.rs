//! Requests, prepared once.

use std::sync::Arc;

use crate::spec::SpecError;
use crate::work::{Draw, Kind, Work};

/// What each request says.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestSpec {
    /// The method, such as `GET`.
    pub method: String,
    /// Header fields besides those that the generator writes itself (`host`
    /// may be given here to replace its own).
    pub headers: Vec<(String, String)>,
    /// The body; empty sends none.
    pub body: Vec<u8>,
    /// What requests cost, which makes their target.
    pub work: Work,
}

impl Default for RequestSpec {
    /// `GET /` without a body.
    fn default() -> Self {
        Self {
            method: "GET".to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            work: Work::Target("/".to_owned()),
        }
    }
}

/// Fields that frame the request: a second opinion on them would break it.
const OWN_FIELDS: [&str; 3] = ["connection", "content-length", "transfer-encoding"];

impl RequestSpec {
    pub(crate) fn validate(&self, authority: &str) -> Result<(), SpecError> {
        let unsendable = |part, text: &str, remedy| SpecError::Unsendable {
            part,
            text: text.to_owned(),
            remedy,
        };
        if let Some(method) = self.methods().find(|method| !is_method(method)) {
            let remedy = "a method is letters and digits, such as GET, and CONNECT is for proxies";
            return Err(unsendable("method", method, remedy));
        }
        if authority.is_empty() || !authority.bytes().all(|byte| byte.is_ascii_graphic()) {
            let remedy = "it must be HOST or HOST:PORT";
            return Err(unsendable("authority", authority, remedy));
        }
        for (name, value) in &self.headers {
            if !is_token(name) {
                let remedy = "a field name is letters, digits and hyphens";
                return Err(unsendable("field name", name, remedy));
            }
            if OWN_FIELDS.iter().any(|own| name.eq_ignore_ascii_case(own)) {
                let remedy = "the generator writes this field itself; leave it out";
                return Err(unsendable("field", name, remedy));
            }
            if value
                .bytes()
                .any(|byte| byte.is_ascii_control() && byte != b'\t')
            {
                let remedy = "a field value holds no line breaks or control characters";
                return Err(unsendable("field value", value, remedy));
            }
        }
        self.work.validate()
    }

    fn methods(&self) -> impl Iterator<Item = &String> {
        let targets = match &self.work {
            Work::Targets(targets) => targets.as_slice(),
            Work::Target(_) | Work::Mix(_) => &[],
        };
        let own = targets.iter().filter_map(|target| target.method.as_ref());
        std::iter::once(&self.method).chain(own)
    }
}

/// Whether requests of this method can be sent. After CONNECT, a connection
/// would no longer speak HTTP.
fn is_method(text: &str) -> bool {
    is_token(text) && text != "CONNECT"
}

/// A token as of RFC 9110, section 5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(crate::http1::is_token_byte)
}

/// The digits of the number field: see [`MOST_US`](crate::cost::MOST_US).
const DIGITS: usize = 10;

/// The bytes of every request that one thread sends. A request differs from
/// the next in its head (one per kind of work or target, with and without
/// `connection: close`) and in a number of fixed width inside, which is
/// patched in place: nothing is built or moved per request.
#[derive(Debug)]
pub(crate) struct Prepared {
    requests: Vec<Request>,
}

#[derive(Debug)]
struct Request {
    head: Vec<u8>,
    /// Where the number stands; `None` for a target that has none.
    number_at: Option<usize>,
    body: Arc<[u8]>,
    /// Its answer has no body.
    asks_for_head: bool,
}

/// What is prepared into two requests: one that keeps the connection, and one
/// that closes it.
struct Draft<'spec> {
    method: &'spec str,
    target: String,
    numbered: bool,
    body: Arc<[u8]>,
}

impl Prepared {
    pub(crate) fn new(spec: &RequestSpec, authority: &str) -> Self {
        let requests = drafts(spec)
            .iter()
            .flat_map(|draft| {
                [false, true].map(|close| draft.prepare(&spec.headers, authority, close))
            })
            .collect();
        Self { requests }
    }

    /// The head of a request and its body, for this draw; `last` asks the
    /// server to close afterwards.
    pub(crate) fn bytes(&mut self, draw: Draw, last: bool) -> (&[u8], &[u8]) {
        let request = &mut self.requests[usize::from(draw.request) * 2 + usize::from(last)];
        if let Some(at) = request.number_at {
            write_digits(&mut request.head[at..at + DIGITS], draw.us);
        }
        (&request.head, &request.body)
    }

    /// Whether it is a HEAD request, whose answer has no body.
    pub(crate) fn asks_for_head(&self, draw: Draw) -> bool {
        self.requests[usize::from(draw.request) * 2].asks_for_head
    }

    /// The first line of such a request: for messages.
    pub(crate) fn request_line(&mut self, draw: Draw) -> String {
        let (head, _) = self.bytes(draw, false);
        let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
        line.escape_ascii().to_string()
    }

    /// The most bytes that one request can have.
    pub(crate) fn longest(&self) -> usize {
        let lengths = self.requests.iter();
        let lengths = lengths.map(|request| request.head.len() + request.body.len());
        lengths.max().unwrap_or(0)
    }
}

/// One draft for each request that can be drawn.
fn drafts(spec: &RequestSpec) -> Vec<Draft<'_>> {
    let body: Arc<[u8]> = spec.body.as_slice().into();
    let draft = |target: &str, numbered| Draft {
        method: &spec.method,
        target: target.to_owned(),
        numbered,
        body: body.clone(),
    };
    match &spec.work {
        Work::Target(target) => vec![draft(target, false)],
        Work::Mix(_) => Kind::ALL
            .iter()
            .map(|kind| draft(&format!("/{}/", kind.name()), true))
            .collect(),
        Work::Targets(parts) => parts
            .iter()
            .map(|part| Draft {
                method: part.method.as_ref().unwrap_or(&spec.method),
                body: part.body.as_deref().map_or_else(|| body.clone(), Arc::from),
                ..draft(&part.target, false)
            })
            .collect(),
    }
}

impl Draft<'_> {
    fn prepare(&self, headers: &[(String, String)], authority: &str, close: bool) -> Request {
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
        if announces_length(self.method, &self.body) {
            field("content-length", &self.body.len().to_string());
        }
        if close {
            field("connection", "close");
        }
        text.push_str("\r\n");
        Request {
            head: text.into_bytes(),
            number_at,
            body: self.body.clone(),
            asks_for_head: self.method == "HEAD",
        }
    }
}

/// A user agent gives a length also for an empty body where the method
/// suggests one (RFC 9110, section 8.6).
fn announces_length(method: &str, body: &[u8]) -> bool {
    !body.is_empty() || ["POST", "PUT", "PATCH"].contains(&method)
}

fn write_digits(field: &mut [u8], mut number: u64) {
    for digit in field.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::work::TargetPart;

    fn text(prepared: &mut Prepared, draw: Draw, last: bool) -> String {
        let (head, body) = prepared.bytes(draw, last);
        String::from_utf8([head, body].concat()).expect("requests are text here")
    }

    #[test]
    fn a_plain_request_is_a_line_and_a_host() {
        let mut prepared = Prepared::new(&RequestSpec::default(), "here:80");
        let sent = text(&mut prepared, Draw::default(), false);
        assert_eq!(sent, "GET / HTTP/1.1\r\nhost: here:80\r\n\r\n");
    }

    #[test]
    fn the_last_request_on_a_connection_says_close() {
        let mut prepared = Prepared::new(&RequestSpec::default(), "here");
        let sent = text(&mut prepared, Draw::default(), true);
        assert_eq!(
            sent,
            "GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n"
        );
    }

    #[test]
    fn the_cost_is_written_into_the_target_with_leading_zeros() {
        let spec = RequestSpec {
            work: Work::fixed(Kind::Block, 0.0),
            ..RequestSpec::default()
        };
        let mut prepared = Prepared::new(&spec, "here");
        for (us, target) in [
            (1_000, "/block/0000001000"),
            (9_999_999_999, "/block/9999999999"),
        ] {
            let sent = text(
                &mut prepared,
                Draw {
                    request: Kind::Block as u16,
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
        let mut prepared = Prepared::new(&spec, "here");
        assert_eq!(
            text(&mut prepared, Draw::default(), false),
            "POST /echo HTTP/1.1\r\nHost: other\r\nx-a: b\r\ncontent-length: 5\r\n\r\nhello"
        );
    }

    #[test]
    fn each_target_has_its_method_and_body_or_those_of_all() {
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
        let mut prepared = Prepared::new(&spec, "here");
        for (request, start, end, asks_for_head) in [
            (0, "GET /t", "\r\n\r\n", false),
            (1, "PUT /t", "content-length: 4\r\n\r\nmine", false),
            (2, "HEAD /t", "\r\n\r\n", true),
        ] {
            let draw = Draw { request, us: 0 };
            let sent = text(&mut prepared, draw, false);
            assert!(sent.starts_with(start) && sent.ends_with(end), "{sent}");
            assert_eq!(prepared.asks_for_head(draw), asks_for_head);
        }
    }

    #[test]
    fn what_would_break_the_framing_is_refused() {
        let with = |name: &str, value: &str| RequestSpec {
            headers: vec![(name.into(), value.into())],
            ..RequestSpec::default()
        };
        for spec in [
            with("content-length", "3"),
            with("Connection", "close"),
            with("a b", "c"),
            with("a", "b\r\nc: d"),
            RequestSpec {
                method: "GE T".into(),
                ..RequestSpec::default()
            },
            RequestSpec {
                method: "CONNECT".into(),
                ..RequestSpec::default()
            },
            RequestSpec {
                work: Work::Target("no-slash".into()),
                ..RequestSpec::default()
            },
            RequestSpec {
                work: Work::Target("/a b".into()),
                ..RequestSpec::default()
            },
        ] {
            assert!(spec.validate("here").is_err(), "{spec:?}");
        }
        assert!(RequestSpec::default().validate("").is_err());
        assert!(with("accept", "*/*").validate("here").is_ok());
    }
}
