//! A plain blocking HTTP/1.1 client: small enough to be seen to be right.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use http::header::{CONNECTION, CONTENT_LENGTH, HeaderName, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, StatusCode};
use httparse::{EMPTY_HEADER, Response, Status};

/// More fields than any system sends of its own accord.
const MOST_FIELDS: usize = 64;

/// Nothing that is asked for here is nearly as long.
const MOST_BYTES: usize = 4 << 20;

/// Asks a server for one thing after another, on one connection for as long as the server keeps it.
#[derive(Debug)]
pub(super) struct Client {
    server: SocketAddr,
    deadline: Instant,
    stream: Option<TcpStream>,
    connects: usize,
}

/// An answer with its whole body.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) fields: HeaderMap,
    /// Bytes of status line and fields, with the empty line that ends them.
    pub(super) head_bytes: usize,
    pub(super) body: Vec<u8>,
    /// From before the request was sent.
    pub(super) took: Duration,
}

impl Client {
    /// Who gives up at that time.
    pub(super) fn new(server: SocketAddr, deadline: Instant) -> Self {
        Self {
            server,
            deadline,
            stream: None,
            connects: 0,
        }
    }

    /// How often it had to connect.
    pub(super) fn connects(&self) -> usize {
        self.connects
    }

    /// Asks for a target. If the server has ended the connection, on a new one.
    pub(super) fn get(&mut self, target: &str) -> io::Result<Answer> {
        let kept = self.stream.take();
        if let Some(answer) = kept.and_then(|stream| self.ask_on(stream, target, "").ok()) {
            return Ok(answer);
        }
        let stream = TcpStream::connect_timeout(&self.server, self.left()?)?;
        stream.set_nodelay(true)?;
        self.connects += 1;
        self.ask_on(stream, target, "")
    }

    /// Has the server end the connection, and waits until it has.
    pub(super) fn finish(mut self) {
        if let Some(stream) = self.stream.take() {
            let close = "connection: close\r\n";
            let end = stream.try_clone();
            if self.ask_on(stream, "/", close).is_ok()
                && let Ok(mut stream) = end
            {
                let _ends = self.fill(&mut stream, &mut Vec::new());
            }
        }
    }

    fn ask_on(&mut self, mut stream: TcpStream, target: &str, also: &str) -> io::Result<Answer> {
        let begun = Instant::now();
        let request = format!(
            "GET {target} HTTP/1.1\r\nhost: {}\r\naccept-encoding: gzip, br\r\n{also}\r\n",
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
            took: begun.elapsed(),
        };
        if answer.is_delimited() && !answer.says(&CONNECTION, "close") {
            self.stream = Some(stream);
        }
        Ok(answer)
    }

    /// The body behind these fields, of which some has been read.
    fn body(
        &self,
        stream: &mut TcpStream,
        fields: &HeaderMap,
        mut input: Vec<u8>,
    ) -> io::Result<Vec<u8>> {
        if says(fields, &TRANSFER_ENCODING, "chunked") {
            return self.chunks(stream, input);
        }
        let Some(length) = fields.get(CONTENT_LENGTH) else {
            while self.fill(stream, &mut input)? {}
            return Ok(input);
        };
        let length = length.to_str().ok().and_then(|length| length.parse().ok());
        let length: usize = length.ok_or_else(|| broken("its content-length is no number"))?;
        while input.len() < length {
            self.fill_or_fail(stream, &mut input)?;
        }
        match input.len() > length {
            true => Err(broken("more bytes follow than its content-length says")),
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
            false => Err(broken("the connection ended within it")),
        }
    }

    /// Reads on; false at the end.
    fn fill(&self, stream: &mut TcpStream, input: &mut Vec<u8>) -> io::Result<bool> {
        if input.len() > MOST_BYTES {
            return Err(broken("it is far longer than what was asked for"));
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
    /// Whether it says of a field this one of its values, in whatever case.
    pub(super) fn says(&self, field: &HeaderName, value: &str) -> bool {
        says(&self.fields, field, value)
    }

    /// Whether it says where its body ends.
    pub(super) fn is_delimited(&self) -> bool {
        self.fields.contains_key(CONTENT_LENGTH) || self.says(&TRANSFER_ENCODING, "chunked")
    }
}

/// Status, fields and length of a head, once it is whole.
fn head(input: &[u8]) -> io::Result<Option<(StatusCode, HeaderMap, usize)>> {
    let mut fields = [EMPTY_HEADER; MOST_FIELDS];
    let mut response = Response::new(&mut fields);
    let wrong = |_| broken("it is no HTTP/1.1");
    let Status::Complete(length) = response.parse(input).map_err(|_| wrong(()))? else {
        return Ok(None);
    };
    let status = StatusCode::from_u16(response.code.unwrap_or(0)).map_err(|_| wrong(()))?;
    let fields = response.headers.iter().map(|field| {
        let name = HeaderName::from_bytes(field.name.as_bytes()).map_err(|_| wrong(()))?;
        let value = HeaderValue::from_bytes(field.value).map_err(|_| wrong(()))?;
        Ok((name, value))
    });
    Ok(Some((status, fields.collect::<io::Result<_>>()?, length)))
}

fn says(fields: &HeaderMap, field: &HeaderName, value: &str) -> bool {
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
