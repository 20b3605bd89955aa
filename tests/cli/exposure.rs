//! What `serve` says about addresses that other machines may reach.

use std::io::Read;
use std::net::TcpListener;
use std::path::Path;

use nix::sys::signal::Signal;

use crate::program::{signal, start};

/// Serves at this address, and returns what the command has written to standard error at its end.
fn said_at(listen: &str) -> String {
    let line = format!("serve -s single --listen {listen}");
    let mut process = start(&line, Path::new("/"));
    let mut first = [0; 1];
    let out = process.stdout.as_mut().expect("piped");
    out.read_exact(&mut first).expect("it serves");
    signal(&process, Signal::SIGTERM);
    let mut said = String::new();
    let err = process.stderr.as_mut().expect("piped");
    err.read_to_string(&mut said).expect("UTF-8");
    process.wait().expect("it ends");
    said
}

#[test]
fn an_address_beyond_loopback_gives_a_warning() {
    for (listen, is_exposed) in [
        ("127.0.0.1:0", false),
        ("127.1.2.3:0", false),
        ("[::1]:0", false),
        ("0.0.0.0:0", true),
        ("[::]:0", true),
    ] {
        if TcpListener::bind(listen).is_err() {
            // This host has no IPv6.
            continue;
        }
        let said = said_at(listen);
        let warns = said.contains("warning: other machines may reach");
        assert_eq!(warns, is_exposed, "{listen}: {said}");
    }
}
