//! Messages as the client and the backend of the tests read them.

use std::io::{BufRead, BufReader, Read};

/// The status after which bytes follow that are no HTTP.
const SWITCHING: u16 = 101;

/// A request or an answer, as it arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// The request line or status line.
    pub(crate) start: String,
    pub(crate) fields: Fields,
    pub(crate) framing: Framing,
    pub(crate) body: String,
    pub(crate) trailers: Fields,
    /// Whether it arrived to its end.
    pub(crate) is_whole: bool,
}

/// Names in lower case, and values. A line without a colon has no name.
pub(crate) type Fields = Vec<(String, String)>;

/// What marks the end of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// There is no body.
    Absent,
    Length(usize),
    Chunked,
    UntilClose,
}

/// What is read, which decides how it is framed without framing fields (RFC 9112 §6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Request,
    Answer,
    /// An answer to HEAD.
    AnswerWithoutBody,
}

/// Reads message after message from a connection.
pub(crate) struct Messages<R>(BufReader<R>);

impl<R: Read> Messages<R> {
    pub(crate) fn new(connection: R) -> Self {
        Self(BufReader::new(connection))
    }

    /// Returns the next message, or `None` if the connection has ended.
    pub(crate) fn next(&mut self, kind: Kind) -> Option<Message> {
        let start = self.line()?;
        let mut message = Message {
            start,
            fields: Fields::new(),
            framing: Framing::UntilClose,
            body: String::new(),
            trailers: Fields::new(),
            is_whole: false,
        };
        if kind != Kind::Request && !message.start.starts_with("HTTP/1.") {
            // As HTTP/0.9: a body without a head.
            message.body = std::mem::take(&mut message.start) + &self.rest();
            return Some(message);
        }
        message.is_whole = self.fields(&mut message.fields).is_some();
        if message.is_whole {
            message.framing = framing(kind, &message);
            message.is_whole = self.body(&mut message).is_some();
        }
        Some(message)
    }

    fn body(&mut self, message: &mut Message) -> Option<()> {
        match message.framing {
            Framing::Absent => Some(()),
            Framing::Length(length) => self.exactly(length, &mut message.body),
            Framing::Chunked => self.chunks(message),
            Framing::UntilClose => {
                message.body = self.rest();
                Some(())
            }
        }
    }

    fn chunks(&mut self, message: &mut Message) -> Option<()> {
        loop {
            let line = self.line()?;
            let size = line.split(';').next().unwrap_or_default();
            let size = usize::from_str_radix(size, 16).ok()?;
            if size == 0 {
                return self.fields(&mut message.trailers);
            }
            self.exactly(size, &mut message.body)?;
            self.line().filter(String::is_empty)?;
        }
    }

    fn fields(&mut self, fields: &mut Fields) -> Option<()> {
        loop {
            let line = self.line()?;
            if line.is_empty() {
                return Some(());
            }
            let (name, value) = line.split_once(':').unwrap_or(("", &line));
            let value = value.trim_matches([' ', '\t']);
            fields.push((name.to_ascii_lowercase(), value.to_owned()));
        }
    }

    /// Reads a line that ends with CR LF. Another end is part of the line, so that a test sees it.
    fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        self.0.read_until(b'\n', &mut line).ok()?;
        let text = String::from_utf8_lossy(line.strip_suffix(b"\r\n").unwrap_or(&line));
        (!line.is_empty()).then(|| text.into_owned())
    }

    fn exactly(&mut self, length: usize, text: &mut String) -> Option<()> {
        let mut bytes = Vec::new();
        let _reset_or_end = (&mut self.0).take(length as u64).read_to_end(&mut bytes);
        text.push_str(&String::from_utf8_lossy(&bytes));
        (bytes.len() == length).then_some(())
    }

    fn rest(&mut self) -> String {
        let mut bytes = Vec::new();
        let _reset_or_end = self.0.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Message {
    /// Returns the values of a field, separated by commas.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        let values = self.fields.iter().filter(|(known, _)| known == name);
        let values: Vec<_> = values.map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(","))
    }

    /// Returns the status of an answer. One without a status line has none.
    pub(crate) fn status(&self) -> Option<u16> {
        self.start.get(9..12)?.parse().ok()
    }

    /// Whether no answer to the same request follows this one.
    pub(crate) fn is_final(&self) -> bool {
        self.status()
            .is_none_or(|status| status >= 200 || status == SWITCHING)
    }
}

fn framing(kind: Kind, message: &Message) -> Framing {
    let status = message.status().filter(|_| kind != Kind::Request);
    let is_bodiless = |it: u16| it < 200 && it != SWITCHING || matches!(it, 204 | 304);
    let is_bodiless = status.is_some_and(is_bodiless);
    let length = message.value("content-length");
    if kind == Kind::AnswerWithoutBody && status != Some(SWITCHING) || is_bodiless {
        Framing::Absent
    } else if message.value("transfer-encoding").is_some() {
        Framing::Chunked
    } else if let Some(length) = length.and_then(|length| length.parse().ok()) {
        Framing::Length(length)
    } else if kind == Kind::Request {
        Framing::Absent
    } else {
        Framing::UntilClose
    }
}
