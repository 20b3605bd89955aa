use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::num::NonZeroUsize;
use std::thread;

use super::*;
use crate::worker::Work;

/// What a server does otherwise than our worker.
#[derive(Clone, Debug, Default)]
struct Otherwise {
    /// Besides the fields that our worker has.
    fields: &'static str,
    /// Instead of the body that our worker sends for a target.
    body: Option<(&'static str, &'static str)>,
    /// Requests after which it ends a connection.
    ends_after: Option<usize>,
    /// What grows with each request.
    log: Option<std::path::PathBuf>,
    /// Whether it says that it has done its work without having done it.
    is_lazy: bool,
    /// Where a worker counts a connection for each request.
    reconnects: Option<Scoreboard>,
}

/// A server that answers as our worker does, but for what it does otherwise.
fn server(otherwise: Otherwise) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("a bound address");
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let otherwise = otherwise.clone();
            thread::spawn(move || otherwise.serve(&stream));
        }
    });
    address
}

impl Otherwise {
    fn serve(&self, mut stream: &TcpStream) {
        let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
        let most = self.ends_after.unwrap_or(usize::MAX);
        for _ in 0..most {
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
        let mut body = match Work::parse(target).expect("a target that workers know") {
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
            writeln!(log.expect("a file of ours"), "{target}").expect("there is room");
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

/// In what one differs that has so many processes, of which two were ordered.
fn found(otherwise: &Otherwise, workers: &[u32]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("nginx.conf"), "daemon off;").expect("there is room");
    let mut otherwise = otherwise.clone();
    otherwise.log = otherwise.log.map(|name| folder.path().join(name));
    let upstream = otherwise.reconnects.clone();
    let subject = Subject {
        address: server(otherwise),
        folder: folder.path(),
        serves: &|target| target != "/sleep/5000",
        ordered: 2,
        workers: workers.iter().copied().collect(),
        upstream: upstream.as_ref(),
    };
    differences(&subject, server(Otherwise::default()))
}

/// The only thing in which it differs.
fn one(otherwise: Otherwise) -> String {
    let mut found = found(&otherwise, &[7, 8]);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn who_does_what_our_worker_does_is_in_parity() {
    let with_a_few_fields = Otherwise {
        fields: "server: x\r\nconnection: keep-alive\r\nkeep-alive: timeout=5\r\n",
        ..Otherwise::default()
    };
    assert_eq!(found(&with_a_few_fields, &[7, 8]), [""; 0]);
}

#[test]
fn other_bodies_are_told_with_what_is_other_about_them() {
    let with = |target, body| Otherwise {
        body: Some((target, body)),
        ..Otherwise::default()
    };
    assert_eq!(
        one(with("/bytes/1024", "short")),
        "`/bytes/1024` is answered with status 200 and 5 bytes, by our worker with status 200 and \
         1024 bytes"
    );
    assert_eq!(
        one(with("/spin/1000", "OK\n")),
        "the body of `/spin/1000` has other bytes than our worker's, first at 0"
    );
}

#[test]
fn compression_and_large_headers_are_told() {
    let compresses = Otherwise {
        fields: "content-encoding: gzip\r\n",
        ..Otherwise::default()
    };
    let compressed = found(&compresses, &[7, 8]);
    assert_eq!(compressed.len(), TARGETS.len() - 1, "{compressed:?}");
    assert_eq!(compressed[0], "the body of `/` is compressed (gzip)");
    let talks = Otherwise {
        fields: concat!(
            "content-security-policy: default-src 'self'; frame-ancestors 'none'\r\n",
            "set-cookie: worker=0123456789abcdef0123456789abcdef; path=/; httponly\r\n"
        ),
        ..Otherwise::default()
    };
    assert_eq!(
        one(talks),
        "the header of an answer has 200 bytes, of our worker's 60: more than 128 apart"
    );
}

#[test]
fn connections_that_are_not_kept_are_told_with_their_number() {
    let ends = |requests| Otherwise {
        ends_after: Some(requests),
        ..Otherwise::default()
    };
    assert_eq!(
        one(ends(1)),
        "connections are not kept: after 105 of 106 requests it ended theirs"
    );
    assert!(one(ends(100)).contains(": after 1 of"));
    let (scoreboard, _) = Scoreboard::create(NonZeroUsize::MIN).expect("memory");
    let reconnects = Otherwise {
        reconnects: Some(scoreboard),
        ..Otherwise::default()
    };
    assert_eq!(
        one(reconnects),
        "connections to workers are not kept: for 100 requests it opened 100"
    );
}

#[test]
fn a_file_that_grows_with_requests_is_an_access_log() {
    let logs = Otherwise {
        log: Some("access.log".into()),
        ..Otherwise::default()
    };
    assert_eq!(
        one(logs),
        "requests are logged: `access.log` grows with them"
    );
}

#[test]
fn work_that_was_not_done_is_told() {
    let lazy = Otherwise {
        is_lazy: true,
        ..Otherwise::default()
    };
    // Where even that takes as long as the work would have, it shows in nothing else.
    for found in found(&lazy, &[7, 8]) {
        assert!(found.ends_with("so the work was not done"), "{found}");
    }
}

#[test]
fn workers_that_are_missing_and_strangers_are_told() {
    assert_eq!(
        found(&Otherwise::default(), &[8]),
        [
            "it has 1 worker processes, and 2 were ordered",
            "106 of 106 answers came from none of its workers: the first has `7` in \
             x-evenkeel-worker",
        ]
    );
}

#[test]
fn who_does_not_answer_is_told_as_such() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("a bound address");
    drop(listener);
    let subject = Subject {
        address,
        folder: Path::new("/nowhere"),
        serves: &|_| true,
        ordered: 1,
        workers: [7].into(),
        upstream: None,
    };
    let found = differences(&subject, server(Otherwise::default()));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("`/` got no whole answer"), "{found:?}");
}
