//! The list for people: strategies by mechanism and policy.

use evenkeel_strategies::{catalog, policy};

use super::{Listed, is_core, scenarios};
use crate::scenario::SETS;
use crate::terminal::wrap;

/// Widest column of names; what is longer has its text on the next line.
const NAMES: usize = 26;

/// Returns the list, with lines of at most `width` characters.
pub(super) fn text(strategies: &[Listed], width: usize) -> String {
    let (peers, ours): (Vec<&Listed>, Vec<&Listed>) = strategies
        .iter()
        .partition(|listed| listed.strategy.profile().is_peer);
    let policies = policy::all().map(|kind| (kind.name.to_owned(), kind.summary.to_owned()));
    let aliases = catalog::ALIASES.iter();
    let aliases = aliases.map(|(alias, key)| ((*alias).to_owned(), (*key).to_owned()));
    let scenarios = scenarios().into_iter().map(|s| (s.name, s.summary));
    let sets = SETS
        .iter()
        .map(|(set, members)| ((*set).to_owned(), members.join(", ")));
    let sections = [
        (
            "Strategies by mechanism (-s KEY; `-s MECHANISM`, `core`, `ours` and `all` select several)",
            mechanisms(&ours, width),
        ),
        (
            "Policies, the second part of a key: which worker they pick",
            rows(policies, width),
        ),
        (
            "Peers: other systems (-s KEY; `peer` selects all of them, `--peer FILE` adds one)",
            rows(peers.into_iter().map(row), width),
        ),
        ("Other names for strategies", rows(aliases, width)),
        (
            "Scenarios (-S NAME, or the path of a TOML file)",
            rows(scenarios, width),
        ),
        ("Sets of scenarios (-S NAME)", rows(sets, width)),
    ];
    let sections = sections.map(|(heading, body)| wrap("", 0, heading, width) + &body);
    sections.join("\n")
}

/// Strategies by mechanism. Those that differ in the policy alone are only named: what a policy does is
/// in its own section.
fn mechanisms(strategies: &[&Listed], width: usize) -> String {
    let mechanism = |listed: &Listed| listed.strategy.profile().mechanism.to_owned();
    let groups = strategies.chunk_by(|a, b| mechanism(a) == mechanism(b));
    let groups = groups.map(|group| match common_summary(group) {
        Some(summary) => {
            let heading = wrap(
                "  ",
                4,
                &format!("{}: {summary}", mechanism(group[0])),
                width,
            );
            let keys: Vec<String> = group.iter().map(|listed| named(listed)).collect();
            heading + &wrap("    ", 4, &keys.join(", "), width) + &unmet(group, width)
        }
        None => columns(group.iter().map(|listed| row(listed)), NAMES, width),
    });
    groups.collect()
}

/// What strategies of a mechanism with policies have in common: their summaries without that of the policy.
fn common_summary<'a>(group: &[&'a Listed]) -> Option<&'a str> {
    let profile = group.first()?.strategy.profile();
    let common = profile.summary.strip_suffix(profile.policy?.summary)?;
    Some(common.trim_end_matches([' ', ':']))
}

/// A key with its mark; a space in it does not end a line.
fn named(listed: &Listed) -> String {
    let key = listed.strategy.key();
    match is_core(listed.strategy) {
        true => format!("{key}\u{a0}[core]"),
        false => key.to_owned(),
    }
}

/// Why strategies of a group cannot run on this host, each reason once.
fn unmet(group: &[&Listed], width: usize) -> String {
    let mut reasons: Vec<&str> = Vec::new();
    for reason in group.iter().filter_map(|listed| listed.unmet.as_deref()) {
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    let lines = reasons
        .into_iter()
        .map(|reason| wrap("    not on this host: ", 6, reason, width));
    lines.collect()
}

fn row(listed: &Listed) -> (String, String) {
    let core = if is_core(listed.strategy) {
        " [core]"
    } else {
        ""
    };
    let unmet = listed.unmet.as_ref();
    let unmet = unmet.map_or_else(String::new, |reason| {
        format!(" (not on this host: {reason})")
    });
    let summary = listed.strategy.profile().summary;
    (
        listed.strategy.key().to_owned(),
        format!("{summary}{core}{unmet}"),
    )
}

/// Names with a sentence each, in two columns.
fn rows(rows: impl Iterator<Item = (String, String)>, width: usize) -> String {
    let rows: Vec<(String, String)> = rows.collect();
    let lengths = rows.iter().map(|(name, _)| name.len());
    let names = lengths.filter(|length| *length <= NAMES).max().unwrap_or(0);
    columns(rows.into_iter(), names, width)
}

fn columns(rows: impl Iterator<Item = (String, String)>, names: usize, width: usize) -> String {
    let rows = rows.map(|(name, text)| {
        let first = match name.len() <= names {
            true => format!("  {name:<names$}  "),
            false => format!("  {name}\n{:1$}", "", names + 4),
        };
        wrap_after(&first, names + 4, &text, width)
    });
    rows.collect()
}

/// Wraps a text whose beginning may be on a line of its own.
fn wrap_after(first: &str, indent: usize, text: &str, width: usize) -> String {
    match first.split_once('\n') {
        Some((name, blanks)) => format!("{name}\n{}", wrap(blanks, indent, text, width)),
        None => wrap(first, indent, text, width),
    }
}
