//! Heads of plain messages, rewritten from bytes to bytes.
//!
//! A plain request is a GET without a body, and a plain answer comes in one piece with its length.
//! Neither has a field that asks for more than to be handed on: what such fields ask for is the
//! business of [`fields`](super::fields), whose rules for all others hold here as well.

use httparse::{EMPTY_HEADER, Header, Request, Response, Status};

/// Fields of a head at most. With more it is not plain; browsers send some twenty.
const FIELDS: usize = 32;

/// Fields that are about one connection or the way of a message, or that are written anew. One
/// that has any of them is not plain.
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

/// Writes the request at the start of `bytes` as it goes to a worker. The length of what was read,
/// or `None` if it is not plain, or not all of it is there.
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
    out.extend_from_slice(host?);
    push(out, &["\r\nvia: 1.1 evenkeel\r\n\r\n"]);
    Some(length)
}

/// Writes the answer that `bytes` are as it goes to the client, as the last one on its connection
/// or not. Whether it did: not if the answer is not plain, or not all of it is there.
pub(super) fn answer(bytes: &[u8], last: bool, out: &mut Vec<u8>) -> bool {
    answer_head(bytes, last, out).is_some_and(|(head, body)| {
        out.extend_from_slice(&bytes[head..]);
        bytes.len() - head == body
    })
}

/// The lengths of the head and of the body that it announces.
fn answer_head(bytes: &[u8], last: bool, out: &mut Vec<u8>) -> Option<(usize, usize)> {
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
    push(
        out,
        &[
            "via: 1.1 evenkeel\r\n",
            if last { "connection: close\r\n" } else { "" },
            "\r\n",
        ],
    );
    // A date that is missing is added where answers are not plain.
    length.filter(|_| dated).map(|length| (head, length))
}

/// Whether an answer of that status has a body, and changes nothing about its connection.
fn has_body(status: u16) -> bool {
    (200..600).contains(&status) && !matches!(status, 204 | 205 | 304 | 426)
}

/// A path, and perhaps a query, of nothing but what RFC 3986 allows there.
fn is_plain_target(target: &str) -> bool {
    let allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/%?".contains(&byte);
    target.starts_with('/') && target.bytes().all(allowed)
}

fn is_plain(field: &Header<'_>) -> bool {
    !NOT_PLAIN.iter().any(|name| is(field, name))
}

fn is(field: &Header<'_>, name: &str) -> bool {
    field.name.eq_ignore_ascii_case(name)
}

/// Digits, and so few that no sum overflows.
fn number(value: &[u8]) -> Option<usize> {
    let digits = std::str::from_utf8(value).ok()?;
    let plain = digits.len() < 10 && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
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

    fn sent(head: &str) -> Option<String> {
        let mut out = Vec::new();
        let length = request(head.as_bytes(), "::1", &mut out)?;
        assert_eq!(length, head.len());
        String::from_utf8(out).ok()
    }

    #[test]
    fn whatever_asks_for_more_than_to_be_handed_on_is_not_plain() {
        assert!(sent("GET / HTTP/1.1\r\nHost: h\r\n\r\n").is_some());
        for head in [
            "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET / HTTP/1.0\r\nHost: h\r\n\r\n",
            "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET * HTTP/1.1\r\nHost: h\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n",
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

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut out = Vec::new();
            request(&bytes, "::1", &mut out);
            answer(&bytes, false, &mut out);
        }

        /// Line ends that a lenient parser takes are not handed on: the next one may see another
        /// request there.
        #[test]
        fn each_field_becomes_one_line(
            values in prop::collection::vec("[ -~\t]{0,10}", 0..9),
            end in prop::sample::select(vec!["\r\n", "\n"]),
        ) {
            let fields: String = values.iter().map(|value| format!("x:{value}{end}")).collect();
            let head = format!("GET / HTTP/1.1{end}host: h{end}{fields}{end}");
            let sent = sent(&head).expect("it is plain");
            let (lines, rest) = sent.split_once("\r\n\r\n").expect("an end");
            prop_assert_eq!(rest, "");
            prop_assert_eq!(lines.matches('\n').count(), lines.split("\r\n").count() - 1);
            let values: Vec<_> = values.iter().map(|value| value.trim()).collect();
            let seen = lines.split("\r\n").filter_map(|line| line.strip_prefix("x: "));
            prop_assert_eq!(seen.collect::<Vec<_>>(), values);
        }
    }
}
