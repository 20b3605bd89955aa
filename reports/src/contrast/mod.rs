//! Two sides laid out beside each other: what each measured, what the comparison has shown, and
//! what one side lacks.

mod csv;
mod gap;
mod json;
mod markdown;
mod outcome;
mod row;
mod table;
mod text;

use serde::Serialize;

use crate::compare::{Criteria, pairs, studies};
use crate::study::Study;

pub use gap::{Gap, Side};
pub use outcome::Outcome;
pub use row::Row;

/// Two studies, or strategies of one study and the one that they are held against.
#[derive(Clone, Debug, Serialize)]
pub struct Contrast<'a> {
    /// What the left side, A, is: the baseline.
    pub baseline: String,
    /// What the right side, B, is.
    pub candidate: String,
    /// Every comparison, scenario by scenario.
    pub rows: Vec<Row<'a>>,
    /// What could not be compared since one side lacks it.
    pub gaps: Vec<Gap>,
    /// What to beware of, one sentence each.
    pub remarks: Vec<String>,
}

impl<'a> Contrast<'a> {
    /// Two studies, each with the name that it is to have: every strategy of the one against the
    /// same of the other.
    pub fn of_studies(
        (baseline_name, baseline): (String, &'a Study),
        (candidate_name, candidate): (String, &'a Study),
        criteria: &Criteria,
    ) -> Contrast<'a> {
        let rows = studies(baseline, candidate, criteria)
            .into_iter()
            .map(|comparison| Row::of(comparison, baseline, candidate))
            .collect();
        let mut remarks = vec![
            "The two studies did not run interleaved, so a change of the machine between them is \
             part of every ratio."
                .to_owned(),
        ];
        remarks.extend(differences(baseline, candidate));
        remarks.extend(baseline.warnings.iter().chain(&candidate.warnings).cloned());
        Contrast {
            baseline: baseline_name,
            candidate: candidate_name,
            rows,
            gaps: gap::between(baseline, candidate, criteria),
            remarks,
        }
    }

    /// Strategies of one study against a baseline among them, block by block.
    pub fn within(
        study: &'a Study,
        baseline: &'a str,
        candidates: &[&'a str],
        criteria: &Criteria,
    ) -> Contrast<'a> {
        let asked: Vec<_> = candidates.iter().map(|key| (baseline, *key)).collect();
        let rows = pairs(study, &asked, criteria);
        Contrast {
            baseline: baseline.to_owned(),
            candidate: match candidates {
                [only] => (*only).to_owned(),
                _ => "the strategy of the row".to_owned(),
            },
            rows: rows
                .into_iter()
                .map(|comparison| Row::of(comparison, study, study))
                .collect(),
            gaps: gap::within(study, baseline, candidates, criteria),
            remarks: study.warnings.clone(),
        }
    }
}

/// In what the plans and hosts of two studies differ, where it makes their figures differ.
fn differences(baseline: &Study, candidate: &Study) -> Vec<String> {
    let (a, b) = (&baseline.header, &candidate.header);
    let mut told = Vec::new();
    let mut tell = |what: &str, a: String, b: String| {
        if a != b {
            told.push(format!("{what}: {a} in A, {b} in B."));
        }
    };
    tell("Kernel", a.host.kernel.clone(), b.host.kernel.clone());
    let cpus = |host: &crate::HostRecord| {
        let model = host.cpu_model.as_deref().unwrap_or("an unknown model");
        format!("{} of {model}", host.cpus)
    };
    tell("CPUs", cpus(&a.host), cpus(&b.host));
    tell("Version", a.evenkeel.clone(), b.evenkeel.clone());
    let (a, b) = (&a.plan, &b.plan);
    tell("Workers", a.workers.to_string(), b.workers.to_string());
    let dispatchers = (a.dispatchers.to_string(), b.dispatchers.to_string());
    tell("Dispatchers", dispatchers.0, dispatchers.1);
    let seconds = crate::units::seconds;
    let durations = (seconds(a.duration_s), seconds(b.duration_s));
    tell("Measured time of a trial", durations.0, durations.1);
    tell("Seed", a.seed.to_string(), b.seed.to_string());
    for scenario in &a.scenarios {
        let other = b.scenarios.iter().find(|s| s.name == scenario.name);
        if other.is_some_and(|other| (&other.toml, &other.load) != (&scenario.toml, &scenario.load))
        {
            let name = &scenario.name;
            told.push(format!(
                "Scenario {name} is not the same in A and B: they were asked different questions."
            ));
        }
    }
    told
}
