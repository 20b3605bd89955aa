//! `evenkeel list`: strategies, policies and scenarios.

mod long;

use evenkeel_strategies::{Host, Strategy, catalog, check_all, policy};
use serde_json::{Value, json};

use crate::cli::{ListArgs, Plain};
use crate::failure::Failure;
use crate::scenario::{BUILT_IN, SETS, Scenario, built_in};
use crate::terminal::print;

pub(crate) fn run(args: &ListArgs) -> Result<(), Failure> {
    let known = catalog::with_peers(&args.peers.recipes).map_err(Failure::usage)?;
    let strategies = look_at(known);
    match args.format {
        Plain::Text if args.long => print(&long::text(&strategies)),
        Plain::Text => print(&text(&strategies)),
        Plain::Json => print(&format!("{:#}\n", json(&strategies))),
    }
}

/// A strategy, and why it cannot run on this host, if so.
struct Listed {
    strategy: &'static dyn Strategy,
    unmet: Option<String>,
}

fn look_at(strategies: Vec<&'static dyn Strategy>) -> Vec<Listed> {
    let host = Host::probe();
    let checks = check_all(&strategies, &host).into_iter();
    let listed = strategies.into_iter().zip(checks);
    let listed = listed.map(|(strategy, check)| Listed {
        strategy,
        unmet: check.err().map(|unmet| unmet.to_string()),
    });
    listed.collect()
}

/// A heading, and names with a sentence each.
type Section = (&'static str, Vec<(String, String)>);

fn sections(strategies: &[Listed]) -> Vec<Section> {
    let (peers, ours): (Vec<&Listed>, _) = strategies
        .iter()
        .partition(|listed| listed.strategy.profile().is_peer);
    let aliases = catalog::ALIASES
        .iter()
        .map(|(alias, key)| ((*alias).to_owned(), (*key).to_owned()));
    let policies = policy::all().map(|kind| (kind.name.to_owned(), kind.summary.to_owned()));
    let scenarios = scenarios()
        .into_iter()
        .map(|scenario| (scenario.name, scenario.summary));
    let sets = SETS
        .iter()
        .map(|(set, members)| ((*set).to_owned(), members.join(", ")));
    vec![
        (
            "Strategies (-s; a mechanism, `core`, `ours` or `all` selects several)",
            ours.into_iter().map(row).collect(),
        ),
        (
            "Peers: other systems (-s; `peer` selects all of them, `--peer FILE` adds one)",
            peers.into_iter().map(row).collect(),
        ),
        ("Other names for strategies", aliases.collect()),
        ("Policies", policies.collect()),
        (
            "Scenarios (-S; the path of a TOML file works, too)",
            scenarios.collect(),
        ),
        ("Sets of scenarios", sets.collect()),
    ]
}

fn row(Listed { strategy, unmet }: &Listed) -> (String, String) {
    let core = if is_core(*strategy) { " [core]" } else { "" };
    let unmet = unmet.as_ref().map_or_else(String::new, |reason| {
        format!(" (not on this host: {reason})")
    });
    let summary = strategy.profile().summary;
    (strategy.key().to_owned(), format!("{summary}{core}{unmet}"))
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

fn text(strategies: &[Listed]) -> String {
    let sections = sections(strategies);
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

fn json(strategies: &[Listed]) -> Value {
    let strategies: Vec<Value> = strategies
        .iter()
        .map(|Listed { strategy, unmet }| {
            let mut fields = long::json(*strategy);
            fields.extend([
                ("key".to_owned(), json!(strategy.key())),
                ("summary".to_owned(), json!(strategy.profile().summary)),
                ("core".to_owned(), json!(is_core(*strategy))),
                ("unmet".to_owned(), json!(unmet)),
            ]);
            Value::Object(fields)
        })
        .collect();
    let policies: Vec<Value> = policy::all()
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
