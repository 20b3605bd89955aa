//! JUnit XML: a suite per scenario, a case per strategy, so that CI shows what failed; and a suite of what was
//! expected.

use std::fmt::Write;
use std::slice::from_ref;

use super::measures::{Case, cases};
use super::{FormatInfo, Paint};
use crate::escape::escape;
use crate::expect::{Outcome, check};
use crate::record::{Trial, TrialResult};
use crate::study::Study;

pub(super) static JUNIT: FormatInfo = FormatInfo {
    name: "junit",
    file_name: "junit.xml",
    summary: "JUnit XML: which strategies could be measured, and which expectations hold",
    paint: Paint::Study(|study| Ok(render(study))),
};

fn render(study: &Study) -> String {
    let cases = cases(study);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for suite in cases.chunk_by(|a, b| a.scenario == b.scenario) {
        let count = |is_it: fn(&Case) -> bool| suite.iter().filter(|case| is_it(case)).count();
        let (failures, errors, skipped) = (count(fails), count(breaks), count(is_skipped));
        let _ = writeln!(
            out,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" \
             skipped=\"{skipped}\">",
            escape(suite[0].scenario),
            suite.len()
        );
        suite
            .iter()
            .for_each(|case| testcase(&mut out, study, case));
        out.push_str("  </testsuite>\n");
    }
    expectations(&mut out, study);
    out + "</testsuites>\n"
}

/// A suite of what was expected, if anything was: a failure is what does not hold, and skipped is what cannot
/// be told.
fn expectations(out: &mut String, study: &Study) {
    let all = check(study);
    if all.is_empty() {
        return;
    }
    let count = |outcome| all.iter().filter(|it| it.outcome == outcome).count();
    let (failures, skipped) = (count(Outcome::DoesNotHold), count(Outcome::CannotTell));
    let tests = all.len();
    let _ = writeln!(
        out,
        "  <testsuite name=\"expectations\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" \
         skipped=\"{skipped}\">"
    );
    for it in &all {
        let name = escape(&it.title());
        let _ = write!(
            out,
            "    <testcase classname=\"expectations\" name=\"{name}\""
        );
        let message = escape(&it.sentence());
        let _ = match it.outcome {
            Outcome::Holds => writeln!(out, "/>"),
            Outcome::DoesNotHold => writeln!(out, "><failure message=\"{message}\"/></testcase>"),
            Outcome::CannotTell => writeln!(out, "><skipped message=\"{message}\"/></testcase>"),
        };
    }
    out.push_str("  </testsuite>\n");
}

fn fails(case: &Case) -> bool {
    case.summary.failed == 0 && case.summary.invalid > 0
}

fn breaks(case: &Case) -> bool {
    case.summary.failed > 0
}

fn is_skipped(case: &Case) -> bool {
    let summary = &case.summary;
    summary.skipped > 0 && summary.failed + summary.invalid + summary.valid == 0
}

/// A case is its blocks together: an error if one of them broke off, a failure if the figures of
/// one are not valid.
fn testcase(out: &mut String, study: &Study, case: &Case) {
    let (scenario, strategy) = (escape(case.scenario), escape(case.strategy));
    let _ = write!(
        out,
        "    <testcase classname=\"{scenario}\" name=\"{strategy}\""
    );
    let reasons = escape(&reasons(study, case).join("; "));
    let _ = match case {
        _ if breaks(case) => writeln!(out, "><error message=\"{reasons}\"/></testcase>"),
        _ if fails(case) => writeln!(out, "><failure message=\"{reasons}\"/></testcase>"),
        _ if is_skipped(case) => writeln!(out, "><skipped message=\"{reasons}\"/></testcase>"),
        _ => writeln!(out, "/>"),
    };
}

/// What was recorded of the trials of a case that have no valid figures, each sentence once.
fn reasons(study: &Study, case: &Case) -> Vec<String> {
    let is_it = |t: &&Trial| t.scenario == case.scenario && t.strategy == case.strategy;
    let mut reasons = Vec::new();
    for trial in study.trials.iter().filter(is_it) {
        let of_trial = match &trial.result {
            TrialResult::Skipped(reason) | TrialResult::Failed(reason) => from_ref(reason),
            TrialResult::Measured(measured) => &measured.invalid_because,
        };
        for reason in of_trial {
            if !reasons.contains(reason) {
                reasons.push(reason.clone());
            }
        }
    }
    reasons
}
