//! What must hold of the parser for any input: it comes to the same whatever
//! the pieces are in which the input arrives, and whatever it has read before.
//! For tests and for the fuzzer.

use evenkeel_loadgen::http1::{Answer, AnswerCache, Malformed, Parsed, Parser};

/// What a connection came to: its answers, and what was wrong at its end.
pub type Conversation = (Vec<Answer>, Result<(), Malformed>);

/// Asserts it. The first byte says whether HEAD is answered, the second how
/// long the pieces are; the others arrive.
pub fn check(input: &[u8]) -> Option<Conversation> {
    let [method, piece, bytes @ ..] = input else {
        return None;
    };
    let answers_head = method & 1 == 1;
    let all = bytes.len().max(1);
    let mut known = AnswerCache::new();
    let whole = read(answers_head, bytes.chunks(all), &mut AnswerCache::new());
    for piece in [usize::from(*piece).max(1), all, all] {
        let pieces = read(answers_head, bytes.chunks(piece), &mut known);
        assert_eq!(whole, pieces);
    }
    Some(whole)
}

fn read<'a>(
    answers_head: bool,
    pieces: impl Iterator<Item = &'a [u8]>,
    known: &mut AnswerCache,
) -> Conversation {
    let mut parser = Parser::new();
    parser.expect_head(answers_head);
    let mut answers = Vec::new();
    for piece in pieces {
        let mut rest = piece;
        while !rest.is_empty() {
            match parser.feed_cached(rest, known) {
                Ok(Parsed::Incomplete) => break,
                Ok(Parsed::Complete { answer, used }) => {
                    assert!(used <= rest.len(), "more was used than there is");
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
