//! Scenarios that two studies define differently.

use std::path::Path;

use evenkeel_common::toml_file;
use serde_json::Value;

use crate::record::ScenarioRecord;
use crate::study::Study;

/// Returns the names of scenarios that are different load in two studies, so that their figures are not
/// comparable.
pub fn differing<'a>(a: &'a Study, b: &Study) -> Vec<&'a str> {
    let (of_a, of_b) = (&a.header.plan, &b.header.plan);
    let differs = |scenario: &&ScenarioRecord| {
        let mut others = of_b.scenarios.iter();
        let other = others.find(|other| other.name == scenario.name);
        other.is_some_and(|other| {
            let load = load(scenario);
            let by_workers = load.get("utilization").is_some() && of_a.workers != of_b.workers;
            by_workers || load != self::load(other)
        })
    };
    let differing = of_a.scenarios.iter().filter(differs);
    differing.map(|scenario| scenario.name.as_str()).collect()
}

/// Keys that do not change the load: the text that describes it, and how long it is offered.
const NO_LOAD: [&str; 3] = ["summary", "duration", "warmup"];

/// What is offered: the keys of a scenario that change it.
fn load(scenario: &ScenarioRecord) -> Value {
    let text = scenario.toml.as_str();
    let parsed = toml_file::parse::<Value>(text, Path::new(&scenario.name));
    let mut load = parsed.unwrap_or_else(|_| text.into());
    if let Some(keys) = load.as_object_mut() {
        keys.retain(|key, _| !NO_LOAD.contains(&key.as_str()));
    }
    load
}
