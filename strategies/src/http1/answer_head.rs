//! Heads of answers, read as leniently as other clients read them.

use std::io;

use http::header::{CONNECTION, CONTENT_LENGTH, HeaderName, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, StatusCode};
use httparse::{EMPTY_HEADER, ParserConfig, Response, Status};

/// More fields than any system adds.
const MAX_FIELDS: usize = 64;

/// The status line and the fields of an answer.
#[derive(Clone, Debug)]
pub(crate) struct AnswerHead {
    pub(crate) status: StatusCode,
    pub(crate) fields: HeaderMap,
    /// Length of the status line, the fields and the empty line, in bytes.
    pub(crate) bytes: usize,
    /// HTTP/1.0, in which only `keep-alive` keeps a connection.
    is_old: bool,
}

/// How a body ends (RFC 9112, section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// After this number of bytes.
    Length(usize),
    /// With the last chunk and its trailers.
    Chunked,
    /// With the connection.
    UntilClose,
}

impl AnswerHead {
    /// Parses the head at the start of `input`; `None` if it is incomplete.
    ///
    /// # Errors
    /// If it is not HTTP/1.
    pub(crate) fn parse(input: &[u8]) -> io::Result<Option<Self>> {
        let mut fields = [EMPTY_HEADER; MAX_FIELDS];
        let mut response = Response::new(&mut fields);
        let parsed = lenient().parse_response(&mut response, input);
        let Status::Complete(bytes) = parsed.map_err(invalid)? else {
            return Ok(None);
        };
        let fields = response.headers.iter().map(|field| {
            let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(invalid)?;
            let value = HeaderValue::from_bytes(&unfolded(field.value)).map_err(invalid)?;
            Ok((name, value))
        });
        Ok(Some(Self {
            status: StatusCode::from_u16(response.code.unwrap_or(0)).map_err(invalid)?,
            fields: fields.collect::<io::Result<_>>()?,
            bytes,
            is_old: response.version == Some(0),
        }))
    }

    /// Whether another answer follows to the same request.
    pub(crate) fn is_interim(&self) -> bool {
        self.status.is_informational() && self.status != StatusCode::SWITCHING_PROTOCOLS
    }

    /// Whether a list field contains a value, in any case.
    pub(crate) fn has(&self, field: &HeaderName, value: &str) -> bool {
        let mut elements = self.elements(field);
        elements.any(|element| element.eq_ignore_ascii_case(value))
    }

    /// Whether the server keeps the connection.
    pub(crate) fn keeps_alive(&self) -> bool {
        let keeps = !self.is_old || self.has(&CONNECTION, "keep-alive");
        keeps && !self.has(&CONNECTION, "close")
    }

    /// Returns how the body of an answer to GET ends.
    ///
    /// # Errors
    /// If its length is not one number.
    pub(crate) fn framing(&self) -> io::Result<Framing> {
        if matches!(self.status.as_u16(), 204 | 304) {
            return Ok(Framing::Length(0));
        }
        match self.elements(&TRANSFER_ENCODING).last() {
            Some(last) if last.eq_ignore_ascii_case("chunked") => return Ok(Framing::Chunked),
            Some(_) => return Ok(Framing::UntilClose),
            None => {}
        }
        if !self.fields.contains_key(CONTENT_LENGTH) {
            return Ok(Framing::UntilClose);
        }
        let mut lengths = self.elements(&CONTENT_LENGTH).map(str::parse);
        match lengths.next() {
            Some(Ok(length)) if lengths.all(|other| other == Ok(length)) => {
                Ok(Framing::Length(length))
            }
            _ => Err(io::Error::other("the content-length is not one number")),
        }
    }

    /// Returns the elements of all lines of a list field (RFC 9110, section 5.6.1).
    fn elements(&self, field: &HeaderName) -> impl Iterator<Item = &str> {
        let lines = self.fields.get_all(field).into_iter();
        let lines = lines.filter_map(|line| line.to_str().ok());
        let elements = lines.flat_map(|line| line.split(',')).map(str::trim);
        elements.filter(|element| !element.is_empty())
    }
}

fn lenient() -> ParserConfig {
    let mut config = ParserConfig::default();
    config
        .allow_spaces_after_header_name_in_responses(true)
        .allow_multiple_spaces_in_response_status_delimiters(true)
        .allow_obsolete_multiline_headers_in_responses(true)
        .ignore_invalid_headers_in_responses(true);
    config
}

/// Replaces the line ends of a folded value by spaces (RFC 9112, section 5.2).
fn unfolded(value: &[u8]) -> Vec<u8> {
    let is_line_end = |byte: u8| matches!(byte, b'\r' | b'\n');
    let bytes = value.iter();
    bytes
        .map(|byte| if is_line_end(*byte) { b' ' } else { *byte })
        .collect()
}

fn invalid<E>(_: E) -> io::Error {
    io::Error::other("it is not HTTP/1.1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(text: &str) -> AnswerHead {
        let head = AnswerHead::parse(text.as_bytes()).expect(text);
        head.expect(text)
    }

    #[test]
    fn lists_may_have_several_lines_folds_and_empty_elements() {
        for (fields, keeps_alive, framing) in [
            ("content-length: 2\r\n", true, Framing::Length(2)),
            (
                "content-length: 2, 2\r\nContent-Length: 2\r\n",
                true,
                Framing::Length(2),
            ),
            (
                "connection: close\r\nconnection: keep-alive\r\n",
                false,
                Framing::UntilClose,
            ),
            ("connection: ,\r\n\tClose\r\n", false, Framing::UntilClose),
            (
                "transfer-encoding: gzip\r\ntransfer-encoding: Chunked,\r\n",
                true,
                Framing::Chunked,
            ),
            (
                "transfer-encoding: gzip\r\ncontent-length: 2\r\n",
                true,
                Framing::UntilClose,
            ),
        ] {
            let head = head(&format!("\r\nHTTP/1.1  200\r\n{fields}sp ace: x\r\n\r\n"));
            assert_eq!(head.keeps_alive(), keeps_alive, "{fields:?}");
            assert_eq!(head.framing().expect(fields), framing, "{fields:?}");
        }
        assert!(!head("HTTP/1.0 200 OK\r\n\r\n").keeps_alive());
        assert!(head("HTTP/1.0 200 OK\r\nconnection: keep-alive\r\n\r\n").keeps_alive());
        let none = head("HTTP/1.1 204 No\r\ntransfer-encoding: chunked\r\n\r\n");
        assert_eq!(none.framing().expect("no body"), Framing::Length(0));
        assert!(head("HTTP/1.1 103 Early\r\n\r\n").is_interim());
    }

    #[test]
    fn different_lengths_and_other_protocols_are_errors() {
        for lengths in ["2, 3", "2\r\ncontent-length: 3", "x", ""] {
            let head = head(&format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {lengths}\r\n\r\n"
            ));
            assert!(head.framing().is_err(), "{lengths}");
        }
        assert!(AnswerHead::parse(b"SSH-2.0-x\r\n").is_err());
        assert!(
            AnswerHead::parse(b"HTTP/1.1 200 O")
                .expect("a start")
                .is_none()
        );
    }
}
