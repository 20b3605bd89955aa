//! Two sides in one table: what each measured, what the comparison has shown, and what one side
//! lacks.

mod answer;
mod gap;
mod judged;
mod outcome;
mod records;
mod report;
mod row;
mod scenarios;
pub(crate) mod table;

use serde::Serialize;

use crate::compare::{Comparison, Criteria, builds, pairs, strategies, studies};
use crate::record::ExecutableRecord;
use crate::study::Study;

pub use answer::SidesAnswer;
pub use gap::{Gap, Side};
pub use judged::Judged;
pub use outcome::Outcome;
pub use row::Row;
pub use scenarios::differing as differing_scenarios;

/// Two studies, two builds in one study, or strategies of one study and their baseline.
#[derive(Clone, Debug, Serialize)]
pub struct SideBySide<'a> {
    /// Name of side A: the baseline.
    pub baseline: String,
    /// Name of side B.
    pub candidate: String,
    /// Every comparison, scenario by scenario.
    pub rows: Vec<Row<'a>>,
    /// What could not be compared, since one side lacks it.
    pub gaps: Vec<Gap>,
    /// What a reader should know, one sentence each.
    pub remarks: Vec<String>,
    /// What a sentence calls side A.
    #[serde(skip)]
    pub(crate) than: String,
    /// The studies of the two sides, which may be the same.
    #[serde(skip)]
    pub(crate) studies: (&'a Study, &'a Study),
}

impl<'a> SideBySide<'a> {
    /// Compares two studies, each given with a name: every strategy of one with the same strategy
    /// of the other.
    pub fn of_studies(
        (baseline_name, baseline): (String, &'a Study),
        (candidate_name, candidate): (String, &'a Study),
        criteria: &Criteria,
    ) -> SideBySide<'a> {
        let rows = studies(baseline, candidate, criteria)
            .into_iter()
            .map(|comparison| Row::of(comparison, baseline, criteria))
            .collect();
        let mut remarks = vec![
            "The two studies did not run interleaved, so a change of the machine between them is \
             part of every ratio."
                .to_owned(),
        ];
        remarks.extend(differences(baseline, candidate));
        remarks.extend(baseline.warnings.iter().chain(&candidate.warnings).cloned());
        SideBySide {
            baseline: baseline_name,
            candidate: candidate_name,
            rows,
            gaps: gap::between(baseline, candidate, criteria),
            remarks,
            than: "A".to_owned(),
            studies: (baseline, candidate),
        }
    }

    /// Compares strategies of one study with a baseline among them, block by block.
    pub fn within(
        study: &'a Study,
        baseline: &'a str,
        candidates: &[&'a str],
        criteria: &Criteria,
    ) -> SideBySide<'a> {
        let compared: Vec<_> = candidates.iter().map(|key| (baseline, *key)).collect();
        let candidate = match candidates {
            [only] => (*only).to_owned(),
            _ => "the strategy of the row".to_owned(),
        };
        let judged = strategies(study, &compared, criteria);
        let sides = (baseline.to_owned(), candidate);
        SideBySide::of_pairs(study, &compared, judged, sides, baseline, criteria)
    }

    /// Compares each strategy under the first build or variant of a study with the same strategy under the
    /// others, block by block; `None` if the study has one of them.
    pub fn of_builds(study: &'a Study, criteria: &Criteria) -> Option<SideBySide<'a>> {
        let plan = &study.header.plan;
        let variants = plan.variants.iter().map(|variant| variant.name.clone());
        let all: Vec<String> = plan.executables.iter().map(build).chain(variants).collect();
        let sides = match all.as_slice() {
            [baseline, only] => (baseline.clone(), only.clone()),
            [baseline, _, _, ..] => (baseline.clone(), "the one of the row".to_owned()),
            _ => return None,
        };
        let compared = builds(study);
        let judged = pairs(study, &compared, criteria);
        let than = plan.labels().next()?;
        Some(SideBySide::of_pairs(
            study, &compared, judged, sides, than, criteria,
        ))
    }

    fn of_pairs(
        study: &'a Study,
        compared: &[(&'a str, &'a str)],
        judged: Vec<Comparison<'a>>,
        (baseline, candidate): (String, String),
        than: &str,
        criteria: &Criteria,
    ) -> SideBySide<'a> {
        let rows = judged
            .into_iter()
            .map(|comparison| Row::of(comparison, study, criteria));
        SideBySide {
            baseline,
            candidate,
            rows: rows.collect(),
            gaps: gap::within(study, compared, criteria),
            remarks: study.warnings.clone(),
            than: than.to_owned(),
            studies: (study, study),
        }
    }
}

const HASH_SHOWN: usize = 12;

/// `candidate (evenkeel 0.1.0, /tmp/new/evenkeel, SHA-256 3b5d5c3712f1…)`
fn build(executable: &ExecutableRecord) -> String {
    let hash: String = executable.sha256.chars().take(HASH_SHOWN).collect();
    format!(
        "{} (evenkeel {}, {}, SHA-256 {hash}…)",
        executable.label, executable.version, executable.path
    )
}

/// Differences between the plans and hosts of two studies that change their figures.
fn differences(baseline: &Study, candidate: &Study) -> Vec<String> {
    let (a, b) = (&baseline.header, &candidate.header);
    let mut found = Vec::new();
    let mut compare = |what: &str, a: String, b: String| {
        if a != b {
            found.push(format!("{what}: {a} in A, {b} in B."));
        }
    };
    compare("Kernel", a.host.kernel.clone(), b.host.kernel.clone());
    let cpus = |host: &crate::HostRecord| {
        let model = host.cpu_model.as_deref().unwrap_or("an unknown model");
        format!("{} of {model}", host.cpus)
    };
    compare("CPUs", cpus(&a.host), cpus(&b.host));
    compare("Version", a.evenkeel.clone(), b.evenkeel.clone());
    let (a, b) = (&a.plan, &b.plan);
    compare("Workers", a.workers.to_string(), b.workers.to_string());
    let dispatchers = (a.dispatchers.to_string(), b.dispatchers.to_string());
    compare("Dispatchers", dispatchers.0, dispatchers.1);
    let seconds = crate::units::seconds;
    for scenario in &a.scenarios {
        let other = b.scenarios.iter().find(|it| it.name == scenario.name);
        let Some(other) = other else { continue };
        let what = format!("Measured time of a trial under {}", scenario.name);
        let (of_a, of_b) = (a.duration_s(scenario), b.duration_s(other));
        compare(&what, seconds(of_a), seconds(of_b));
    }
    compare("Seed", a.seed.to_string(), b.seed.to_string());
    found.extend(differing_scenarios(baseline, candidate).iter().map(|name| {
        format!("Scenario {name} differs between A and B, so they measured different things.")
    }));
    found
}
