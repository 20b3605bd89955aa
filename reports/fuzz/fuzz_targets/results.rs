//! Any bytes, read as a record, and written in every format.

#![no_main]

#[path = "../../tests/common/any_record.rs"]
mod any_record;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    any_record::check(input);
});
