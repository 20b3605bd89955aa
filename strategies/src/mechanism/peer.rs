//! Other systems, under the same load as our own strategies.

pub mod recipe;
