//! The response parser, with arbitrary input, in arbitrary pieces, and compared with httparse.

use evenkeel_loadgen::http1::{Answer, AnswerCache, Malformed, Parsed, Parser};
use proptest::prelude::*;

/// Feeds the pieces one by one, and returns the answer and the number of its bytes.
fn feed<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Option<(Answer, usize)>, Malformed> {
    let mut parser = Parser::default();
    let mut before = 0;
    for piece in pieces {
        match parser.feed(piece)? {
            Parsed::Complete { answer, used } => return Ok(Some((answer, before + used))),
            Parsed::Incomplete | Parsed::Closed => before += piece.len(),
        }
    }
    Ok(parser.finish().map(|answer| (answer, before)))
}

/// Cuts bytes at these places.
fn cut<'a>(bytes: &'a [u8], places: &[usize]) -> Vec<&'a [u8]> {
    let mut places: Vec<_> = places
        .iter()
        .map(|place| place % (bytes.len() + 1))
        .collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places
        .windows(2)
        .map(|pair| &bytes[pair[0]..pair[1]])
        .collect()
}

#[derive(Debug, Clone)]
enum Framing {
    Length,
    Chunked,
    UntilClose,
}

/// A well-formed response, with its status and worker.
fn response() -> impl Strategy<Value = (Vec<u8>, u16, Option<u32>)> {
    let framing = prop_oneof![
        Just(Framing::Length),
        Just(Framing::Chunked),
        Just(Framing::UntilClose)
    ];
    let fields = prop::collection::vec(("x-[a-z]{1,12}", "[ -~]{0,30}"), 0..6);
    let status = (200u16..600).prop_filter("has a body", |status| ![204, 304].contains(status));
    let body = prop::collection::vec(any::<u8>(), 0..300);
    let worker = prop::option::of(any::<u32>());
    (status, fields, framing, body, worker).prop_map(|(status, fields, framing, body, worker)| {
        let mut text = format!("HTTP/1.1 {status} Some Reason\r\n");
        for (name, value) in fields {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(worker) = worker {
            text.push_str(&format!("X-Evenkeel-Worker: {worker}\r\n"));
        }
        (frame(text, &framing, &body), status, worker)
    })
}

fn frame(mut head: String, framing: &Framing, body: &[u8]) -> Vec<u8> {
    match framing {
        Framing::Length => head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len())),
        Framing::Chunked => head.push_str("Transfer-Encoding: chunked\r\n\r\n"),
        Framing::UntilClose => head.push_str("\r\n"),
    }
    let mut bytes = head.into_bytes();
    if !matches!(framing, Framing::Chunked) {
        bytes.extend_from_slice(body);
        return bytes;
    }
    for chunk in body.chunks(37) {
        bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\nx-trailer: y\r\n\r\n");
    bytes
}

#[test]
fn a_response_is_complete_at_every_split() {
    let bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nx-evenkeel-worker: 7\r\n\
        transfer-encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nx: y\r\n\r\n";
    let whole = feed([&bytes[..]]).expect("well-formed").expect("whole");
    assert_eq!(whole.1, bytes.len());
    assert_eq!(whole.0.worker, Some(7));
    for first in 0..=bytes.len() {
        for second in first..=bytes.len() {
            let pieces = [&bytes[..first], &bytes[first..second], &bytes[second..]];
            assert_eq!(
                feed(pieces),
                Ok(Some(whole)),
                "split at {first} and {second}"
            );
        }
    }
}

#[test]
fn one_answer_after_another_is_read_on_one_connection() {
    let bytes = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n";
    let mut parser = Parser::default();
    let Ok(Parsed::Complete { answer, used }) = parser.feed(bytes) else {
        panic!("whole")
    };
    assert_eq!((answer.status, answer.bytes, used), (200, 40, 40));
    let Ok(Parsed::Complete { answer, used }) = parser.feed(&bytes[used..]) else {
        panic!("whole")
    };
    assert_eq!((answer.status, answer.bytes), (404, used as u64));
}

#[test]
fn garbage_in_pieces_is_reported_as_soon_as_possible() {
    let pieces = [&b"HT"[..], b"TQ", b"/1.1 200 OK\r\n"];
    assert_eq!(feed(pieces), Err(Malformed::StatusLine));
    assert_eq!(
        feed(pieces[..2].iter().copied()),
        Err(Malformed::StatusLine)
    );
    assert_eq!(feed(pieces[..1].iter().copied()), Ok(None));
}

#[test]
fn a_head_without_end_is_an_error() {
    let mut parser = Parser::default();
    let mut parsed = parser.feed(b"HTTP/1.1 200 OK\r\n");
    for _ in 0..10_000 {
        if parsed.is_err() {
            break;
        }
        parsed = parser.feed(b"x-filler: 0123456789\r\n");
    }
    assert_eq!(parsed, Err(Malformed::TooLong));
}

proptest! {
    #[test]
    fn well_formed_responses_are_read_whole_in_any_pieces(
        (bytes, status, worker) in response(), places in prop::collection::vec(any::<usize>(), 0..8),
    ) {
        let (answer, used) = feed(cut(&bytes, &places)).expect("well-formed").expect("whole");
        prop_assert_eq!(answer.status, status);
        prop_assert_eq!(answer.worker, worker);
        prop_assert_eq!(used, bytes.len());
        prop_assert_eq!(answer.bytes, bytes.len() as u64);
    }

    #[test]
    fn heads_are_read_as_by_httparse((bytes, ..) in response()) {
        let mut fields = [httparse::EMPTY_HEADER; 16];
        let mut theirs = httparse::Response::new(&mut fields);
        let parsed = theirs.parse(&bytes).expect("well-formed");
        let ours = feed([&bytes[..]]).expect("well-formed").expect("whole");
        prop_assert!(parsed.is_complete());
        prop_assert_eq!(theirs.code, Some(ours.0.status));
        // The answer to a HEAD request ends after its head.
        let mut parser = Parser::default();
        parser.expect_head(true);
        prop_assert_eq!(
            parser.feed(&bytes).map(|ours| matches!(ours, Parsed::Complete { used, .. } if used == parsed.unwrap())),
            Ok(true)
        );
    }

    #[test]
    fn a_damaged_response_is_read_the_same_whole_or_in_pieces(
        (mut bytes, ..) in response(),
        damage in prop::collection::vec((any::<usize>(), any::<u8>()), 1..4),
        places in prop::collection::vec(any::<usize>(), 0..8),
    ) {
        for (place, byte) in damage {
            let place = place % bytes.len();
            bytes[place] = byte;
        }
        prop_assert_eq!(feed([&bytes[..]]), feed(cut(&bytes, &places)));
    }

    #[test]
    fn a_cached_answer_has_the_same_meaning(
        answers in prop::collection::vec(response(), 1..4),
        order in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 1..12),
    ) {
        let mut known = AnswerCache::default();
        for (which, answers_head) in order {
            let (bytes, ..) = which.get(&answers);
            let (mut plain, mut knowing) = (Parser::default(), Parser::default());
            plain.expect_head(answers_head);
            knowing.expect_head(answers_head);
            let expected = plain.feed(bytes);
            prop_assert_eq!(knowing.feed_cached(bytes, &mut known), expected);
            prop_assert_eq!(knowing.finish(), plain.finish());
        }
    }

    #[test]
    fn arbitrary_bytes_never_make_it_panic(
        bytes in prop::collection::vec(any::<u8>(), 0..600),
        places in prop::collection::vec(any::<usize>(), 0..8),
        with_head: bool,
    ) {
        let start: &[u8] = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        let bytes = if with_head { [start, &bytes].concat() } else { bytes };
        prop_assert_eq!(feed([&bytes[..]]), feed(cut(&bytes, &places)));
    }
}
