//! Parses the head of a response in one pass over its bytes.

use memchr::memchr;

use super::malformed::Malformed;

const START: &[u8] = b"HTTP/1.";

/// The relevant parts of a response head.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: u16,
    pub(super) keep_alive: bool,
    /// HTTP/1.0, which has no transfer codings.
    pub(super) is_old: bool,
    pub(super) content_length: Option<u64>,
    pub(super) transfer: Transfer,
    pub(super) worker: Option<u32>,
    pub(super) work_ns: Option<u64>,
    /// Bytes of the head, including the empty line that ends it.
    pub(super) len: usize,
}

/// The value of `transfer-encoding`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transfer {
    /// There is no such field.
    #[default]
    Absent,
    /// Its last coding is `chunked`.
    Chunked,
    /// Its last coding is another one, so the body ends with the connection.
    Other,
}

impl Head {
    /// Parses the head at the start of `bytes`; `None` if it is not whole. `reads_work`: whether to
    /// read the `x-evenkeel-work` field.
    pub(super) fn parse(bytes: &[u8], reads_work: bool) -> Result<Option<Self>, Malformed> {
        let Some((line, mut at)) = next_line(bytes, 0) else {
            return Self::check_start(bytes).map(|()| None);
        };
        let mut head = Self::from_status_line(line)?;
        while let Some((line, next)) = next_line(bytes, at) {
            at = next;
            if line.is_empty() {
                head.len = at;
                return Ok(Some(head));
            }
            head.read_field(line, reads_work)?;
        }
        Ok(None)
    }

    /// Checks that bytes without a line feed can begin a head: garbage is reported at once, not only
    /// when it is too long.
    pub(super) fn check_start(bytes: &[u8]) -> Result<(), Malformed> {
        let seen = bytes.len().min(START.len());
        let is_start = bytes[..seen] == START[..seen];
        is_start.then_some(()).ok_or(Malformed::StatusLine)
    }

    /// `HTTP/1.x NNN`, then a space and a reason, or nothing.
    fn from_status_line(line: &[u8]) -> Result<Self, Malformed> {
        let Some([minor, b' ', a, b, c, rest @ ..]) = line.strip_prefix(START) else {
            return Err(Malformed::StatusLine);
        };
        let digits = [*a, *b, *c];
        let status = digits.iter().fold(0, |sum, digit| {
            sum * 10 + u16::from(digit.wrapping_sub(b'0'))
        });
        let well_formed = minor.is_ascii_digit()
            && digits.iter().all(u8::is_ascii_digit)
            && status >= 100
            && rest.first().is_none_or(|byte| *byte == b' ');
        if !well_formed {
            return Err(Malformed::StatusLine);
        }
        Ok(Self {
            status,
            keep_alive: *minor != b'0',
            is_old: *minor == b'0',
            ..Self::default()
        })
    }

    /// Reads a field line. Values of irrelevant fields are skipped.
    fn read_field(&mut self, line: &[u8], reads_work: bool) -> Result<(), Malformed> {
        let colon = line.iter().position(|byte| !is_token_byte(*byte));
        let Some(colon) = colon.filter(|at| *at > 0 && line[*at] == b':') else {
            return Err(Malformed::FieldLine);
        };
        let (name, value) = (&line[..colon], &line[colon + 1..]);
        match colon {
            10 if name.eq_ignore_ascii_case(b"connection") => self.read_connection(value),
            15 if reads_work && name.eq_ignore_ascii_case(b"x-evenkeel-work") => {
                self.work_ns = number(value.trim_ascii());
            }
            14 if name.eq_ignore_ascii_case(b"content-length") => self.read_length(value)?,
            17 if name.eq_ignore_ascii_case(b"x-evenkeel-worker") => {
                self.worker = number(value.trim_ascii()).and_then(|worker| worker.try_into().ok());
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => self.read_transfer(value),
            _ => {}
        }
        Ok(())
    }

    fn read_connection(&mut self, value: &[u8]) {
        for option in elements(value) {
            if option.eq_ignore_ascii_case(b"close") {
                self.keep_alive = false;
                return;
            } else if option.eq_ignore_ascii_case(b"keep-alive") {
                self.keep_alive = true;
            }
        }
    }

    /// The same length may be given more than once (RFC 9110, section 8.6).
    fn read_length(&mut self, value: &[u8]) -> Result<(), Malformed> {
        for element in elements(value) {
            let length = number(element).ok_or(Malformed::ContentLength)?;
            if self.content_length.is_some_and(|other| other != length) {
                return Err(Malformed::ContentLength);
            }
            self.content_length = Some(length);
        }
        Ok(())
    }

    fn read_transfer(&mut self, value: &[u8]) {
        let last = elements(value).last().unwrap_or_default();
        self.transfer = if last.eq_ignore_ascii_case(b"chunked") {
            Transfer::Chunked
        } else {
            Transfer::Other
        };
    }
}

/// Returns the line that starts at `from`, without its end, and the start of the next line. A single
/// line feed also ends a line (RFC 9112, section 2.2).
fn next_line(bytes: &[u8], from: usize) -> Option<(&[u8], usize)> {
    let rest = &bytes[from..];
    let end = memchr(b'\n', rest)?;
    let line = &rest[..end];
    Some((line.strip_suffix(b"\r").unwrap_or(line), from + end + 1))
}

fn elements(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|byte| *byte == b',').map(<[u8]>::trim_ascii)
}

/// Parses a decimal number that consists only of digits and fits into 64 bits.
fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u64, |sum, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

/// Whether a token may contain this byte (RFC 9110, section 5.6.2).
pub(crate) fn is_token_byte(byte: u8) -> bool {
    const TOKEN: [bool; 256] = token_bytes();
    TOKEN[usize::from(byte)]
}

/// A table, because names are checked byte by byte on the hot path.
const fn token_bytes() -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        table[byte as usize] = matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9'
            | b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~');
        byte += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Option<Head>, Malformed> {
        Head::parse(text.as_bytes(), true)
    }

    fn parsed(text: &str) -> Head {
        let whole = parse(text).expect("well-formed");
        whole.expect("whole")
    }

    #[test]
    fn the_fields_that_matter_are_found_whatever_their_case() {
        let text =
            "HTTP/1.1 200 OK\r\ndate: now\r\nContent-LENGTH:  12 \r\nX-Evenkeel-Worker: 3\r\n\r\n";
        let head = parsed(text);
        assert_eq!(head.status, 200);
        assert_eq!(head.content_length, Some(12));
        assert_eq!(head.worker, Some(3));
        assert_eq!(head.transfer, Transfer::Absent);
        assert!(head.keep_alive);
        assert_eq!(head.len, text.len());
    }

    #[test]
    fn work_is_read_on_request_and_garbage_is_no_work() {
        for (value, work_ns) in [("5012345", Some(5_012_345)), ("-1", None), ("5 ms", None)] {
            let text = format!("HTTP/1.1 200 OK\r\nX-Evenkeel-Work: {value}\r\n\r\n");
            assert_eq!(parsed(&text).work_ns, work_ns, "{value}");
            let unread = Head::parse(text.as_bytes(), false).expect("well-formed");
            assert_eq!(unread.and_then(|head| head.work_ns), None);
        }
    }

    #[test]
    fn keep_alive_follows_version_and_connection_field() {
        for (text, keep_alive) in [
            ("HTTP/1.1 200 OK\r\n\r\n", true),
            ("HTTP/1.1 200\r\n\r\n", true),
            ("HTTP/1.1 200 OK\nconnection: close\n\n", false),
            ("HTTP/1.1 200 OK\r\nconnection: x, Close\r\n\r\n", false),
            ("HTTP/1.0 200 OK\r\n\r\n", false),
            ("HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\n\r\n", true),
        ] {
            assert_eq!(parsed(text).keep_alive, keep_alive, "{text:?}");
        }
    }

    #[test]
    fn the_last_transfer_coding_decides() {
        for (value, transfer) in [
            ("chunked", Transfer::Chunked),
            ("gzip, Chunked", Transfer::Chunked),
            ("chunked, gzip", Transfer::Other),
            ("", Transfer::Other),
        ] {
            let text = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: {value}\r\n\r\n");
            assert_eq!(parsed(&text).transfer, transfer, "{value:?}");
        }
    }

    #[test]
    fn a_repeated_length_is_allowed_and_a_different_one_is_not() {
        assert_eq!(
            parsed("HTTP/1.1 200 OK\r\ncontent-length: 5, 5\r\n\r\n").content_length,
            Some(5)
        );
        for value in [
            "5, 6",
            "5\r\ncontent-length: 6",
            "-5",
            "+5",
            "5x",
            "",
            "18446744073709551616",
        ] {
            let text = format!("HTTP/1.1 200 OK\r\ncontent-length: {value}\r\n\r\n");
            assert_eq!(parse(&text), Err(Malformed::ContentLength), "{value:?}");
        }
    }

    #[test]
    fn a_wrong_status_line_is_reported_at_once() {
        for text in [
            "SSH-2.0-x",
            "HTTP/2 200 OK\r\n",
            "HTTP/1.1 20\r\n",
            "HTTP/1.1 2000\r\n",
            "HTTP/1.1 099 x\r\n",
            "HTTP/1.1 2x0 OK\r\n",
            "\r\n",
            "HTTP/1.1200 OK\r\n",
        ] {
            assert_eq!(parse(text), Err(Malformed::StatusLine), "{text:?}");
        }
        assert_eq!(parse("HTT"), Ok(None));
        assert_eq!(parse(""), Ok(None));
    }

    #[test]
    fn a_wrong_field_line_is_refused() {
        for line in [
            "no colon",
            ": empty name",
            "sp ace: x",
            " folded",
            "na\u{e9}me: x",
        ] {
            let text = format!("HTTP/1.1 200 OK\r\n{line}\r\n\r\n");
            assert_eq!(parse(&text), Err(Malformed::FieldLine), "{line:?}");
        }
    }
}
