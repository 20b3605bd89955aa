//! `evenkeel doctor`: is this host fit to measure on?

use evenkeel_reports::units::plural;

use crate::cli::{DoctorArgs, Plain};
use crate::doctor::{Finding, examine};
use crate::failure::Failure;
use crate::output::print;

/// Runs the command. Warnings are no failure: many hosts cannot be changed, and figures from
/// them are still worth having.
///
/// # Errors
/// [`Failure`] if stdout cannot be written to.
pub(crate) fn run(args: &DoctorArgs) -> Result<(), Failure> {
    let findings = examine();
    match args.format {
        Plain::Text => print(&text(&findings)),
        Plain::Json => {
            let json = serde_json::to_string_pretty(&findings).map_err(Failure::failed)?;
            print(&format!("{json}\n"))
        }
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
