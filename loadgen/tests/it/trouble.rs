//! Faulty servers: each causes a counted error within the timeout.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::common::{Then, answering, offer_until, raw, saying, short};
use evenkeel_loadgen::{
    Arrivals, ErrorClass, LoadError, LoadSpec, Observer, Offer, Outcome, Phase, Progress,
    SpecError, run,
};

fn only_error(outcome: &Outcome) -> ErrorClass {
    assert_eq!(outcome.requests, 0);
    let classes: Vec<_> = outcome.errors.keys().copied().collect();
    let [class] = classes[..] else {
        panic!("one class of errors, not {classes:?}")
    };
    let explained: Vec<_> = outcome.examples.keys().copied().collect();
    assert_eq!(explained, classes, "each class has its example");
    class
}

#[test]
fn a_refusing_server_is_tried_again_but_not_in_a_busy_loop() {
    let unused = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    let address = unused.expect("a port is free");
    for offer_kind in [
        Offer::Closed,
        Offer::Open {
            rate_rps: 1e4,
            arrivals: Arrivals::Constant,
        },
    ] {
        let spec = LoadSpec {
            offer: offer_kind,
            connections: 2,
            timeout: Duration::from_millis(100),
            ..LoadSpec::new(address)
        };
        let outcome = offer_until(20, &spec);
        let refused = outcome.connect_errors[&ErrorClass::Refused];
        assert!(
            !outcome.errors.contains_key(&ErrorClass::Refused),
            "no request was sent"
        );
        // Two connections, every 10 ms, and the first two.
        let at_most = 2 * (outcome.duration.as_millis() as u64 / 10 + 1);
        assert!(
            (20..=at_most).contains(&refused),
            "{refused} attempts, not {at_most}"
        );
        assert!(
            outcome
                .invalid_because
                .iter()
                .any(|why| why.starts_with("2 connections"))
        );
    }
}

#[test]
fn a_silent_server_times_out() {
    let server = raw(|mut stream| {
        let mut sink = [0; 1024];
        while stream.read(&mut sink).is_ok_and(|bytes| bytes > 0) {}
    });
    let spec = LoadSpec {
        timeout: Duration::from_millis(50),
        ..short(&server)
    };
    assert_eq!(only_error(&offer_until(2, &spec)), ErrorClass::TimedOut);
}

#[test]
fn a_server_that_sends_byte_by_byte_is_read_or_times_out() {
    let drip = |pause| {
        answering(move |_, stream| {
            for byte in b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok" {
                stream.write_all(&[*byte])?;
                sleep(pause);
            }
            Ok(Then::Keep)
        })
    };
    let outcome = offer_until(2, &short(&drip(Duration::from_micros(50))));
    assert!(outcome.requests > 0);
    assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);

    let server = drip(Duration::from_millis(100));
    let spec = LoadSpec {
        timeout: Duration::from_millis(50),
        ..short(&server)
    };
    assert_eq!(only_error(&offer_until(2, &spec)), ErrorClass::TimedOut);
}

/// Sends this head, and then zeros for as long as they are read.
fn endless(stream: &mut TcpStream, head: &str, zeros: &[u8]) -> std::io::Result<Then> {
    stream.write_all(head.as_bytes())?;
    loop {
        stream.write_all(zeros)?;
    }
}

#[test]
fn an_answer_larger_than_memory_is_read_until_it_times_out() {
    let chunk = [b"100000\r\n", vec![0; 1 << 20].as_slice(), b"\r\n"].concat();
    for (framing, part) in [
        ("content-length: 18446744073709551615\r\n", vec![0; 1 << 20]),
        ("transfer-encoding: chunked\r\n", chunk),
        ("connection: close\r\n", vec![0; 1 << 20]),
    ] {
        let head = format!("HTTP/1.1 200 OK\r\n{framing}\r\n");
        let server = answering(move |_, stream| endless(stream, &head, &part));
        let spec = LoadSpec {
            timeout: Duration::from_millis(100),
            ..short(&server)
        };
        assert_eq!(only_error(&offer_until(2, &spec)), ErrorClass::TimedOut);
    }
}

#[test]
fn a_server_that_sends_without_end_does_not_starve_other_connections() {
    for pipeline in [1, 3] {
        let server = answering(|request, stream| {
            if request.connection == 0 {
                let head = "HTTP/1.1 200 OK\r\n\r\n";
                return endless(stream, head, &[0; 1 << 20]);
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")?;
            Ok(Then::Keep)
        });
        let spec = LoadSpec {
            pipeline: NonZeroU32::new(pipeline).expect("not 0"),
            ..short(&server)
        };
        assert!(offer_until(10, &spec).requests >= 10);
    }
}

#[test]
fn garbage_is_malformed_and_an_example_is_kept() {
    for (bytes, reason) in [
        ("SSH-2.0-OpenSSH\r\n", "status line"),
        ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "header line"),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
            "content-length",
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
            "chunk",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok and more",
            "no answer",
        ),
        ("HTTP/1.1 101 Switching\r\n\r\n", "protocol"),
    ] {
        let server = saying(bytes);
        let outcome = offer_until(2, &short(&server));
        assert_eq!(only_error(&outcome), ErrorClass::Malformed, "{bytes:?}");
        let example = &outcome.examples[&ErrorClass::Malformed];
        assert!(example.contains(reason), "{example}");
        let start = &bytes[..8];
        assert!(example.contains(start), "{example}");
    }
}

#[test]
fn each_error_status_is_counted_with_an_example_request() {
    let server = answering(|request, stream| {
        let status = [404, 503, 200][request.number % 3];
        write!(stream, "HTTP/1.1 {status} x\r\ncontent-length: 0\r\n\r\n")?;
        Ok(Then::Keep)
    });
    // Whichever connection they are on, these are two of each status.
    let outcome = offer_until(12, &short(&server));
    assert!(outcome.requests > 0);
    for status in [404, 503] {
        let class = ErrorClass::Status(status);
        assert!(outcome.errors[&class] > 0);
        assert_eq!(outcome.examples[&class], "the answer to `GET / HTTP/1.1`");
    }
}

#[test]
fn an_answer_that_is_cut_off_is_told_from_none() {
    for (bytes, class) in [
        ("", ErrorClass::Unanswered),
        ("HTTP/1.1 20", ErrorClass::Cut),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf",
            ErrorClass::Cut,
        ),
    ] {
        let server = answering(move |_, stream| {
            stream.write_all(bytes.as_bytes())?;
            Ok(Then::Close)
        });
        assert_eq!(
            only_error(&offer_until(2, &short(&server))),
            class,
            "{bytes:?}"
        );
    }
}

#[test]
fn a_server_that_closes_at_once_causes_counted_errors() {
    for open in [false, true] {
        let server = raw(drop);
        let mut spec = LoadSpec {
            timeout: Duration::from_millis(100),
            ..short(&server)
        };
        if open {
            spec.offer = Offer::Open {
                rate_rps: 100.0,
                arrivals: Arrivals::Constant,
            };
        }
        let outcome = offer_until(2, &spec);
        assert_eq!(outcome.requests, 0);
        let closed = [
            ErrorClass::ResetBeforeSending,
            ErrorClass::ClosedAsItWasSent,
            ErrorClass::Unanswered,
        ];
        assert!(
            closed
                .iter()
                .any(|class| outcome.errors.contains_key(class)),
            "{:?}",
            outcome.errors
        );
    }
}

#[test]
fn stopping_ends_the_run_and_keeps_what_was_measured() {
    let server = saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let started = Instant::now();
    let outcome = offer_until(1, &short(&server));
    assert!(outcome.interrupted);
    assert!(outcome.requests > 0);
    assert!(outcome.duration <= started.elapsed());
    assert!(outcome.duration > Duration::ZERO);
}

#[test]
fn stopping_before_the_window_opens_measures_nothing() {
    let server = saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let spec = LoadSpec {
        warmup: Duration::from_secs(600),
        ..short(&server)
    };
    let mut seen = Seen::default();
    let outcome = run(&spec, &AtomicBool::new(true), &mut seen).expect("offered");
    assert!(outcome.interrupted);
    assert_eq!((outcome.requests, outcome.duration), (0, Duration::ZERO));
    assert_eq!(outcome.cpu, Duration::ZERO);
    assert!(seen.edges.is_empty());
}

#[derive(Default)]
struct Seen {
    edges: Vec<&'static str>,
    phases: Vec<Phase>,
}

impl Observer for Seen {
    fn window_opened(&mut self) {
        self.edges.push("opened");
    }

    fn window_closed(&mut self) {
        self.edges.push("closed");
    }

    fn progress(&mut self, progress: &Progress) {
        self.phases.push(progress.phase);
    }
}

#[test]
fn the_observer_sees_the_window_open_and_close_once() {
    let server = saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let spec = LoadSpec {
        // Long enough for a busy machine to look once in each phase.
        warmup: Duration::from_secs(1),
        duration: Duration::from_secs(1),
        ..short(&server)
    };
    let mut seen = Seen::default();
    run(&spec, &AtomicBool::new(false), &mut seen).expect("offered");
    assert_eq!(seen.edges, ["opened", "closed"]);
    assert!(seen.phases.contains(&Phase::WarmingUp));
    assert!(seen.phases.contains(&Phase::Measuring));
}

#[test]
fn an_error_names_a_cpu_that_does_not_exist() {
    let server = saying("");
    for cpu in [1_023, 1_000_000] {
        let spec = LoadSpec {
            cpus: vec![cpu],
            ..short(&server)
        };
        let error = run(&spec, &AtomicBool::new(false), &mut ()).expect_err("no such CPU");
        assert!(
            matches!(error, LoadError::Pin { thread: 0, cpu: at, .. } if at == cpu),
            "{error}"
        );
    }
}

#[test]
fn impossible_load_is_refused_before_anything_is_sent() {
    let server = saying("");
    let good = short(&server);
    let open = |rate_rps| Offer::Open {
        rate_rps,
        arrivals: Arrivals::Constant,
    };
    let off_loopback: SocketAddr = "192.0.2.1:80".parse().expect("an address");
    let cases = [
        (
            LoadSpec {
                threads: 0,
                ..good.clone()
            },
            SpecError::NoThreads,
        ),
        (
            LoadSpec {
                connections: 0,
                ..good.clone()
            },
            SpecError::NoConnections,
        ),
        (
            LoadSpec {
                offer: open(0.0),
                ..good.clone()
            },
            SpecError::Rate(0.0),
        ),
        (
            LoadSpec {
                offer: open(-1.0),
                ..good.clone()
            },
            SpecError::Rate(-1.0),
        ),
        (
            LoadSpec {
                duration: Duration::ZERO,
                ..good.clone()
            },
            SpecError::NoDuration,
        ),
        (
            LoadSpec {
                timeout: Duration::ZERO,
                ..good.clone()
            },
            SpecError::NoTimeout,
        ),
        (
            LoadSpec {
                client_addresses: 0,
                ..good.clone()
            },
            SpecError::ClientAddresses(0),
        ),
        (
            LoadSpec {
                client_addresses: 1 << 24,
                ..good.clone()
            },
            SpecError::ClientAddresses(1 << 24),
        ),
        (
            LoadSpec {
                client_addresses: 2,
                ..LoadSpec::new(off_loopback)
            },
            SpecError::ClientsOffLoopback(off_loopback.into()),
        ),
    ];
    for (spec, expected) in cases {
        assert_eq!(spec.validate(), Err(expected));
    }
    for rate in [f64::NAN, f64::INFINITY] {
        assert!(
            LoadSpec {
                offer: open(rate),
                ..good.clone()
            }
            .validate()
            .is_err()
        );
    }
    assert_eq!(server.connections.load(Ordering::Relaxed), 0);
}
