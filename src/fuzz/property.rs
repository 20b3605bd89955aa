//! What holds for the text of any TOML file that a user gives: an error is one line with the name of the
//! file, and what is accepted can be shown, recorded and read back. For tests and for the fuzzer.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use evenkeel_common::toml_file::{self, Origin};
use evenkeel_strategies::catalog;

use crate::config::Settings;
use crate::machine::Machine;
use crate::plan::{self, Plan};
use crate::scenario::{Arrivals, Scenario, is_path};

/// The kinds of files, each with its check.
pub(crate) const KINDS: [fn(&str); 3] = [scenario, study, recipe];

const FILE: &str = "any.toml";

fn read<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    let read = toml_file::parse(text, Path::new(FILE));
    read.map_err(|error| assert_is_one_line_about(&error.to_string(), FILE))
        .ok()
}

fn assert_is_one_line_about(error: &str, file: &str) {
    assert_eq!(error.lines().count(), 1, "{error:?}");
    assert!(error.starts_with(file), "{error:?}");
}

fn machine() -> Machine {
    Machine {
        cpus: (0..4).collect(),
        core_of: |cpu| cpu,
        open_files: 20_000,
        local_ports: 28_232,
        ports_reused_after: std::time::Duration::from_secs(1),
    }
}

fn scenario(text: &str) {
    let Some(scenario) = read::<Scenario>(text) else {
        return;
    };
    let origin = Origin::root(Path::new(FILE), text);
    let scenario = Scenario { origin, ..scenario };
    if let Err(error) = scenario.check() {
        return assert_is_one_line_about(&error.to_string(), FILE);
    }
    let toml = scenario.record(4).toml;
    let again = toml_file::parse::<Scenario>(&toml, Path::new(FILE));
    assert_eq!(again.expect("what was recorded"), scenario);
}

fn study(text: &str) {
    let settings = read::<Settings>(text);
    let Some(settings) = settings.filter(|settings| !reads_files(settings)) else {
        return;
    };
    let Ok(plan) = plan::resolve(settings, false, &machine()) else {
        return;
    };
    assert!(!plan.to_string().is_empty());
    let again = Plan::from_record(&plan.record(), &machine()).expect("a recorded plan");
    assert_eq!(again.config, plan.config);
    assert_eq!(again.scenarios, plan.scenarios);
}

/// Whether a plan would read other files, or run other programs.
fn reads_files(settings: &Settings) -> bool {
    let is_path = |name: &PathBuf| is_path(name) || name.exists();
    let is_trace = |scenario: &Scenario| matches!(scenario.arrivals, Some(Arrivals::Trace(_)));
    !settings.peers.is_empty()
        || !settings.executables.is_empty()
        || settings.scenarios.iter().any(is_path)
        || settings.inline_scenarios.iter().any(is_trace)
}

fn recipe(text: &str) {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("any-{}-{number}.toml", std::process::id());
    let file = std::env::temp_dir().join(&name);
    std::fs::write(&file, text).expect("room");
    let read = catalog::peers_of(&file);
    std::fs::remove_file(&file).expect("it was written");
    if let Err(error) = read {
        let error = error.to_string();
        assert!(error.contains(&name), "{error:?}");
    }
}
