//! The criteria of verdicts.

use std::path::Path;

use evenkeel_reports::Study;
use evenkeel_reports::compare::Criteria;

use crate::cli::GateArgs;
use crate::failure::Failure;
use crate::gate_file;
use crate::values::Share;

/// Default path of the configuration.
const FILE: &str = "evenkeel.toml";

/// Returns the criteria of verdicts: from the command line, or the file, if it exists, or the plan of
/// the baseline.
pub(super) fn of(args: &GateArgs, baseline: &Study) -> Result<Criteria, Failure> {
    let usual = Path::new(FILE);
    let file = args.config.as_deref();
    let file = file.or_else(|| usual.exists().then_some(usual));
    let read = file
        .map(gate_file::read)
        .transpose()
        .map_err(Failure::usage)?;
    let (gate, origin) = read.unwrap_or_default();
    let planned = Criteria::of(&baseline.header.plan);
    let margin = args.margin.or(gate.margin);
    let margin = margin.map_or(planned.margin, |share| share.0);
    let beyond = match args.rule_out.or(gate.rule_out) {
        Some(rule_out) if rule_out.0 <= margin => {
            let place = match args.rule_out.is_none() && args.margin.is_none() {
                true => origin.place("gate.rule_out"),
                false => String::new(),
            };
            return Err(Failure::Usage(format!(
                "{place}a regression of {rule_out} cannot be ruled out with a margin of {}, within which \
                 changes do not matter; let `--rule-out` be larger than `--margin`",
                Share(margin)
            )));
        }
        Some(rule_out) => (1.0 + rule_out.0) / (1.0 + margin) - 1.0,
        None => planned.beyond,
    };
    Ok(Criteria {
        margin,
        beyond,
        exceptions: gate.exceptions(),
        ..planned
    })
}
