//! `evenkeel list`: strategies, policies and scenarios.

mod long;

use evenkeel_strategies::{Host, Strategy, catalog};
use serde_json::{Value, json};

use crate::cli::{ListArgs, Plain};
use crate::failure::Failure;
use crate::output::print;
use crate::scenario::{BUILT_IN, SETS, Scenario, built_in};

/// Runs the command.
///
/// # Errors
/// [`Failure`] if stdout cannot be written to.
pub(crate) fn run(args: &ListArgs) -> Result<(), Failure> {
    match args.format {
        Plain::Text if args.long => print(&long::text(&Host::probe())),
        Plain::Text => print(&text()),
        Plain::Json => print(&format!("{:#}\n", json())),
    }
}

/// A heading, and what stands under it: names with a sentence each.
type Section = (&'static str, Vec<(String, String)>);

fn sections() -> Vec<Section> {
    let host = Host::probe();
    let strategies = catalog::ALL.iter().map(|strategy| {
        let core = if is_core(*strategy) { " [core]" } else { "" };
        let unmet = strategy.check(&host).err();
        let unmet = unmet.map_or_else(String::new, |reason| {
            format!(" (not on this host: {reason})")
        });
        (
            strategy.key().to_owned(),
            format!("{}{core}{unmet}", strategy.summary()),
        )
    });
    let aliases = catalog::ALIASES
        .iter()
        .map(|(alias, key)| ((*alias).to_owned(), (*key).to_owned()));
    let policies = catalog::policies()
        .into_iter()
        .map(|kind| (kind.name.to_owned(), kind.summary.to_owned()));
    let scenarios = scenarios()
        .into_iter()
        .map(|scenario| (scenario.name, scenario.summary));
    let sets = SETS
        .iter()
        .map(|(set, members)| ((*set).to_owned(), members.join(", ")));
    vec![
        (
            "Strategies (-s; a mechanism, `core` or `all` stands for several)",
            strategies.collect(),
        ),
        ("Other names for strategies", aliases.collect()),
        ("Policies", policies.collect()),
        (
            "Scenarios (-S; the path of a TOML file works too)",
            scenarios.collect(),
        ),
        ("Sets of scenarios", sets.collect()),
    ]
}

fn is_core(strategy: &dyn Strategy) -> bool {
    catalog::CORE.contains(&strategy.key())
}

fn scenarios() -> Vec<Scenario> {
    BUILT_IN
        .iter()
        .filter_map(|(name, _)| built_in(name))
        .collect()
}

fn text() -> String {
    let sections = sections();
    let names = sections.iter().flat_map(|(_, rows)| rows);
    let width = names.map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for (number, (heading, rows)) in sections.iter().enumerate() {
        let gap = if number == 0 { "" } else { "\n" };
        text += &format!("{gap}{heading}\n");
        for (name, summary) in rows {
            text += &format!("  {name:<width$}  {summary}\n");
        }
    }
    text
}

fn json() -> Value {
    let host = Host::probe();
    let strategies: Vec<Value> = catalog::ALL
        .iter()
        .map(|strategy| {
            let mut fields = long::json(*strategy);
            fields.extend([
                ("key".to_owned(), json!(strategy.key())),
                ("summary".to_owned(), json!(strategy.summary())),
                ("core".to_owned(), json!(is_core(*strategy))),
                (
                    "unmet".to_owned(),
                    json!(strategy.check(&host).err().map(|unmet| unmet.to_string())),
                ),
            ]);
            Value::Object(fields)
        })
        .collect();
    let policies: Vec<Value> = catalog::policies()
        .iter()
        .map(|kind| json!({ "name": kind.name, "summary": kind.summary }))
        .collect();
    json!({
        "strategies": strategies,
        "aliases": catalog::ALIASES.iter().copied().collect::<std::collections::BTreeMap<_, _>>(),
        "policies": policies,
        "scenarios": scenarios(),
        "sets": SETS.iter().copied().collect::<std::collections::BTreeMap<_, _>>(),
    })
}
