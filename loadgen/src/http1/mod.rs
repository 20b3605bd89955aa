//! HTTP/1.1 responses, read incrementally (RFC 9112).
//!
//! The usual case of a load generator is fast: a small head that arrives whole, is scanned once in
//! the receive buffer, and has four fields that matter. Everything else (heads in pieces, chunks,
//! interim answers) takes a slower path to the same result. Bodies are counted, never kept.

mod answer;
mod body;
mod cache;
mod head;
mod malformed;
mod parser;
mod upgraded;

pub use answer::Answer;
pub use cache::AnswerCache;
pub use malformed::{MAX_HEAD_BYTES, Malformed};
pub(crate) use parser::is_nothing;
pub use parser::{Parsed, Parser};
