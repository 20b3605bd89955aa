use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::num::NonZeroUsize;
use std::thread;

use super::*;
use crate::worker::Work;

/// How a server differs from our worker.
#[derive(Clone, Debug, Default)]
struct Deviation {
    /// Additional fields.
    fields: &'static str,
    /// A target, and the body that it gets instead.
    body: Option<(&'static str, &'static str)>,
    /// Requests after which it closes a connection.
    ends_after: Option<usize>,
    /// A file that grows with each request.
    log: Option<std::path::PathBuf>,
    /// Whether it answers without doing the work.
    is_lazy: bool,
    /// Counters in which a worker counts a connection for each request.
    reconnects: Option<Scoreboard>,
}

/// Starts a server that answers like our worker, except for the deviation.
fn server(deviation: Deviation) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("a bound address");
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let deviation = deviation.clone();
            thread::spawn(move || deviation.serve(&stream));
        }
    });
    address
}

impl Deviation {
    fn serve(&self, mut stream: &TcpStream) {
        let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
        let limit = self.ends_after.unwrap_or(usize::MAX);
        for _ in 0..limit {
            let head: Vec<_> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
            let Some(target) = head.first().and_then(|line| line.split(' ').nth(1)) else {
                return;
            };
            let _sent = stream.write_all(&self.answer(target));
            if head.iter().any(|line| line == "connection: close") {
                return;
            }
        }
    }

    fn answer(&self, target: &str) -> Vec<u8> {
        let mut body = match Work::parse(target).expect("a valid target") {
            Work::Bytes(length) => vec![b'a'; length as usize],
            Work::Spin(time) | Work::Block(time) | Work::Sleep(time) if !self.is_lazy => {
                thread::sleep(time);
                b"ok\n".to_vec()
            }
            _ => b"ok\n".to_vec(),
        };
        if let Some((_, other)) = self.body.filter(|(at, _)| *at == target) {
            body = other.into();
        }
        if let Some(log) = &self.log {
            let log = std::fs::File::options().append(true).create(true).open(log);
            writeln!(log.expect("the test's file"), "{target}").expect("there is room");
        }
        if let Some(scoreboard) = &self.reconnects {
            scoreboard.slot(0).accept();
        }
        let (length, fields) = (body.len(), self.fields);
        let head = format!(
            "HTTP/1.1 200 OK\r\nx-evenkeel-worker: 7\r\ncontent-length: {length}\r\n{fields}\r\n"
        );
        [head.into_bytes(), body].concat()
    }
}

/// Returns the differences of a server with these workers, where two were requested.
fn found(deviation: &Deviation, workers: &[u32]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("nginx.conf"), "daemon off;").expect("there is room");
    let mut deviation = deviation.clone();
    deviation.log = deviation.log.map(|name| folder.path().join(name));
    let upstream = deviation.reconnects.clone();
    let system = Subject {
        address: server(deviation),
        folder: folder.path(),
        serves: &|target| target != "/sleep/5000",
        requested_workers: 2,
        workers: workers.iter().copied().collect(),
        upstream: upstream.as_ref(),
    };
    compare(&system, server(Deviation::default()))
}

/// Returns the only difference.
fn one(deviation: Deviation) -> String {
    let mut found = found(&deviation, &[7, 8]);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn a_server_that_behaves_like_our_worker_is_in_parity() {
    let with_a_few_fields = Deviation {
        fields: "server: x\r\nconnection: keep-alive\r\nkeep-alive: timeout=5\r\n",
        ..Deviation::default()
    };
    assert_eq!(found(&with_a_few_fields, &[7, 8]), [""; 0]);
}

#[test]
fn different_bodies_are_reported_with_the_difference() {
    let with = |target, body| Deviation {
        body: Some((target, body)),
        ..Deviation::default()
    };
    assert_eq!(
        one(with("/bytes/1024", "short")),
        "`/bytes/1024` is answered with status 200 and 5 bytes; our worker answers with status 200 \
         and 1024 bytes"
    );
    assert_eq!(
        one(with("/spin/1000", "OK\n")),
        "the body of `/spin/1000` differs from our worker's, first in byte 0"
    );
}

#[test]
fn compression_and_large_heads_are_reported() {
    let compresses = Deviation {
        fields: "content-encoding: gzip\r\n",
        ..Deviation::default()
    };
    let compressed = found(&compresses, &[7, 8]);
    assert_eq!(compressed.len(), TARGETS.len() - 1, "{compressed:?}");
    assert_eq!(compressed[0], "the body of `/` is compressed (gzip)");
    let large = Deviation {
        fields: concat!(
            "content-security-policy: default-src 'self'; frame-ancestors 'none'\r\n",
            "set-cookie: worker=0123456789abcdef0123456789abcdef; path=/; httponly\r\n"
        ),
        ..Deviation::default()
    };
    assert_eq!(
        one(large),
        "the head of an answer has 200 bytes, that of our worker 60: they differ by more than 128"
    );
}

#[test]
fn connections_that_are_not_kept_open_are_counted() {
    let ends = |requests| Deviation {
        ends_after: Some(requests),
        ..Deviation::default()
    };
    assert_eq!(
        one(ends(1)),
        "connections are not kept open: it closed 105 in 106 requests"
    );
    assert!(one(ends(100)).contains("it closed 1 in"));
    let (scoreboard, _) = Scoreboard::create(NonZeroUsize::MIN).expect("memory");
    let reconnects = Deviation {
        reconnects: Some(scoreboard),
        ..Deviation::default()
    };
    assert_eq!(
        one(reconnects),
        "connections to workers are not kept open: it opened 100 for 100 requests"
    );
}

#[test]
fn a_file_that_grows_with_requests_is_an_access_log() {
    let logs = Deviation {
        log: Some("access.log".into()),
        ..Deviation::default()
    };
    assert_eq!(
        one(logs),
        "requests are logged: `access.log` grows with them"
    );
}

#[test]
fn work_that_was_not_done_is_reported() {
    let lazy = Deviation {
        is_lazy: true,
        ..Deviation::default()
    };
    // On a busy machine the answers may still take long enough.
    for found in found(&lazy, &[7, 8]) {
        assert!(found.ends_with("so the work was not done"), "{found}");
    }
}

#[test]
fn missing_and_unknown_workers_are_reported() {
    assert_eq!(
        found(&Deviation::default(), &[8]),
        [
            "it has 1 worker processes, but 2 were requested",
            "106 of 106 answers name none of its workers: the first has `7` in x-evenkeel-worker",
        ]
    );
}

#[test]
fn a_server_that_does_not_answer_is_reported() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("a bound address");
    drop(listener);
    let system = Subject {
        address,
        folder: Path::new("/nowhere"),
        serves: &|_| true,
        requested_workers: 1,
        workers: [7].into(),
        upstream: None,
    };
    let found = compare(&system, server(Deviation::default()));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("`/` got no complete answer"),
        "{found:?}"
    );
}
