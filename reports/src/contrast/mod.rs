//! Two sides laid out beside each other: what each measured, what the comparison has shown, and
//! what one side lacks.

mod csv;
mod gap;
mod html;
mod json;
mod markdown;
mod outcome;
mod row;
mod table;
mod text;

use serde::Serialize;

use crate::compare::{Criteria, builds, pairs, studies};
use crate::record::ExecutableRecord;
use crate::study::Study;

pub use gap::{Gap, Side};
pub use outcome::Outcome;
pub use row::Row;

/// Two studies, two builds in one study, or strategies of one study and the one that they are held
/// against.
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
            .map(|comparison| Row::of(comparison, (baseline, candidate), criteria))
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
        let candidate = match candidates {
            [only] => (*only).to_owned(),
            _ => "the strategy of the row".to_owned(),
        };
        Contrast::of_pairs(study, &asked, (baseline.to_owned(), candidate), criteria)
    }

    /// Each strategy of a study as its first build serves it against itself as the others do,
    /// block by block; `None` of a study that has a single build.
    pub fn of_builds(study: &'a Study, criteria: &Criteria) -> Option<Contrast<'a>> {
        let (baseline, candidate) = match study.header.plan.executables.as_slice() {
            [baseline, only] => (baseline, build(only)),
            [baseline, _, _, ..] => (baseline, "the build of the row".to_owned()),
            _ => return None,
        };
        let sides = (build(baseline), candidate);
        Some(Contrast::of_pairs(study, &builds(study), sides, criteria))
    }

    /// Of pairs of (baseline, candidate) in one study.
    fn of_pairs(
        study: &'a Study,
        asked: &[(&'a str, &'a str)],
        (baseline, candidate): (String, String),
        criteria: &Criteria,
    ) -> Contrast<'a> {
        let rows = pairs(study, asked, criteria)
            .into_iter()
            .map(|comparison| Row::of(comparison, (study, study), criteria));
        Contrast {
            baseline,
            candidate,
            rows: rows.collect(),
            gaps: gap::within(study, asked, criteria),
            remarks: study.warnings.clone(),
        }
    }
}

/// Digits that tell executables apart well enough for people.
const HASH_SHOWN: usize = 12;

/// `candidate (evenkeel 0.1.0, /tmp/new/evenkeel, SHA-256 3b5d5c3712f1…)`
fn build(executable: &ExecutableRecord) -> String {
    let hash: String = executable.sha256.chars().take(HASH_SHOWN).collect();
    format!(
        "{} (evenkeel {}, {}, SHA-256 {hash}…)",
        executable.label, executable.version, executable.path
    )
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
