//! The comparison of an answer with that of our worker.

use std::time::Duration;

use http::header::CONTENT_ENCODING;

use super::client::Answer;
use crate::http1::answer_head::Framing;
use crate::worker::Work;

/// Allowed difference in bytes between the head of an answer and that of our worker, which has 123.
/// The built-in peers add at most 46 bytes, such as a name or fields about the connection. Cookies
/// or security fields exceed the margin.
const HEAD_MARGIN: usize = 128;

/// The share of its time after which work may end. A runtime that measures work with the CPU clock
/// of its process ends sooner while other threads of the process use a CPU.
const SHORTEST: f64 = 0.5;

/// Returns one sentence for each difference between an answer and that of our worker to the same
/// request.
pub(super) fn differences(target: &str, theirs: &Answer, ours: &Answer) -> Vec<String> {
    let all = [
        status(target, theirs, ours),
        encoding(target, theirs),
        framing(target, theirs),
        header(target, theirs, ours),
        time(target, theirs.took),
    ];
    all.into_iter().flatten().collect()
}

fn status(target: &str, theirs: &Answer, ours: &Answer) -> Option<String> {
    let described = |answer: &Answer| {
        let (status, bytes) = (answer.head.status.as_u16(), answer.body.len());
        format!("status {status} and {bytes} bytes")
    };
    if (theirs.head.status, theirs.body.len()) != (ours.head.status, ours.body.len()) {
        return Some(format!(
            "`{target}` is answered with {}; our worker answers with {}",
            described(theirs),
            described(ours)
        ));
    }
    let mut pairs = theirs.body.iter().zip(&ours.body);
    let at = pairs.position(|(theirs, ours)| theirs != ours)?;
    Some(format!(
        "the body of `{target}` differs from our worker's, first in byte {at}"
    ))
}

fn encoding(target: &str, theirs: &Answer) -> Option<String> {
    let coding = theirs.head.fields.get(CONTENT_ENCODING)?;
    Some(format!(
        "the body of `{target}` is compressed ({})",
        coding.to_str().unwrap_or("unreadable")
    ))
}

fn framing(target: &str, theirs: &Answer) -> Option<String> {
    match theirs.framing {
        Framing::Length(_) => None,
        Framing::Chunked => Some(format!(
            "`{target}` is sent in chunks; our worker sends its length"
        )),
        Framing::UntilClose => Some(format!(
            "`{target}` is sent without its length, so the connection must end after it"
        )),
    }
}

/// Compares only the smallest answers, since others have the same fields.
fn header(target: &str, theirs: &Answer, ours: &Answer) -> Option<String> {
    let (theirs, ours) = (theirs.head.bytes, ours.head.bytes);
    (target == "/" && theirs.abs_diff(ours) > HEAD_MARGIN).then(|| {
        format!(
            "the head of an answer has {theirs} bytes, that of our worker {ours}: they differ by \
             more than {HEAD_MARGIN}"
        )
    })
}

/// Checks that an answer takes as long as its work.
fn time(target: &str, took: Duration) -> Option<String> {
    let (Work::Spin(requested) | Work::Block(requested) | Work::Sleep(requested)) =
        Work::parse(target).ok()?
    else {
        return None;
    };
    (took < requested.mul_f64(SHORTEST)).then(|| {
        let took = took.as_micros();
        format!("`{target}` was answered after only {took} µs, so the work was not done")
    })
}
