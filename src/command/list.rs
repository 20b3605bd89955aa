//! `evenkeel list`: strategies, policies and scenarios.

mod long;
mod text;

use evenkeel_strategies::{Host, Strategy, catalog, check_all, policy};
use serde_json::{Value, json};

use crate::cli::{ListArgs, Plain};
use crate::failure::Failure;
use crate::scenario::{BUILT_IN, SETS, Scenario, built_in};
use crate::terminal::{columns, print};

pub(crate) fn run(args: &ListArgs) -> Result<(), Failure> {
    let known = catalog::with_peers(&args.peers.recipes).map_err(Failure::usage)?;
    let strategies = look_at(known);
    match args.format {
        Plain::Text if args.long => print(&long::text(&strategies, width())),
        Plain::Text => print(&text::text(&strategies, width())),
        Plain::Json => print(&format!("{:#}\n", json(&strategies))),
    }
}

/// Characters of a line: those of the terminal, at most as many as are easy to read.
fn width() -> usize {
    columns(std::io::stdout()).unwrap_or(USUAL).min(WIDEST)
}

/// Characters of a line where nothing says how many there are: those of most terminals.
const USUAL: usize = 80;

/// Most characters of a line.
const WIDEST: usize = 120;

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

fn is_core(strategy: &dyn Strategy) -> bool {
    catalog::CORE.contains(&strategy.key())
}

fn scenarios() -> Vec<Scenario> {
    BUILT_IN
        .iter()
        .filter_map(|(name, _)| built_in(name))
        .collect()
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
