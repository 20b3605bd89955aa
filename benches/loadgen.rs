//! Cost of one request in the load generator, without system calls: parsing its answer and recording
//! its latency.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use evenkeel_loadgen::Recorder;
use evenkeel_loadgen::http1::{Answer, Parsed, Parser};

/// The answer of an evenkeel worker to `/`.
const WORKER: &[u8] = b"HTTP/1.1 200 OK\r\nx-evenkeel-worker: 3\r\ncontent-length: 3\r\n\
    date: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\nok\n";

/// The answer of a usual web server with a small file.
const FILE_SERVER: &[u8] = b"HTTP/1.1 200 OK\r\nServer: example/1.0\r\n\
    Date: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\
    Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nConnection: keep-alive\r\n\
    ETag: \"0123456789abcdef\"\r\nAccept-Ranges: bytes\r\n\r\nok\n";

const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nx-evenkeel-worker: 3\r\n\
    transfer-encoding: chunked\r\n\r\n3\r\nok\n\r\n0\r\n\r\n";

fn parse(criterion: &mut Criterion) {
    for (name, bytes) in [
        ("worker", WORKER),
        ("file-server", FILE_SERVER),
        ("chunked", CHUNKED),
    ] {
        let mut group = criterion.benchmark_group(format!("parse/{name}"));
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        let mut parser = Parser::default();
        group.bench_function("evenkeel", |bencher| {
            bencher.iter(|| complete(parser.feed(black_box(bytes))));
        });
        // httparse only reads the head, and does not interpret its fields.
        group.bench_function("httparse", |bencher| {
            bencher.iter(|| httparse_head(black_box(bytes)));
        });
        group.finish();
    }
}

fn complete<E: std::fmt::Debug>(parsed: Result<Parsed, E>) -> Answer {
    match parsed {
        Ok(Parsed::Complete { answer, .. }) => answer,
        other => panic!("a complete answer, not {other:?}"),
    }
}

fn httparse_head(bytes: &[u8]) -> Option<u16> {
    let mut fields = [httparse::EMPTY_HEADER; 16];
    let mut response = httparse::Response::new(&mut fields);
    let status = response.parse(bytes).expect("a well-formed head");
    assert!(status.is_complete());
    response.code
}

fn record(criterion: &mut Criterion) {
    let answer = Answer {
        status: 200,
        keep_alive: true,
        worker: Some(3),
        generation: None,
        work_ns: None,
        bytes: 100,
    };
    let mut recorder = Recorder::default();
    let mut state = 0x9E37_79B9;
    criterion.bench_function("record/latency", |bencher| {
        bencher.iter(|| {
            let ns = next_latency(&mut state);
            recorder.answered(&answer, black_box(ns), black_box(ns / 2));
        });
    });
}

/// Returns latencies between 50 and about 300 microseconds, from a small linear congruential generator
/// (Knuth, TAOCP vol. 2, 3.3.4).
fn next_latency(state: &mut u64) -> u64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    50_000 + (*state >> 46)
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(std::time::Duration::from_millis(500))
        .measurement_time(std::time::Duration::from_secs(2));
    targets = parse, record
}
criterion_main!(benches);
