//! Any bytes at the start of a connection, in any pieces: a PROXY header is read to its end and no further,
//! and its addresses are the same when they are written and read again.

#![no_main]

use evenkeel_strategies::dispatch::proxy_protocol::property;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    property::check(input);
});
