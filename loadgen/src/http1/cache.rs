//! The last answer, kept to recognise the next one.

use super::answer::{Answer, Context};
use super::malformed::Malformed;
use super::parser::{Parsed, Parser};

/// Longer answers are not kept: comparing them costs as much as reading their head.
const MAX_BYTES: usize = 1_024;

/// The bytes of the last whole answer, and their meaning. A server usually answers equal requests with
/// equal bytes, including its `date` in whole seconds, so one comparison replaces parsing.
#[derive(Debug)]
pub struct AnswerCache {
    bytes: Vec<u8>,
    answer: Option<Answer>,
    /// The context in which the bytes have this meaning.
    context: Context,
}

impl Default for AnswerCache {
    fn default() -> Self {
        Self {
            bytes: Vec::with_capacity(MAX_BYTES),
            answer: None,
            context: Context::default(),
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
        let len = input.len();
        if let Some(answer) = cache.answer
            && cache.context == context
            && cache.bytes == input
        {
            return Ok(Parsed::Complete { answer, used: len });
        }
        let parsed = self.feed(input)?;
        if let Parsed::Complete { answer, used } = parsed
            && used == len
            && len <= MAX_BYTES
        {
            cache.bytes.clear();
            cache.bytes.extend_from_slice(input);
            (cache.answer, cache.context) = (Some(answer), context);
        }
        Ok(parsed)
    }
}
