//! A small server over TLS, with answers set by the test.

#![allow(dead_code, reason = "each test file uses its part")]

use std::io::{Read, Write};
use std::sync::Arc;

use evenkeel_loadgen::{LoadSpec, Tls, Trust};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::common::{Server, raw, short};

/// A TLS server for `localhost`, and its certificate in PEM.
pub(crate) struct Secure {
    pub(crate) server: Server,
    pub(crate) pem: String,
}

pub(crate) type Stream = StreamOwned<ServerConnection, std::net::TcpStream>;

/// Starts a server that calls `serve` for each connection after the handshake, on its thread.
pub(crate) fn secure(
    serve: impl Fn(&mut Stream) -> std::io::Result<()> + Send + Sync + 'static,
) -> Secure {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).expect("a name");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .expect("a certificate and its key");
    let config = Arc::new(config);
    let server = raw(move |socket| {
        let tls = ServerConnection::new(config.clone()).expect("a config");
        let mut stream = StreamOwned::new(tls, socket);
        // Tests check the client, not the server.
        let _ = serve(&mut stream);
        stream.conn.send_close_notify();
        let _ = stream.flush();
    });
    let pem = cert.pem();
    Secure { server, pem }
}

/// Starts a server that answers every request with these bytes.
pub(crate) fn saying(answer: &'static [u8]) -> Secure {
    secure(move |stream| {
        while read_request(stream)? {
            stream.write_all(answer)?;
        }
        Ok(())
    })
}

/// Reads a request with its body; false at the end of the connection.
pub(crate) fn read_request(stream: &mut Stream) -> std::io::Result<bool> {
    let mut seen = Vec::new();
    let mut byte = [0];
    while !seen.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Ok(false);
        }
        seen.push(byte[0]);
    }
    let head = String::from_utf8(seen).expect("requests are text");
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let length = length.map_or(0, |length| length.parse().expect("a number"));
    stream.read_exact(&mut vec![0; length])?;
    Ok(true)
}

pub(crate) fn spec(to: &Secure, server_name: &str, trust: Trust) -> LoadSpec {
    let mut spec = short(&to.server);
    spec.target.tls = Some(Tls {
        server_name: server_name.to_owned(),
        trust,
        resumption: false,
    });
    spec
}

pub(crate) fn trusting(to: &Secure) -> LoadSpec {
    spec(to, "localhost", Trust::Only(to.pem.clone().into_bytes()))
}
