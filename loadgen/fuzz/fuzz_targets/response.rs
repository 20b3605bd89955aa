//! Any bytes in any pieces, read as responses: the parser never panics, and its result does not depend
//! on the pieces.

#![no_main]

#[path = "../../tests/common/pieces.rs"]
mod pieces;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    pieces::check(input);
});
