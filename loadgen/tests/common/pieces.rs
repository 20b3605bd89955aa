//! What must hold of the parser for any input: it comes to the same whatever
//! the pieces are in which the input arrives. For tests and for the fuzzer.

use evenkeel_loadgen::http1::{Answer, Fed, Malformed, Parser};

/// What a connection came to: its answers, and what was wrong at its end.
pub type Conversation = (Vec<Answer>, Result<(), Malformed>);

/// Asserts it. The first byte says whether HEAD is answered, the second how
/// long the pieces are; the others arrive.
pub fn check(input: &[u8]) -> Option<Conversation> {
    let [method, piece, bytes @ ..] = input else {
        return None;
    };
    let answers_head = method & 1 == 1;
    let whole = read(answers_head, bytes.chunks(bytes.len().max(1)));
    let pieces = read(answers_head, bytes.chunks(usize::from(*piece).max(1)));
    assert_eq!(whole, pieces);
    Some(whole)
}

fn read<'a>(answers_head: bool, pieces: impl Iterator<Item = &'a [u8]>) -> Conversation {
    let mut parser = Parser::new();
    parser.expect_head(answers_head);
    let mut answers = Vec::new();
    for piece in pieces {
        let mut rest = piece;
        while !rest.is_empty() {
            match parser.feed(rest) {
                Ok(Fed::More) => break,
                Ok(Fed::Whole { answer, used }) => {
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
