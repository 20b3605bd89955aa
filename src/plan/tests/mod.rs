//! Plans on a machine of four cores.

mod limits;
mod options;
mod order;
mod ready;
mod refusals;
mod times;
mod variants;

use std::path::Path;
use std::time::Duration;

use super::{Plan, resolve};
use crate::config::Settings;
use crate::machine::Machine;

/// Four cores without hyperthreads.
fn machine() -> Machine {
    Machine {
        cpus: (0..4).collect(),
        core_of: |cpu| cpu,
        open_files: 20_000,
        local_ports: 28_232,
        ports_reused_after: Duration::from_secs(1),
    }
}

fn settings(toml: &str) -> Settings {
    evenkeel_common::toml_file::parse(toml, Path::new("study.toml")).expect("valid settings")
}

pub(crate) fn plan(toml: &str) -> Plan {
    resolve(settings(toml), false, &machine()).expect("a plan")
}

fn refusal(toml: &str, machine: &Machine) -> String {
    resolve(settings(toml), false, machine)
        .expect_err("a refusal")
        .to_string()
}
