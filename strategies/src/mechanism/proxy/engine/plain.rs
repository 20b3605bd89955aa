//! Plain messages: their heads are rewritten from bytes to bytes.
//!
//! A plain request is a GET without a body. A plain answer has a length.
//! Neither has a field that needs special treatment. [`fields`](super::fields) handles such
//! fields; its rules for all other fields hold here too.

use std::io::Write;

use httparse::{EMPTY_HEADER, Header, Request, Response, Status};

use super::affinity::WorkerCookie;
use crate::http1::host;

/// Maximum number of fields of a plain message. Browsers send about twenty.
const FIELDS: usize = 32;

/// Fields that describe a connection or the path of a message, or that the proxy replaces. A
/// message that has one of them is not plain.
const NOT_PLAIN: [&str; 19] = [
    "keep-alive",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "trailer",
    "upgrade",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-authentication-info",
    "expect",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-real-ip",
    "via",
    "http2-settings",
    "connection",
    "content-length",
];

/// Writes the request at the start of `bytes` to `out`, as it is sent to a worker. Returns the
/// length of the request in `bytes`, or `None` if it is not plain or not complete.
pub(super) fn request(bytes: &[u8], client: &str, out: &mut Vec<u8>) -> Option<usize> {
    let mut fields = [EMPTY_HEADER; FIELDS];
    let mut request = Request::new(&mut fields);
    let Ok(Status::Complete(length)) = request.parse(bytes) else {
        return None;
    };
    let target = request.path.filter(|target| is_plain_target(target))?;
    if request.method != Some("GET") || request.version != Some(1) {
        return None;
    }
    let mut host = None;
    out.clear();
    push(out, &["GET ", target, " HTTP/1.1\r\n"]);
    for field in &*request.headers {
        if is(field, "connection") && field.value.eq_ignore_ascii_case(b"keep-alive") {
            continue;
        }
        if is(field, "host") && host.replace(field.value).is_some() || !is_plain(field) {
            return None;
        }
        push_field(out, field);
    }
    push(
        out,
        &["x-forwarded-for: ", client, "\r\nx-real-ip: ", client],
    );
    push(out, &["\r\nx-forwarded-proto: http\r\nx-forwarded-host: "]);
    out.extend_from_slice(host.filter(|host| host::is_valid(host))?);
    push(out, &["\r\nvia: 1.1 evenkeel\r\n\r\n"]);
    Some(length)
}

/// Fields that the proxy adds to an answer.
#[derive(Clone, Copy, Default)]
pub(super) struct Added {
    /// Whether it is the last answer on its connection.
    pub(super) last: bool,
    pub(super) cookie: Option<WorkerCookie>,
}

/// Writes the answer in `bytes` to `out`, as it is sent to the client. Returns how many bytes of its body are
/// not in `bytes`, or `None` if it is not plain, its head is not complete, or its body is too long.
pub(super) fn answer(bytes: &[u8], added: Added, out: &mut Vec<u8>) -> Option<usize> {
    let (head, length) = answer_head(bytes, added, out)?;
    let body = &bytes[head..];
    out.extend_from_slice(body);
    length.checked_sub(body.len())
}

/// Whether the answer in `bytes` has failed: its status is from 500 to 599.
pub(super) fn has_failed(bytes: &[u8]) -> bool {
    bytes.starts_with(b"HTTP/1.1 5")
}

/// Writes the head of an answer, and returns the lengths of the head and of the announced body.
fn answer_head(bytes: &[u8], added: Added, out: &mut Vec<u8>) -> Option<(usize, usize)> {
    let mut fields = [EMPTY_HEADER; FIELDS];
    let mut response = Response::new(&mut fields);
    let Ok(Status::Complete(head)) = response.parse(bytes) else {
        return None;
    };
    let status = response.code.filter(|status| has_body(*status))?;
    if response.version != Some(1) {
        return None;
    }
    out.clear();
    let digits = [100, 10, 1].map(|place| b'0' + (status / place % 10) as u8);
    out.extend_from_slice(b"HTTP/1.1 ");
    out.extend_from_slice(&digits);
    push(out, &[" ", response.reason.unwrap_or_default(), "\r\n"]);
    let (mut length, mut dated) = (None, false);
    for field in &*response.headers {
        if is(field, "content-length") {
            if length.replace(number(field.value)?).is_some() {
                return None;
            }
        } else if !is_plain(field) {
            return None;
        }
        dated |= is(field, "date");
        push_field(out, field);
    }
    added.write(out);
    // An answer without a date takes the slow path, which adds one.
    length.filter(|_| dated).map(|length| (head, length))
}

impl Added {
    /// Writes these fields, and the end of the head.
    fn write(self, out: &mut Vec<u8>) {
        push(out, &["via: 1.1 evenkeel\r\n"]);
        if self.last {
            push(out, &["connection: close\r\n"]);
        }
        if let Some(cookie) = self.cookie {
            // Writing to memory cannot fail.
            let _ = write!(out, "set-cookie: {cookie}\r\n");
        }
        push(out, &["\r\n"]);
    }
}

/// Whether an answer of this status has a body and does not change its connection.
fn has_body(status: u16) -> bool {
    (200..600).contains(&status) && !matches!(status, 204 | 205 | 304 | 426)
}

/// Whether a target is a path, and optionally a query, of characters that RFC 3986 allows.
fn is_plain_target(target: &str) -> bool {
    target.starts_with('/') && target.bytes().all(|byte| IN_TARGET[usize::from(byte)])
}

static IN_TARGET: [bool; 256] = host::set_of(b"-._~!$&'()*+,;=:@/%?");

fn is_plain(field: &Header<'_>) -> bool {
    !NOT_PLAIN.iter().any(|name| is(field, name))
}

fn is(field: &Header<'_>, name: &str) -> bool {
    field.name.eq_ignore_ascii_case(name)
}

/// Parses a number. It has no zeros in front: it is forwarded as it is.
fn number(value: &[u8]) -> Option<usize> {
    let digits = std::str::from_utf8(value).ok()?;
    let valid = digits.bytes().all(|byte| byte.is_ascii_digit());
    let shortest = digits == "0" || !digits.starts_with('0');
    digits.parse().ok().filter(|_| valid && shortest)
}

fn push_field(out: &mut Vec<u8>, field: &Header<'_>) {
    push(out, &[field.name, ": "]);
    out.extend_from_slice(field.value);
    push(out, &["\r\n"]);
}

fn push(out: &mut Vec<u8>, texts: &[&str]) {
    for text in texts {
        out.extend_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::http1::fields::{ABOUT_CLIENT, HOP_BY_HOP};

    fn sent(head: &str) -> Option<String> {
        let mut out = Vec::new();
        let length = request(head.as_bytes(), "::1", &mut out)?;
        assert_eq!(length, head.len());
        String::from_utf8(out).ok()
    }

    #[test]
    fn requests_that_need_special_treatment_are_not_plain() {
        assert!(sent("GET / HTTP/1.1\r\nHost: h\r\n\r\n").is_some());
        for head in [
            "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET / HTTP/1.0\r\nHost: h\r\n\r\n",
            "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET * HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: me@h\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nCONNECTION: close\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: ::2\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nVia: 1.1 other\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\n",
        ] {
            assert_eq!(sent(head), None, "{head:?}");
        }
    }

    #[test]
    fn a_message_with_a_field_that_the_proxy_removes_or_replaces_is_not_plain() {
        for name in [&HOP_BY_HOP[..], &ABOUT_CLIENT].concat() {
            assert_eq!(
                sent(&format!("GET / HTTP/1.1\r\nHost: h\r\n{name}: 1\r\n\r\n")),
                None
            );
        }
    }

    proptest! {
        #[test]
        fn no_bytes_cause_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut out = Vec::new();
            request(&bytes, "::1", &mut out);
            answer(&bytes, Added::default(), &mut out);
        }

        /// Lenient line ends are not forwarded: another parser may see a second request there.
        #[test]
        fn each_field_becomes_one_line(
            values in prop::collection::vec("[ -~\t]{0,10}", 0..9),
            end in prop::sample::select(vec!["\r\n", "\n"]),
        ) {
            let fields: String = values.iter().map(|value| format!("x:{value}{end}")).collect();
            let head = format!("GET / HTTP/1.1{end}host: h{end}{fields}{end}");
            let sent = sent(&head).expect("a plain request");
            let (lines, rest) = sent.split_once("\r\n\r\n").expect("an end");
            prop_assert_eq!(rest, "");
            prop_assert_eq!(lines.matches('\n').count(), lines.split("\r\n").count() - 1);
            let values: Vec<_> = values.iter().map(|value| value.trim()).collect();
            let seen = lines.split("\r\n").filter_map(|line| line.strip_prefix("x: "));
            prop_assert_eq!(seen.collect::<Vec<_>>(), values);
        }
    }
}
