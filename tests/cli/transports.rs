//! `evenkeel load` over TLS and Unix sockets.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::program::evenkeel;

/// Answers each request on a connection until the client closes it.
fn serve(mut stream: impl Read + Write) -> std::io::Result<()> {
    let mut reader = BufReader::new(&mut stream);
    let mut line = String::new();
    while reader.read_line(&mut line)? > 0 {
        if line == "\r\n" {
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
            reader.get_mut().write_all(answer)?;
        }
        line.clear();
    }
    Ok(())
}

/// Serves `localhost` over TLS, writes the certificate to `ca.pem` and returns the port.
fn serve_tls(folder: &Path) -> u16 {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).expect("a name");
    fs::write(folder.join("ca.pem"), cert.pem()).expect("room");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .expect("a certificate and its key");
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    thread::spawn(move || {
        for socket in listener.incoming().map_while(Result::ok) {
            let tls = ServerConnection::new(config.clone()).expect("a config");
            thread::spawn(move || serve(StreamOwned::new(tls, socket)));
        }
    });
    port
}

#[test]
fn https_works_with_a_trusted_certificate() {
    let folder = tempfile::tempdir().expect("a folder");
    let port = serve_tls(folder.path());
    for options in ["--cacert ca.pem", "--insecure", "--insecure --pipeline 3"] {
        let line = format!("load https://localhost:{port}/ -c 2 -n 50 {options}");
        let finished = evenkeel(&line, folder.path());
        assert_eq!(finished.code, Some(0), "{finished:?}");
        assert!(finished.out.contains("50 answered"), "{finished:?}");
    }
}

#[test]
fn https_with_an_untrusted_certificate_fails_with_a_remedy() {
    let folder = tempfile::tempdir().expect("a folder");
    let port = serve_tls(folder.path());
    // The certificate is not for an address.
    let line = format!("load https://127.0.0.1:{port}/ -c 2 -n 10 --cacert ca.pem");
    let finished = evenkeel(&line, folder.path());
    assert_eq!(finished.code, Some(1), "{finished:?}");
    for words in ["tls-failed", "not valid for name", "--insecure"] {
        assert!(
            finished.err.contains(words),
            "{words} is missing in {finished:?}"
        );
    }
}

#[test]
fn load_reaches_a_unix_socket_by_its_path() {
    let folder = tempfile::tempdir().expect("a folder");
    let listener = UnixListener::bind(folder.path().join("s.sock")).expect("a new path");
    thread::spawn(move || {
        for socket in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || serve(socket));
        }
    });
    let line = "load http://localhost/ --unix-socket s.sock -c 2 -n 50";
    let finished = evenkeel(line, folder.path());
    assert_eq!(finished.code, Some(0), "{finished:?}");

    let line = "load http://localhost/ --unix-socket none.sock -c 2 -n 50";
    let finished = evenkeel(line, folder.path());
    assert_eq!(finished.code, Some(1), "{finished:?}");
    assert!(
        finished
            .err
            .contains("nobody could be reached at the socket none.sock"),
        "{finished:?}"
    );
}
