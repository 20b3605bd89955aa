//! Any bytes, read as an answer: what the fast path of the proxy forwards, the slow path forwards, too.

#![no_main]

use evenkeel_strategies::mechanism::proxy::engine::property::answer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    answer::check(input);
});
