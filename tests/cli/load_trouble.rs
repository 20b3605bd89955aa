//! Servers that hang, come late or are not there: what `evenkeel load` and a study say of them.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use procfs::process::Process;
use serde_json::Value;

use crate::processes::{children_of, eventually};
use crate::program::{end_of, evenkeel, record, start};

/// Number of requests that the server answers before it hangs.
const ANSWERED: usize = 20;

/// Serves on a new port, and returns its URL. After some requests it answers none.
fn hanging() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("bound"));
    let begun = Arc::new(AtomicUsize::new(0));
    thread::spawn(move || {
        for socket in listener.incoming().map_while(Result::ok) {
            let begun = Arc::clone(&begun);
            thread::spawn(move || serve(socket, &begun));
        }
    });
    url
}

fn serve(mut socket: TcpStream, begun: &AtomicUsize) -> std::io::Result<()> {
    let reader = BufReader::new(socket.try_clone()?);
    for line in reader.lines() {
        if line?.is_empty() && begun.fetch_add(1, Ordering::Relaxed) < ANSWERED {
            socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")?;
        }
    }
    Ok(())
}

#[test]
fn requests_without_an_answer_at_the_end_are_part_of_the_result() {
    let url = hanging();
    let line = format!("load -q {url} -c 2 -d 1500ms --format json");
    let finished = evenkeel(&line, Path::new("/"));
    assert_eq!(finished.code, Some(3), "{finished:?}");
    assert!(
        finished.err.contains("unanswered at the end"),
        "{finished:?}"
    );
    let trial: Value = serde_json::from_str(&finished.out).expect("JSON");
    assert_eq!(
        (&trial["valid"], &trial["requests"]),
        (&false.into(), &ANSWERED.into())
    );
    let unfinished = &trial["unfinished"];
    assert_eq!(
        (&unfinished["requests"], &unfinished["overdue"]),
        (&2.into(), &2.into())
    );
    assert!(unfinished["known_up_to"].as_f64() < Some(1.0));
    let intervals = trial["intervals"].as_array().expect("a list");
    assert!(
        intervals
            .iter()
            .any(|interval| interval["stalled_us"].is_f64())
    );
}

#[test]
fn percentiles_that_waiting_requests_may_exceed_are_marked_as_lower_bounds() {
    let url = hanging();
    let finished = evenkeel(&format!("load -q {url} -c 2 -d 1500ms"), Path::new("/"));
    let row = |name: &str| finished.out.lines().find(|line| line.starts_with(name));
    let response = row("response").expect("a row of response times");
    // Mean, p99, p99.9 and maximum: of 22 requests, 2 have no answer.
    assert_eq!(response.matches('≥').count(), 4, "{finished:?}");
    assert!(
        finished.out.contains("nothing was answered"),
        "{finished:?}"
    );
}

/// Whether a worker has used twice the CPU time of the warm-up, in ticks of 10 ms.
fn has_served(worker: i32) -> bool {
    let stat = Process::new(worker).and_then(|worker| worker.stat());
    stat.is_ok_and(|stat| stat.utime + stat.stime >= 10)
}

#[test]
fn a_worker_that_is_stopped_makes_its_trial_invalid() {
    let folder = tempfile::tempdir().expect("a folder");
    let study = start(
        "run -q -s single -S bare-keep-alive -d 3s --warmup 50ms -b 1 -c 2 -o OUT",
        folder.path(),
    );
    let workers = || children_of(study.id().cast_signed());
    eventually("the worker has served for longer than the warm-up", || {
        workers().iter().any(|worker| has_served(*worker))
    });
    for worker in workers() {
        kill(Pid::from_raw(worker), Signal::SIGSTOP).expect("a process of the study");
    }
    let finished = end_of(study);
    let (_, trials) = record(&folder.path().join("OUT"));
    assert_eq!(trials[0]["valid"], false, "{finished:?}");
    let why = trials[0]["invalid_because"].to_string();
    let is_explained =
        why.contains("unanswered at the end") || why.contains("no request was answered");
    assert!(is_explained, "{why}");
}

#[test]
fn where_nobody_listens_every_kind_of_load_fails_with_the_reason() {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
    let address = free.expect("a port");
    for options in [
        "-d 100ms",
        "-d 100ms --rate 200",
        "-d 1h --rate 200",
        "-d 100ms --requests-per-connection 1",
        "-n 5",
        "-d 100ms --pipeline 4",
        "-d 100ms --find-capacity p50<1s",
    ] {
        let finished = evenkeel(
            &format!("load -q http://{address}/ {options}"),
            Path::new("/"),
        );
        assert_eq!(finished.code, Some(1), "{finished:?}");
        for words in ["nobody could be reached", "Connection refused"] {
            assert!(
                finished.err.contains(words),
                "{words} is missing in {finished:?}"
            );
        }
    }
}
