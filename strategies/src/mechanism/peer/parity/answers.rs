//! One answer beside that of our worker.

use std::time::Duration;

use http::header::{CONTENT_ENCODING, TRANSFER_ENCODING};

use super::client::Answer;
use crate::worker::Work;

/// By so many bytes the head of an answer may differ from that of our worker, which has 123. What
/// systems add of their own accord, such as a name or what they do with the connection, comes to 46
/// in those that are built in; cookies or a page of security fields would show.
const HEAD_MARGIN: usize = 128;

/// Work may be over after this share of its time: a runtime that measures it by the clock of its
/// whole process is through sooner while other threads of it use a CPU as well.
const SOONEST: f64 = 0.5;

/// In what an answer differs from that of our worker to the same request, one sentence each.
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
        let (status, bytes) = (answer.status.as_u16(), answer.body.len());
        format!("status {status} and {bytes} bytes")
    };
    if (theirs.status, theirs.body.len()) != (ours.status, ours.body.len()) {
        return Some(format!(
            "`{target}` is answered with {}, by our worker with {}",
            described(theirs),
            described(ours)
        ));
    }
    let mut pairs = theirs.body.iter().zip(&ours.body);
    let at = pairs.position(|(theirs, ours)| theirs != ours)?;
    Some(format!(
        "the body of `{target}` has other bytes than our worker's, first at {at}"
    ))
}

fn encoding(target: &str, theirs: &Answer) -> Option<String> {
    let coding = theirs.fields.get(CONTENT_ENCODING)?;
    Some(format!(
        "the body of `{target}` is compressed ({})",
        coding.to_str().unwrap_or("unreadable")
    ))
}

fn framing(target: &str, theirs: &Answer) -> Option<String> {
    if theirs.says(&TRANSFER_ENCODING, "chunked") {
        return Some(format!(
            "`{target}` is sent in chunks, by our worker with its length"
        ));
    }
    (!theirs.is_delimited()).then(|| {
        format!("`{target}` is sent without its length, so that the connection has to end with it")
    })
}

/// Told of the smallest answer alone, since others have the same fields.
fn header(target: &str, theirs: &Answer, ours: &Answer) -> Option<String> {
    let (theirs, ours) = (theirs.head_bytes, ours.head_bytes);
    (target == "/" && theirs.abs_diff(ours) > HEAD_MARGIN).then(|| {
        format!(
            "the header of an answer has {theirs} bytes, of our worker's {ours}: more than \
             {HEAD_MARGIN} apart"
        )
    })
}

/// Work that was asked for takes its time.
fn time(target: &str, took: Duration) -> Option<String> {
    let (Work::Spin(asked) | Work::Block(asked) | Work::Sleep(asked)) = Work::parse(target).ok()?
    else {
        return None;
    };
    (took < asked.mul_f64(SOONEST)).then(|| {
        let took = took.as_micros();
        format!("`{target}` was answered after {took} µs already, so the work was not done")
    })
}
