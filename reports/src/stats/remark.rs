//! What a reader must know in addition to the figures.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::record::{Trial, TrialResult};
use crate::units;

/// A sentence that was recorded for one or more trials.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Remark {
    /// Kind of remark.
    pub kind: RemarkKind,
    /// The sentence, as recorded for the first of these trials.
    pub text: String,
    /// Whether other trials have the same sentence with other numbers in it.
    pub numbers_vary: bool,
    /// Number of trials.
    pub trials: usize,
    /// Keys of their strategies, in the order of the plan.
    pub strategies: Vec<String>,
}

/// Kinds of remarks, gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RemarkKind {
    /// Broke off without figures.
    Failed,
    /// Has figures that may not be compared.
    Invalid,
    /// Had requests that failed.
    Errors,
    /// Describes how a peer differs from evenkeel's own worker.
    OutOfParity,
    /// Was not run.
    Skipped,
    /// Should be known of a valid trial.
    Note,
}

impl RemarkKind {
    /// All kinds, gravest first.
    pub const ALL: [RemarkKind; 6] = [
        RemarkKind::Failed,
        RemarkKind::Invalid,
        RemarkKind::Errors,
        RemarkKind::OutOfParity,
        RemarkKind::Skipped,
        RemarkKind::Note,
    ];

    /// Returns the word before the sentence in reports.
    pub fn label(self) -> &'static str {
        match self {
            RemarkKind::Failed => "failed",
            RemarkKind::Invalid => "invalid",
            RemarkKind::Errors => "errors",
            RemarkKind::OutOfParity => "out of parity",
            RemarkKind::Skipped => "skipped",
            RemarkKind::Note => "note",
        }
    }
}

/// Gathers the remarks of trials that are sorted by strategy: gravest first, then in the order
/// in which they appear.
pub(super) fn gather(trials: &[&Trial]) -> Vec<Remark> {
    let mut remarks = errors(trials);
    for trial in trials {
        let mut counted = BTreeSet::new();
        for (kind, text) in recorded_of(trial) {
            let index = position(&mut remarks, kind, text);
            if counted.insert(index) {
                remarks[index].count(trial);
            }
        }
    }
    remarks.sort_by_key(|remark| remark.kind);
    remarks
}

impl Remark {
    fn new(kind: RemarkKind, text: String) -> Remark {
        Remark {
            kind,
            text,
            numbers_vary: false,
            trials: 0,
            strategies: Vec::new(),
        }
    }

    fn count(&mut self, trial: &Trial) {
        self.trials += 1;
        if self.strategies.last() != Some(&trial.strategy) {
            self.strategies.push(trial.strategy.clone());
        }
    }
}

/// A remark per class of errors, with their number over all trials.
fn errors(trials: &[&Trial]) -> Vec<Remark> {
    let mut by_class: BTreeMap<&str, (u64, Remark)> = BTreeMap::new();
    for trial in trials {
        let errors = trial.measured().into_iter().flat_map(|m| &m.errors);
        for (class, number) in errors.filter(|(_, number)| **number > 0) {
            let new = || (0, Remark::new(RemarkKind::Errors, String::new()));
            let (sum, remark) = by_class.entry(class).or_insert_with(new);
            *sum += number;
            remark.count(trial);
        }
    }
    let by_class = by_class.into_iter();
    by_class
        .map(|(class, (sum, remark))| Remark {
            text: format!("{class}: {}", units::plural(sum as usize, "request")),
            ..remark
        })
        .collect()
}

/// Returns the index of an equal remark, which is added at the end if there is none yet.
fn position(remarks: &mut Vec<Remark>, kind: RemarkKind, text: String) -> usize {
    let same = |remark: &Remark| remark.kind == kind && gist(&remark.text) == gist(&text);
    if let Some(index) = remarks.iter().position(same) {
        remarks[index].numbers_vary |= remarks[index].text != text;
        return index;
    }
    remarks.push(Remark::new(kind, text));
    remarks.len() - 1
}

/// Returns the sentence with every number replaced, so that "97% busy" and "98% busy" are one remark.
fn gist(text: &str) -> String {
    let mut gist = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_ascii_digit() {
            gist.push(c);
        } else if !gist.ends_with('#') {
            gist.push('#');
        }
    }
    gist
}

fn recorded_of(trial: &Trial) -> Vec<(RemarkKind, String)> {
    let all = |kind: RemarkKind, texts: &[String]| {
        let texts = texts.iter().cloned();
        texts.map(|text| (kind, text)).collect::<Vec<_>>()
    };
    let differs = trial.peer.as_ref().map_or(&[][..], |peer| &peer.differs);
    let mut recorded = all(RemarkKind::OutOfParity, differs);
    recorded.extend(trial.again.iter().map(|again| {
        let text = format!("made again, since {}", again.because);
        (RemarkKind::Note, text)
    }));
    match &trial.result {
        TrialResult::Skipped(reason) => recorded.push((RemarkKind::Skipped, reason.clone())),
        TrialResult::Failed(reason) => recorded.push((RemarkKind::Failed, reason.clone())),
        TrialResult::Measured(measured) => {
            recorded.extend(all(RemarkKind::Invalid, &measured.invalid_because));
            recorded.extend(all(RemarkKind::Note, &measured.notes));
        }
    }
    recorded
}
