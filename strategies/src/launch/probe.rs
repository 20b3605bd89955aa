//! Whether a server answers.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::http1::answer_head::AnswerHead;

/// Time limit for a connect, and for one answer. On this machine both take less.
const ANSWER_WITHIN: Duration = Duration::from_secs(1);

/// More than the answer of a readiness check has, in bytes.
const MAX_BYTES: u64 = 65536;

/// Connects to a server, within a time limit.
pub(crate) fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, ANSWER_WITHIN)?;
    stream.set_read_timeout(Some(ANSWER_WITHIN))?;
    stream.set_write_timeout(Some(ANSWER_WITHIN))?;
    Ok(stream)
}

/// Sends `GET` for a target, and returns the status of the answer.
pub(crate) fn status_of(address: SocketAddr, target: &str) -> io::Result<u16> {
    let mut stream = connect(address)?;
    write!(
        stream,
        "GET {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n"
    )?;
    let mut answer = stream.take(MAX_BYTES);
    let (mut read, mut begun) = (Vec::new(), 0);
    loop {
        while let Some(head) = AnswerHead::parse(&read[begun..])? {
            if !head.is_interim() {
                return Ok(head.status.as_u16());
            }
            begun += head.bytes;
        }
        let mut part = [0; 1024];
        match answer.read(&mut part)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            length => read.extend_from_slice(&part[..length]),
        }
    }
}
