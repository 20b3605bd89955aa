//! A blocking HTTP/1.1 client, small enough to be obviously correct.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use http::header::{CONNECTION, CONTENT_LENGTH, HeaderName, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, StatusCode};
use httparse::{EMPTY_HEADER, Response, Status};

/// More fields than any system adds.
const MAX_FIELDS: usize = 64;

/// Bytes: far longer than any requested body.
const MAX_BYTES: usize = 4 << 20;

/// Sends requests one after the other, on one connection as long as the server keeps it open.
#[derive(Debug)]
pub(super) struct Client {
    server: SocketAddr,
    deadline: Instant,
    stream: Option<TcpStream>,
    /// How often it has connected.
    pub(super) connects: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) fields: HeaderMap,
    /// Length of the status line, the fields and the empty line, in bytes.
    pub(super) head_bytes: usize,
    pub(super) body: Vec<u8>,
    /// Time from before the request was sent to the end of the answer.
    pub(super) took: Duration,
}

impl Client {
    pub(super) fn new(server: SocketAddr, deadline: Instant) -> Self {
        Self {
            server,
            deadline,
            stream: None,
            connects: 0,
        }
    }

    /// Requests a target, on a new connection if the server has closed the old one.
    pub(super) fn get(&mut self, target: &str) -> io::Result<Answer> {
        let kept = self.stream.take();
        if let Some(answer) = kept.and_then(|stream| self.send(stream, target, "").ok()) {
            return Ok(answer);
        }
        let stream = TcpStream::connect_timeout(&self.server, self.left()?)?;
        stream.set_nodelay(true)?;
        self.connects += 1;
        self.send(stream, target, "")
    }

    /// Asks the server to close the connection, and waits until it has.
    pub(super) fn finish(mut self) {
        if let Some(stream) = self.stream.take() {
            let close = "connection: close\r\n";
            let end = stream.try_clone();
            if self.send(stream, "/", close).is_ok()
                && let Ok(mut stream) = end
            {
                let _ends = self.fill(&mut stream, &mut Vec::new());
            }
        }
    }

    fn send(&mut self, mut stream: TcpStream, target: &str, field: &str) -> io::Result<Answer> {
        let begin = Instant::now();
        let request = format!(
            "GET {target} HTTP/1.1\r\nhost: {}\r\naccept-encoding: gzip, br\r\n{field}\r\n",
            self.server
        );
        stream.write_all(request.as_bytes())?;
        let mut input = Vec::new();
        let (status, fields, head_bytes) = loop {
            self.fill_or_fail(&mut stream, &mut input)?;
            if let Some(head) = head(&input)? {
                break head;
            }
        };
        input.drain(..head_bytes);
        let body = self.body(&mut stream, &fields, input)?;
        let answer = Answer {
            status,
            fields,
            head_bytes,
            body,
            took: begin.elapsed(),
        };
        if answer.is_delimited() && !answer.has(&CONNECTION, "close") {
            self.stream = Some(stream);
        }
        Ok(answer)
    }

    /// Reads the body that follows these fields. `input` is the part that has been read already.
    fn body(
        &self,
        stream: &mut TcpStream,
        fields: &HeaderMap,
        mut input: Vec<u8>,
    ) -> io::Result<Vec<u8>> {
        if has(fields, &TRANSFER_ENCODING, "chunked") {
            return self.chunks(stream, input);
        }
        let Some(length) = fields.get(CONTENT_LENGTH) else {
            while self.fill(stream, &mut input)? {}
            return Ok(input);
        };
        let length = length.to_str().ok().and_then(|length| length.parse().ok());
        let length: usize = length.ok_or_else(|| broken("the content-length is not a number"))?;
        while input.len() < length {
            self.fill_or_fail(stream, &mut input)?;
        }
        match input.len() > length {
            true => Err(broken("the answer is longer than its content-length")),
            false => Ok(input),
        }
    }

    fn chunks(&self, stream: &mut TcpStream, mut input: Vec<u8>) -> io::Result<Vec<u8>> {
        const END: &[u8] = b"\r\n";
        let mut body = Vec::new();
        loop {
            let size = httparse::parse_chunk_size(&input)
                .map_err(|_| broken("a chunk does not begin with its size"))?;
            let Status::Complete((begin, size)) = size else {
                self.fill_or_fail(stream, &mut input)?;
                continue;
            };
            let end = begin + size as usize;
            while input.len() < end + END.len() {
                self.fill_or_fail(stream, &mut input)?;
            }
            if &input[end..end + END.len()] != END {
                return Err(broken("a chunk does not end where its size says"));
            }
            body.extend_from_slice(&input[begin..end]);
            input.drain(..end + END.len());
            if size == 0 {
                return Ok(body);
            }
        }
    }

    fn fill_or_fail(&self, stream: &mut TcpStream, input: &mut Vec<u8>) -> io::Result<()> {
        match self.fill(stream, input)? {
            true => Ok(()),
            false => Err(broken("the connection ended before the answer did")),
        }
    }

    /// Reads more. Returns `false` at the end of the connection.
    fn fill(&self, stream: &mut TcpStream, input: &mut Vec<u8>) -> io::Result<bool> {
        if input.len() > MAX_BYTES {
            return Err(broken("the answer is far longer than requested"));
        }
        let mut buffer = [0; 16 * 1024];
        stream.set_read_timeout(Some(self.left()?))?;
        let bytes = stream.read(&mut buffer)?;
        input.extend_from_slice(&buffer[..bytes]);
        Ok(bytes > 0)
    }

    fn left(&self) -> io::Result<Duration> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        match left.is_zero() {
            true => Err(io::ErrorKind::TimedOut.into()),
            false => Ok(left),
        }
    }
}

impl Answer {
    /// Whether a list field contains a value, in any case.
    pub(super) fn has(&self, field: &HeaderName, value: &str) -> bool {
        has(&self.fields, field, value)
    }

    /// Whether the answer defines the end of its body.
    pub(super) fn is_delimited(&self) -> bool {
        self.fields.contains_key(CONTENT_LENGTH) || self.has(&TRANSFER_ENCODING, "chunked")
    }
}

/// Returns status, fields and length of a head, or `None` if it is incomplete.
fn head(input: &[u8]) -> io::Result<Option<(StatusCode, HeaderMap, usize)>> {
    let mut fields = [EMPTY_HEADER; MAX_FIELDS];
    let mut response = Response::new(&mut fields);
    let invalid = |_| broken("it is not HTTP/1.1");
    let Status::Complete(length) = response.parse(input).map_err(|_| invalid(()))? else {
        return Ok(None);
    };
    let status = StatusCode::from_u16(response.code.unwrap_or(0)).map_err(|_| invalid(()))?;
    let fields = response.headers.iter().map(|field| {
        let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(|_| invalid(()))?;
        let value = HeaderValue::from_bytes(field.value).map_err(|_| invalid(()))?;
        Ok((name, value))
    });
    Ok(Some((status, fields.collect::<io::Result<_>>()?, length)))
}

fn has(fields: &HeaderMap, field: &HeaderName, value: &str) -> bool {
    let values = fields.get_all(field).into_iter();
    let mut values = values.filter_map(|values| values.to_str().ok());
    values.any(|values| {
        let mut values = values.split(',').map(str::trim);
        values.any(|one| one.eq_ignore_ascii_case(value))
    })
}

fn broken(what: &'static str) -> io::Error {
    io::Error::other(what)
}
