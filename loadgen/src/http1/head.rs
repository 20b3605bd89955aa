//! Parses the head of a response in one pass over its bytes.

use memchr::memchr;

use super::malformed::Malformed;
use crate::websocket::ACCEPT;

const START: &[u8] = b"HTTP/1.";

/// The relevant parts of a response head.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: u16,
    /// HTTP/1.0, which has no transfer codings.
    pub(super) is_old: bool,
    /// Whether any `connection` field has the option `close`.
    says_close: bool,
    /// Whether any has the option `keep-alive`.
    says_keep_alive: bool,
    pub(super) content_length: Option<u64>,
    pub(super) transfer: Transfer,
    pub(super) worker: Option<u32>,
    pub(super) generation: Option<u32>,
    pub(super) work_ns: Option<u64>,
    /// Whether the server knows the WebSocket protocol.
    pub(super) accepts_websocket: bool,
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
        while let Some((field, next)) = next_field(bytes, at) {
            at = next;
            if field.is_empty() {
                head.len = at;
                return Ok(Some(head));
            }
            head.read_field(field, reads_work)?;
        }
        Ok(None)
    }

    /// Whether the connection persists (RFC 9112, section 9.3): `close` wins wherever it is, and in
    /// HTTP/1.0 only `keep-alive` keeps it.
    pub(super) fn keeps_alive(&self) -> bool {
        !self.says_close && (!self.is_old || self.says_keep_alive)
    }

    /// Checks that bytes without a line feed can begin a head: garbage is reported at once, not only
    /// when it is too long.
    pub(super) fn check_start(bytes: &[u8]) -> Result<(), Malformed> {
        let seen = bytes.len().min(START.len());
        let is_start = bytes[..seen] == START[..seen];
        is_start.then_some(()).ok_or(Malformed::StatusLine)
    }

    /// `HTTP/1.x NNN`, then anything that is not another digit. Other clients read blanks instead of
    /// one space before the code, and no space after it.
    fn from_status_line(line: &[u8]) -> Result<Self, Malformed> {
        let Some([minor, rest @ ..]) = line.strip_prefix(START) else {
            return Err(Malformed::StatusLine);
        };
        let code = rest.trim_ascii_start();
        let digits = code.iter().take_while(|byte| byte.is_ascii_digit());
        let status = match (digits.count(), number(code.get(..3).unwrap_or_default())) {
            (3, Some(status @ 100..)) => status as u16,
            _ => return Err(Malformed::StatusLine),
        };
        if !minor.is_ascii_digit() || code.len() == rest.len() {
            return Err(Malformed::StatusLine);
        }
        Ok(Self {
            status,
            is_old: *minor == b'0',
            ..Self::default()
        })
    }

    /// Reads a field. Other fields than these are skipped, whatever their names and values.
    fn read_field(&mut self, line: &[u8], reads_work: bool) -> Result<(), Malformed> {
        let colon = line.iter().position(|byte| *byte == b':');
        let colon = colon.filter(|_| !is_blank(line[0]));
        let colon = colon.ok_or(Malformed::FieldLine)?;
        // A server must not put blanks before the colon; who reads answers removes them (RFC 9112,
        // section 5.1).
        let (name, value) = (line[..colon].trim_ascii_end(), &line[colon + 1..]);
        match name.len() {
            10 if name.eq_ignore_ascii_case(b"connection") => self.read_connection(value),
            15 if reads_work && name.eq_ignore_ascii_case(b"x-evenkeel-work") => {
                self.work_ns = number(value.trim_ascii());
            }
            14 if name.eq_ignore_ascii_case(b"content-length") => self.read_length(value)?,
            17 if name.eq_ignore_ascii_case(b"x-evenkeel-worker") => {
                self.worker = small_number(value);
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => self.read_transfer(value),
            20 if name.eq_ignore_ascii_case(b"sec-websocket-accept") => {
                self.accepts_websocket = value.trim_ascii() == ACCEPT;
            }
            21 if name.eq_ignore_ascii_case(b"x-evenkeel-generation") => {
                self.generation = small_number(value);
            }
            _ => {}
        }
        Ok(())
    }

    fn read_connection(&mut self, value: &[u8]) {
        for option in elements(value) {
            self.says_close |= option.eq_ignore_ascii_case(b"close");
            self.says_keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
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
        let is_given = self.content_length.is_some();
        is_given.then_some(()).ok_or(Malformed::ContentLength)
    }

    /// All lines are one list, and the last coding decides. `identity` was no coding (RFC 2616, section
    /// 3.6), and is still sent.
    fn read_transfer(&mut self, value: &[u8]) {
        let mut codings = elements(value).peekable();
        let is_empty = codings.peek().is_none();
        let last = codings
            .filter(|coding| !coding.eq_ignore_ascii_case(b"identity"))
            .last();
        match last {
            Some(last) if last.eq_ignore_ascii_case(b"chunked") => {
                self.transfer = Transfer::Chunked
            }
            Some(_) => self.transfer = Transfer::Other,
            None if is_empty && self.transfer == Transfer::Absent => {
                self.transfer = Transfer::Other
            }
            None => {}
        }
    }
}

/// Returns the field that starts at `from`, without the end of its line, and the start of the next
/// line; `None` if it is not known where it ends. Lines that begin with a blank continue the line above
/// (RFC 9112, section 5.2): the line ends within a value are blanks in it.
fn next_field(bytes: &[u8], from: usize) -> Option<(&[u8], usize)> {
    let (mut field, mut next) = next_line(bytes, from)?;
    while !field.is_empty() && is_blank(*bytes.get(next)?) {
        next = next_line(bytes, next)?.1;
        field = &bytes[from..next];
    }
    Some((field, next))
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Returns the line that starts at `from`, without its end, and the start of the next line. A single
/// line feed also ends a line (RFC 9112, section 2.2).
fn next_line(bytes: &[u8], from: usize) -> Option<(&[u8], usize)> {
    let rest = &bytes[from..];
    let end = memchr(b'\n', rest)?;
    let line = &rest[..end];
    Some((line.strip_suffix(b"\r").unwrap_or(line), from + end + 1))
}

/// Returns the elements of a list, of which empty ones are ignored (RFC 9110, section 5.6.1).
fn elements(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let elements = list.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    elements.filter(|element| !element.is_empty())
}

/// Parses the value of a field that is a number of 32 bits.
fn small_number(value: &[u8]) -> Option<u32> {
    number(value.trim_ascii())?.try_into().ok()
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

#[cfg(test)]
mod tests;
