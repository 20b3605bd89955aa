//! Each class of the account, provoked alone, and the log of losses.

use std::collections::BTreeMap;
use std::io::{Read, Result, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::Duration;

use crate::common::{Request, Server, Then, answering, assert_account, offer, raw, saying, short};
use evenkeel_loadgen::{
    Address, Arrivals, ErrorClass, LoadSpec, MAX_LOSSES, Offer, Outcome, RequestSpec, Target, Tls,
    Trust, run,
};

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nx-evenkeel-worker: 7\r\ncontent-length: 0\r\n\r\n";

/// Returns a run of this number of requests, one at a time, that are sent once.
fn once(server: &Server, requests: u64) -> LoadSpec {
    LoadSpec {
        connections: 1,
        requests: NonZeroU64::new(requests),
        duration: Duration::MAX,
        repeat: false,
        ..short(server)
    }
}

/// Asserts that the account has these classes and no other: `answered`, failed ones, `unfinished`.
fn assert_classes(outcome: &Outcome, answered: u64, failed: &[(ErrorClass, u64)], unfinished: u64) {
    let account = outcome.account();
    let failed: BTreeMap<ErrorClass, u64> = failed.iter().copied().collect();
    assert_eq!(account.failed, failed, "{:?}", outcome.examples);
    assert_eq!(
        (account.answered, account.unfinished),
        (answered, unfinished),
        "{account:?}"
    );
    assert!(account.adds_up());
}

/// Waits until bytes have arrived, without reading them.
fn await_unread(stream: &TcpStream) -> Result<()> {
    stream.peek(&mut [0]).map(drop)
}

#[test]
fn every_answer_is_answered() {
    let outcome = offer(&once(&saying(std::str::from_utf8(OK).expect("text")), 20));
    assert_classes(&outcome, 20, &[], 0);
    assert!(outcome.losses.first.is_empty());
}

#[test]
fn nobody_listens_is_refused() {
    let unused = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    let outcome = offer(&opening(unused.expect("a port is free"), false));
    assert_classes(&outcome, 0, &[(ErrorClass::Refused, 5)], 0);
    assert!(outcome.losses.first.iter().all(|loss| !loss.is_on_kept));
}

/// Returns a run whose requests each open a connection to this address, with TLS if required.
fn opening(address: impl Into<Address>, tls: bool) -> LoadSpec {
    let spec = LoadSpec {
        requests: NonZeroU64::new(5),
        requests_per_connection: NonZeroU64::new(1),
        duration: Duration::MAX,
        timeout: Duration::from_secs(60),
        ..LoadSpec::new(address)
    };
    let tls = tls.then(|| Tls {
        server_name: "localhost".to_owned(),
        trust: Trust::AnyCertificate,
        resumption: false,
    });
    LoadSpec {
        target: Target { tls, ..spec.target },
        ..spec
    }
}

#[test]
fn an_end_before_a_byte_of_the_request_is_told_from_an_end_after_it() {
    // The request waits for the handshake.
    let outcome = offer(&opening(raw(drop).address, true));
    assert_classes(&outcome, 0, &[(ErrorClass::ResetBeforeSending, 5)], 0);
}

#[test]
fn a_connection_that_cannot_be_opened_fails_its_request_by_the_reason() {
    let plain = raw(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        while stream.read(&mut [0; 1024]).is_ok_and(|bytes| bytes > 0) {}
    });
    let outcome = offer(&opening(plain.address, true));
    assert_classes(&outcome, 0, &[(ErrorClass::TlsFailed, 5)], 0);

    let outcome = offer(&LoadSpec {
        timeout: Duration::from_millis(20),
        ..opening(silent().address, true)
    });
    assert_classes(&outcome, 0, &[(ErrorClass::ConnectTimedOut, 5)], 0);

    let folder = tempfile::tempdir().expect("a folder");
    let outcome = offer(&opening(
        Address::Unix(folder.path().join("none.sock")),
        false,
    ));
    assert_classes(&outcome, 0, &[(ErrorClass::ConnectFailed, 5)], 0);
}

#[test]
fn a_kept_connection_that_is_closed_with_the_request_unread_is_closed_as_it_was_sent() {
    for io_uring in [true, false] {
        let outcome = offer(&LoadSpec {
            io_uring,
            ..once(&closing_kept(CloseKept::Unread), 20)
        });
        assert_classes(&outcome, 10, &[(ErrorClass::ClosedAsItWasSent, 10)], 0);
    }
}

#[test]
fn a_kept_connection_that_is_closed_with_the_request_read_leaves_it_unanswered() {
    for io_uring in [true, false] {
        let outcome = offer(&LoadSpec {
            io_uring,
            ..once(&closing_kept(CloseKept::Read), 20)
        });
        assert_classes(&outcome, 10, &[(ErrorClass::Unanswered, 10)], 0);
        for loss in &outcome.losses.first {
            assert_eq!((loss.worker, loss.is_on_kept), (Some(7), true));
            assert!(loss.sent_ns <= loss.at_ns, "{loss:?}");
        }
    }
}

/// How a server closes a connection as its second request arrives.
#[derive(Clone, Copy, PartialEq)]
enum CloseKept {
    Unread,
    Read,
}

/// Starts a server that answers one request on each connection.
fn closing_kept(how: CloseKept) -> Server {
    answering(move |request, stream| {
        if request.number > 0 {
            return Ok(Then::Close);
        }
        stream.write_all(OK)?;
        if how == CloseKept::Read {
            return Ok(Then::Keep);
        }
        await_unread(stream)?;
        Ok(Then::Close)
    })
}

#[test]
fn what_a_client_that_repeats_gets_and_another_one_loses_is_the_same() {
    for (how, class) in [
        (CloseKept::Unread, ErrorClass::ClosedAsItWasSent),
        (CloseKept::Read, ErrorClass::Unanswered),
    ] {
        let outcome = offer(&LoadSpec {
            repeat: true,
            ..once(&closing_kept(how), 20)
        });
        assert_classes(&outcome, 20, &[], 0);
        assert_eq!(outcome.repeated.instead_of, [(class, 19)].into());
        assert_eq!(outcome.repeated.answered, 19);
        assert!(outcome.losses.first.is_empty());
    }
}

#[test]
fn a_first_request_that_is_read_and_not_answered_is_unanswered() {
    for per_connection in [None, Some(1)] {
        let server = answering(|_, _| Ok(Then::Close));
        let outcome = offer(&LoadSpec {
            requests_per_connection: per_connection.and_then(NonZeroU64::new),
            ..once(&server, 10)
        });
        assert_classes(&outcome, 0, &[(ErrorClass::Unanswered, 10)], 0);
        let losses = &outcome.losses.first;
        assert!(
            losses
                .iter()
                .all(|loss| loss.worker.is_none() && !loss.is_on_kept)
        );
    }
}

#[test]
fn a_body_that_is_refused_while_it_is_sent_is_unanswered() {
    let server = raw(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
    });
    let outcome = offer(&LoadSpec {
        request: RequestSpec {
            method: "POST".into(),
            body: vec![b'x'; 20_000_000],
            ..RequestSpec::default()
        },
        requests_per_connection: NonZeroU64::new(1),
        ..once(&server, 5)
    });
    assert_classes(&outcome, 0, &[(ErrorClass::Unanswered, 5)], 0);
}

#[test]
fn an_end_within_an_answer_cuts_it() {
    let answers: [&[u8]; 3] = [
        b"H",
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n",
    ];
    for bytes in answers {
        let server = answering(move |request, stream| {
            if request.number == 0 {
                stream.write_all(OK)?;
                return Ok(Then::Keep);
            }
            stream.write_all(bytes)?;
            Ok(Then::Close)
        });
        let outcome = offer(&once(&server, 10));
        assert_classes(&outcome, 5, &[(ErrorClass::Cut, 5)], 0);
    }
}

/// Reads without answering, until the client gives up.
fn silent() -> Server {
    raw(|mut stream| while stream.read(&mut [0; 1024]).is_ok_and(|bytes| bytes > 0) {})
}

#[test]
fn silence_times_out_or_is_unfinished_if_the_window_closes_before() {
    let server = silent();
    let outcome = offer(&LoadSpec {
        timeout: Duration::from_millis(20),
        ..once(&server, 4)
    });
    assert_classes(&outcome, 0, &[(ErrorClass::TimedOut, 4)], 0);

    let outcome = offer(&LoadSpec {
        connections: 3,
        repeat: false,
        ..short(&server)
    });
    assert_classes(&outcome, 0, &[], 3);
    assert!(outcome.losses.first.is_empty());
}

#[test]
fn an_arrival_without_a_connection_is_unsent_and_the_one_before_it_timed_out() {
    let outcome = offer(&LoadSpec {
        offer: Offer::Open {
            rate_rps: 1_000.0,
            arrivals: Arrivals::Constant,
        },
        connections: 1,
        requests: NonZeroU64::new(5),
        timeout: Duration::from_secs(1),
        ..short(&silent())
    });
    let failed = [(ErrorClass::TimedOut, 1), (ErrorClass::Unsent, 4)];
    assert_classes(&outcome, 0, &failed, 0);
    assert_eq!(outcome.losses.first.len(), 1);
}

#[test]
fn a_status_that_is_not_expected_is_its_own_class_and_a_loss_of_its_worker() {
    let server = answering(|_, stream| {
        stream.write_all(
            b"HTTP/1.1 502 Bad Gateway\r\nx-evenkeel-worker: 3\r\ncontent-length: 0\r\n\r\n",
        )?;
        Ok(Then::Keep)
    });
    let outcome = offer(&once(&server, 10));
    assert_classes(&outcome, 0, &[(ErrorClass::Status(502), 10)], 0);
    let losses = outcome.losses.first.iter();
    let workers: Vec<_> = losses.map(|loss| loss.worker).collect();
    assert_eq!(workers, [Some(3); 10]);
}

/// Answers two requests, and closes in one of these ways.
fn two_of_a_pipeline(request: &Request, stream: &mut TcpStream, announced: bool) -> Result<Then> {
    let is_second = request.number == 1;
    let close: &[u8] = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let answer = if is_second && announced { close } else { OK };
    stream.write_all(answer)?;
    if !is_second {
        return Ok(Then::Keep);
    }
    stream.shutdown(Shutdown::Write)?;
    // What was sent beyond is read, or the close would be a reset.
    while stream.read(&mut [0; 1024])? > 0 {}
    Ok(Then::Close)
}

#[test]
fn requests_behind_the_last_answer_of_a_pipeline_are_lost_to_a_client_that_does_not_repeat() {
    for announced in [true, false] {
        let server =
            answering(move |request, stream| two_of_a_pipeline(request, stream, announced));
        let spec = LoadSpec {
            pipeline: NonZeroU32::new(4).expect("not 0"),
            ..once(&server, 40)
        };
        let outcome = offer(&spec);
        assert_eq!(outcome.requests + outcome.failures(), 40);
        assert!(outcome.failures() > 0);
        // Of an end that was not announced the kernel says whether they had arrived by then.
        let known = |class: &ErrorClass| {
            *class == ErrorClass::ClosedAsItWasSent
                || *class == ErrorClass::Unanswered && !announced
        };
        assert!(outcome.errors.keys().all(known), "{:?}", outcome.errors);
        let repeating = offer(&LoadSpec {
            repeat: true,
            ..spec
        });
        assert_classes(&repeating, 40, &[], 0);
        assert!(repeating.repeated.requests() > 0);
    }
}

#[test]
fn a_pipeline_whose_server_has_gone_for_good_fails_instead_of_waiting_for_ever() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("a bound address");
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        drop(listener);
        await_unread(&stream).expect("a request");
        stream.write_all(OK).expect("the client reads");
    });
    let outcome = offer(&LoadSpec {
        requests: NonZeroU64::new(8),
        duration: Duration::MAX,
        pipeline: NonZeroU32::new(4).expect("not 0"),
        ..LoadSpec::new(address)
    });
    server.join().expect("no panic");
    assert_eq!(outcome.requests, 1);
    assert_eq!(outcome.failures(), 7, "{:?}", outcome.errors);
}

#[test]
fn a_run_that_is_stopped_has_an_account_of_what_it_sent() {
    let server = silent();
    for open in [false, true] {
        let offer = match open {
            false => Offer::Closed,
            true => Offer::Open {
                rate_rps: 100.0,
                arrivals: Arrivals::Constant,
            },
        };
        let spec = LoadSpec {
            offer,
            connections: 4,
            duration: Duration::from_secs(600),
            timeout: Duration::from_secs(600),
            ..short(&server)
        };
        let stop = AtomicBool::new(false);
        let outcome = std::thread::scope(|scope| {
            scope.spawn(|| {
                sleep(Duration::from_millis(200));
                stop.store(true, Ordering::Relaxed);
            });
            run(&spec, &stop, &mut ()).expect("offered")
        });
        assert_account(&outcome);
        assert_eq!(outcome.failures(), 0, "{:?}", outcome.errors);
        assert!(outcome.unfinished.requests > 0);
    }
}

#[test]
fn the_log_has_the_first_losses_and_the_number_of_the_others() {
    let server = answering(|_, stream| {
        stream.write_all(b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n")?;
        Ok(Then::Keep)
    });
    let requests = MAX_LOSSES as u64 + 500;
    let outcome = offer(&LoadSpec {
        connections: 4,
        threads: 2,
        ..once(&server, requests)
    });
    let losses = &outcome.losses;
    assert_eq!((losses.first.len(), losses.left_out), (MAX_LOSSES, 500));
    assert!(losses.first.is_sorted_by_key(|loss| loss.at_ns));
    assert!(losses.first[0].at_ns >= 0);
}
