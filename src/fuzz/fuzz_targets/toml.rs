//! Any text, read as a scenario, a study or a recipe. The first byte chooses which.

#![no_main]
#![allow(dead_code, unused_imports, reason = "the program's modules, of which a target uses a part")]

#[macro_use]
#[path = "../../values/mod.rs"]
mod values;

#[path = "../../cli/mod.rs"]
mod cli;
#[path = "../../command/mod.rs"]
mod command;
#[path = "../../config/mod.rs"]
mod config;
#[path = "../../doctor/mod.rs"]
mod doctor;
#[path = "../../executable/mod.rs"]
mod executable;
#[path = "../../failure.rs"]
mod failure;
#[path = "../../limit/mod.rs"]
mod limit;
#[path = "../../machine/mod.rs"]
mod machine;
#[path = "../../plan/mod.rs"]
mod plan;
#[path = "../property.rs"]
mod property;
#[path = "../../scenario/mod.rs"]
mod scenario;
#[path = "../../study/mod.rs"]
mod study;
#[path = "../../terminal/mod.rs"]
mod terminal;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    if let [kind, text @ ..] = input
        && let Ok(text) = std::str::from_utf8(text)
    {
        property::KINDS[usize::from(*kind) % property::KINDS.len()](text);
    }
});
