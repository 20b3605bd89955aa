//! A small shop in Rust, with the standard library alone: a thread for each connection.
//!
//!     rustc -O studies/apps/app.rs -o shop
//!     evenkeel run -s reuseport -s proxy:round-robin --worker-command ./shop
//!
//! It takes its socket as systemd passes one (LISTEN_FDS), or else listens on PORT.

use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::FromRawFd;
use std::thread;

fn main() -> io::Result<()> {
    for client in listener()?.incoming() {
        let client = client?;
        thread::spawn(move || serve(&client));
    }
    Ok(())
}

fn listener() -> io::Result<TcpListener> {
    let variable = |name| env::var(name).unwrap_or_default();
    if variable("LISTEN_FDS") == "1" && variable("LISTEN_PID") == std::process::id().to_string() {
        // SAFETY: the two variables say that descriptor 3 is a listening socket for this process.
        return Ok(unsafe { TcpListener::from_raw_fd(3) });
    }
    TcpListener::bind((variable("HOST"), variable("PORT").parse().unwrap_or(3000)))
}

/// Answers the requests of a connection until the client closes it.
fn serve(client: &TcpStream) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut requests = BufReader::new(client);
    loop {
        let (mut first, mut length) = (String::new(), 0);
        if requests.read_line(&mut first)? == 0 {
            return Ok(());
        }
        let mut line = String::new();
        while requests.read_line(&mut line)? > 2 {
            if let Some((name, value)) = line.split_once(':') {
                if name.eq_ignore_ascii_case("content-length") {
                    length = value.trim().parse().unwrap_or(0);
                }
            }
            line.clear();
        }
        io::copy(&mut requests.by_ref().take(length), &mut io::sink())?;
        let (status, body) = answer(&first);
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        (&mut &*client).write_all((head + body).as_bytes())?; // in one packet
    }
}

fn answer(first: &str) -> (&'static str, &'static str) {
    if first.starts_with("GET / ") {
        ("200 OK", "{\"hello\": \"from Rust\"}\n")
    } else if first.starts_with("GET /healthz ") {
        ("200 OK", "{\"ready\": true}\n")
    } else if first.starts_with("POST /orders ") {
        ("201 Created", "{\"orders\": 1}\n")
    } else {
        ("404 Not Found", "{\"error\": \"not here\"}\n")
    }
}
