//! What the fuzzer checks of TOML files (`scripts/fuzz`), in the normal tests.

mod property;
mod tests;
