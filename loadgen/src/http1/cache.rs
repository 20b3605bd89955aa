//! The last answer, kept to recognise the next one.

use super::answer::{Answer, Context};
use super::malformed::Malformed;
use super::parser::{Parsed, Parser};

/// Longer answers are not kept: comparing them costs as much as reading their head.
const MAX_BYTES: usize = 1_024;

/// The bytes of the last whole answer, and their meaning. A server usually answers equal requests with
/// equal bytes, including its `date` in whole seconds, so one comparison replaces parsing.
#[derive(Debug, Default)]
pub struct AnswerCache {
    bytes: Vec<u8>,
    answer: Option<Answer>,
    /// The context in which the bytes have this meaning.
    context: Context,
}

impl AnswerCache {
    /// Returns an empty cache.
    #[must_use]
    pub fn new() -> Self {
        Self {
            bytes: Vec::with_capacity(MAX_BYTES),
            ..Self::default()
        }
    }

    fn get(&self, input: &[u8], context: Context) -> Option<Answer> {
        self.answer
            .filter(|_| self.context == context && self.bytes == input)
    }

    fn put(&mut self, input: &[u8], answer: Answer, context: Context) {
        if input.len() <= MAX_BYTES {
            self.bytes.clear();
            self.bytes.extend_from_slice(input);
            (self.answer, self.context) = (Some(answer), context);
        }
    }
}

impl Parser {
    /// Like [`feed`](Parser::feed), but without parsing if the input is equal to the last answer.
    ///
    /// # Errors
    /// See [`feed`](Parser::feed).
    pub fn feed_cached(
        &mut self,
        input: &[u8],
        cache: &mut AnswerCache,
    ) -> Result<Parsed, Malformed> {
        let Some(context) = self.context() else {
            return self.feed(input);
        };
        let used = input.len();
        if let Some(answer) = cache.get(input, context) {
            return Ok(Parsed::Complete { answer, used });
        }
        let parsed = self.feed(input)?;
        match parsed {
            Parsed::Complete { answer, used: all } if all == used => {
                cache.put(input, answer, context)
            }
            _ => {}
        }
        Ok(parsed)
    }
}
