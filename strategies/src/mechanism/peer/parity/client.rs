//! A blocking HTTP/1.1 client, small enough to be obviously correct.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use httparse::{EMPTY_HEADER, Status};

use crate::http1::answer_head::{AnswerHead, Framing};

/// More trailers than any system adds.
const MAX_TRAILERS: usize = 16;

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
    pub(super) head: AnswerHead,
    pub(super) framing: Framing,
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
        let head = self.head(&mut stream, &mut input)?;
        let framing = head.framing()?;
        let body = match framing {
            Framing::Chunked => self.chunks(&mut stream, input)?,
            Framing::Length(length) => self.sized(&mut stream, input, length)?,
            Framing::UntilClose => {
                while self.fill(&mut stream, &mut input)? {}
                input
            }
        };
        if framing != Framing::UntilClose && head.keeps_alive() {
            self.stream = Some(stream);
        }
        Ok(Answer {
            head,
            framing,
            body,
            took: begin.elapsed(),
        })
    }

    /// Reads the head of the answer; interim answers before it say nothing that is compared.
    fn head(&self, stream: &mut TcpStream, input: &mut Vec<u8>) -> io::Result<AnswerHead> {
        loop {
            let head = AnswerHead::parse(input)?;
            match &head {
                Some(head) => drop(input.drain(..head.bytes)),
                None => self.fill_or_fail(stream, input)?,
            }
            if let Some(head) = head.filter(|head| !head.is_interim()) {
                return Ok(head);
            }
        }
    }

    /// Reads a body of this length. `input` is the part that has been read already.
    fn sized(
        &self,
        stream: &mut TcpStream,
        mut input: Vec<u8>,
        length: usize,
    ) -> io::Result<Vec<u8>> {
        while input.len() < length {
            self.fill_or_fail(stream, &mut input)?;
        }
        let rest = input.split_off(length);
        // Line ends between answers mean nothing (RFC 9112, section 9.2).
        match rest.trim_ascii().is_empty() {
            true => Ok(input),
            false => Err(broken("the answer is longer than its content-length")),
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
            if size == 0 {
                return self.trailers(stream, input.split_off(begin)).map(|()| body);
            }
            let end = usize::try_from(size).ok().filter(|size| *size <= MAX_BYTES);
            let end = begin + end.ok_or_else(|| broken("a chunk is far longer than requested"))?;
            while input.len() < end + END.len() {
                self.fill_or_fail(stream, &mut input)?;
            }
            if &input[end..end + END.len()] != END {
                return Err(broken("a chunk does not end where its size says"));
            }
            body.extend_from_slice(&input[begin..end]);
            input.drain(..end + END.len());
        }
    }

    /// Reads the fields after the last chunk, up to the empty line that ends them.
    fn trailers(&self, stream: &mut TcpStream, mut input: Vec<u8>) -> io::Result<()> {
        loop {
            let mut fields = [EMPTY_HEADER; MAX_TRAILERS];
            let parsed = httparse::parse_headers(&input, &mut fields);
            match parsed.map_err(|_| broken("the trailers are no header fields"))? {
                Status::Complete(_) => return Ok(()),
                Status::Partial => self.fill_or_fail(stream, &mut input)?,
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

fn broken(what: &'static str) -> io::Error {
    io::Error::other(what)
}
