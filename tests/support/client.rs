//! A small blocking HTTP/1.1 client.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::Duration;

use socket2::{Domain, Socket, Type};

/// Timeout: no step of these tests takes seconds, so one that takes this long hangs.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection that sends one request after another.
pub struct Client {
    stream: BufReader<TcpStream>,
}

/// An answer with its whole body.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub fields: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Client {
    pub fn connect(server: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&server, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let stream = BufReader::new(stream);
        Ok(Self { stream })
    }

    /// Connects from this client address.
    pub fn connect_from(client: IpAddr, server: SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(server), Type::STREAM, None)?;
        socket.bind(&SocketAddr::new(client, 0).into())?;
        socket.connect_timeout(&server.into(), PATIENCE)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let stream = BufReader::new(socket.into());
        Ok(Self { stream })
    }

    /// Connects and sends these bytes first.
    pub fn connect_with(start: &[u8], server: SocketAddr) -> io::Result<Self> {
        let mut client = Self::connect(server)?;
        client.stream.get_mut().write_all(start)?;
        Ok(client)
    }

    /// Whether the server closes the connection without an answer.
    pub fn is_refused(&mut self) -> bool {
        let read = self.stream.read(&mut [0]);
        match read {
            Ok(bytes) => bytes == 0,
            Err(error) => error.kind() == io::ErrorKind::ConnectionReset,
        }
    }

    /// The socket, for everything that this client does not do.
    pub fn socket(&self) -> &TcpStream {
        self.stream.get_ref()
    }

    pub fn get(&mut self, target: &str) -> io::Result<Answer> {
        self.send(target)?;
        self.read_answer()
    }

    /// Sends a request with a body.
    pub fn post(&mut self, target: &str) -> io::Result<Answer> {
        let request =
            format!("POST {target} HTTP/1.1\r\nhost: evenkeel.test\r\ncontent-length: 1\r\n\r\nx");
        self.stream.get_mut().write_all(request.as_bytes())?;
        self.read_answer()
    }

    /// Sends a request: the first half of [`get`](Self::get).
    pub fn send(&mut self, target: &str) -> io::Result<()> {
        let request = format!("GET {target} HTTP/1.1\r\nhost: evenkeel.test\r\n\r\n");
        self.stream.get_mut().write_all(request.as_bytes())
    }

    /// Reads an answer: the second half of [`get`](Self::get).
    pub fn read_answer(&mut self) -> io::Result<Answer> {
        let mut line = self.line()?;
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status =
            status.ok_or_else(|| io::Error::other(format!("not a status line: {line:?}")))?;
        let mut fields = Vec::new();
        loop {
            line = self.line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line
                .split_once(':')
                .ok_or_else(|| io::Error::other("not a field"))?;
            fields.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut answer = Answer {
            status,
            fields,
            body: Vec::new(),
        };
        let length = answer
            .field("content-length")
            .and_then(|length| length.parse().ok());
        let length: usize = length.ok_or_else(|| io::Error::other("an answer without a length"))?;
        answer.body.resize(length, 0);
        self.stream.read_exact(&mut answer.body)?;
        Ok(answer)
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}

impl Answer {
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Number of the worker that answered.
    pub fn worker(&self) -> usize {
        let worker = self.field(evenkeel_strategies::worker::WORKER_FIELD);
        worker
            .and_then(|worker| worker.parse().ok())
            .expect("the answer names its worker")
    }
}

/// Sends one request on a new connection.
pub fn get(server: SocketAddr, target: &str) -> io::Result<Answer> {
    Client::connect(server)?.get(target)
}
