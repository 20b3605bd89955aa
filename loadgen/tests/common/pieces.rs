//! A property of the parser for any input: the result does not depend on the pieces in which the input
//! arrives, nor on what was read before. For tests and for the fuzzer.

use evenkeel_loadgen::http1::{Answer, AnswerCache, Malformed, Parsed, Parser};

/// The result of a connection: its answers, and the error at its end.
pub type Conversation = (Vec<Answer>, Result<(), Malformed>);

/// Asserts the property. The first byte sets whether HEAD is answered, the second the length of the
/// pieces; the others are the input.
pub fn check(input: &[u8]) -> Option<Conversation> {
    let [method, piece, bytes @ ..] = input else {
        return None;
    };
    let answers_head = method & 1 == 1;
    let all = bytes.len().max(1);
    let mut cache = AnswerCache::default();
    let whole = read(answers_head, bytes.chunks(all), &mut AnswerCache::default());
    for piece in [usize::from(*piece).max(1), all, all] {
        let pieces = read(answers_head, bytes.chunks(piece), &mut cache);
        assert_eq!(whole, pieces);
    }
    Some(whole)
}

fn read<'a>(
    answers_head: bool,
    pieces: impl Iterator<Item = &'a [u8]>,
    cache: &mut AnswerCache,
) -> Conversation {
    let mut parser = Parser::default();
    parser.expect_head(answers_head);
    let mut answers = Vec::new();
    for piece in pieces {
        let mut rest = piece;
        while !rest.is_empty() {
            match parser.feed_cached(rest, cache) {
                Ok(Parsed::Incomplete | Parsed::Closed) => break,
                Ok(Parsed::Complete { answer, used }) => {
                    assert!(
                        used <= rest.len(),
                        "more bytes were used than the input has"
                    );
                    answers.push(answer);
                    rest = &rest[used..];
                }
                Err(error) => return (answers, Err(error)),
            }
        }
    }
    answers.extend(parser.finish());
    (answers, Ok(()))
}
