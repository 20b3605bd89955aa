//! An answer that has been read before.

use super::{Answer, Fed, Malformed, Parser};

/// Longer answers are not remembered: comparing them costs what reading their head does.
const MOST_BYTES: usize = 1_024;

/// The last whole answer, and what it said. A server answers like requests with like bytes, its
/// `date` of whole seconds included, so as a rule one comparison tells what an answer says.
#[derive(Debug, Default)]
pub struct Known {
    bytes: Vec<u8>,
    answer: Option<Answer>,
    /// What the parser was told, on which the meaning depends.
    context: Context,
}

/// What the meaning of an answer depends on besides its bytes.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Context {
    /// Answers to HEAD have no body, whatever their fields say.
    pub(super) answers_head: bool,
    /// Whether the `x-evenkeel-work` field is looked at.
    pub(super) reads_work: bool,
}

impl Known {
    /// Nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            bytes: Vec::with_capacity(MOST_BYTES),
            ..Self::default()
        }
    }

    fn recall(&self, input: &[u8], context: Context) -> Option<Answer> {
        self.answer
            .filter(|_| self.context == context && self.bytes == input)
    }

    fn learn(&mut self, input: &[u8], answer: Answer, context: Context) {
        if input.len() <= MOST_BYTES {
            self.bytes.clear();
            self.bytes.extend_from_slice(input);
            (self.answer, self.context) = (Some(answer), context);
        }
    }
}

impl Parser {
    /// [Feeds](Parser::feed) the parser, unless all of the input is an answer that is known.
    ///
    /// # Errors
    /// As those of [`feed`](Parser::feed).
    pub fn feed_unless_known(&mut self, input: &[u8], known: &mut Known) -> Result<Fed, Malformed> {
        let Some(context) = self.context() else {
            return self.feed(input);
        };
        let used = input.len();
        if let Some(answer) = known.recall(input, context) {
            return Ok(Fed::Whole { answer, used });
        }
        let fed = self.feed(input)?;
        match fed {
            Fed::Whole { answer, used: all } if all == used => known.learn(input, answer, context),
            _ => {}
        }
        Ok(fed)
    }
}
