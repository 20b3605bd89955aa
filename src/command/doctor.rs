//! `evenkeel doctor`: checks whether this host is fit to measure on.

use evenkeel_common::units::plural;
use evenkeel_strategies::catalog;
use serde::Serialize;

use crate::cli::{DoctorArgs, Plain};
use crate::doctor::peers::{self, Health};
use crate::doctor::{Finding, examine};
use crate::failure::Failure;
use crate::terminal::{print, print_fitting};

/// Runs the command. Warnings do not fail it: many hosts cannot be changed, and their figures are
/// still useful.
pub(crate) fn run(args: &DoctorArgs) -> Result<(), Failure> {
    if args.peers || !args.further.recipes.is_empty() {
        return of_peers(args);
    }
    let findings = examine();
    match args.format {
        Plain::Text => print_fitting(&text(&findings)),
        Plain::Json => json(&findings),
    }
}

/// Shows which peers can run here, and how to install the others.
fn of_peers(args: &DoctorArgs) -> Result<(), Failure> {
    let known = catalog::peers(&args.further.recipes).map_err(Failure::usage)?;
    let found = peers::examine(&known);
    match args.format {
        Plain::Text => print_fitting(&text_of_peers(&found)),
        Plain::Json => json(&found),
    }
}

fn json(found: &[impl Serialize]) -> Result<(), Failure> {
    let json = serde_json::to_string_pretty(found).map_err(Failure::failed)?;
    print(&format!("{json}\n"))
}

fn text_of_peers(found: &[Health]) -> String {
    let width = found.iter().map(|health| health.peer.len()).max();
    let width = width.unwrap_or(0) + 2;
    let lines: String = found.iter().map(|health| line_of(health, width)).collect();
    let ready = found.iter().filter(|health| health.ready).count();
    let all = plural(found.len(), "peer");
    format!(
        "{lines}\n{ready} of {all} can run here; `evenkeel run -s KEY -s KEY` compares them with other strategies\n"
    )
}

fn line_of(health: &Health, width: usize) -> String {
    let Health { peer, versions, .. } = health;
    let versions = versions.iter();
    let versions: Vec<_> = versions
        .map(|(name, version)| format!("{name} {version}"))
        .collect();
    match (&health.problem, &health.get) {
        (Some(problem), Some(get)) => {
            format!(
                "MISSING  {peer:<width$}{problem}\n         {:<width$}→ {get}\n",
                ""
            )
        }
        _ => format!("ready    {peer:<width$}{}\n", versions.join(", ")),
    }
}

fn text(findings: &[Finding]) -> String {
    let lines: String = findings.iter().map(line).collect();
    let warnings = findings
        .iter()
        .filter(|finding| finding.advice.is_some())
        .count();
    let summary = match warnings {
        0 => "This host is fit to measure on.".to_owned(),
        _ => {
            let warnings = plural(warnings, "warning");
            format!("{warnings}. Figures from here are still comparable within a study.")
        }
    };
    format!("{lines}\n{summary}\n")
}

fn line(
    Finding {
        check,
        found,
        advice,
    }: &Finding,
) -> String {
    match advice {
        None => format!("fine  {check:<20}{found}\n"),
        Some(advice) => format!("WARN  {check:<20}{found}\n      {:<20}→ {advice}\n", ""),
    }
}
