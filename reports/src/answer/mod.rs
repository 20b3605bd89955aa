//! What a study says, in the fewest words: which strategy to take for which load, what to avoid, what to
//! beware of, and which command would settle the rest; of several builds, what changed between them.
//!
//! An [`Answer`] is the strongest statement that the data allow. What is not shown at the level of the
//! verdicts, but holds in every block so far, is said as such. Every format writes the same answer.

mod avoid;
mod beware;
mod differences;
mod losses;
mod next;
mod scenario;
mod standing;
mod take;
mod words;

use serde::Serialize;

use crate::compare::{self, Comparison, Criteria};
use crate::stats::ScenarioSummary;
use crate::study::Study;

pub use differences::differences;
pub(crate) use losses::one_in;
pub use scenario::ScenarioAnswer;
pub use standing::{Behind, Few, Place, Standing};
pub(crate) use words::{listed, short};

/// What a study says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer<'a> {
    /// The scenarios that have trials, in the order of the plan.
    pub scenarios: Vec<ScenarioAnswer<'a>>,
    /// Keys of all strategies in the order of an overview: the one that is least behind the leaders of
    /// all scenarios first.
    pub order: Vec<&'a str>,
    /// The same in words.
    pub advice: Vec<Advice>,
}

/// A piece of advice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Advice {
    /// What it is about.
    pub kind: AdviceKind,
    /// One or two sentences.
    pub text: String,
    /// The command that it ends with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

impl Advice {
    fn of(kind: AdviceKind, text: String) -> Advice {
        Advice {
            kind,
            text,
            command: None,
        }
    }

    fn all(kind: AdviceKind, sentences: Vec<String>) -> Vec<Advice> {
        let sentences = sentences.into_iter();
        sentences.map(|text| Advice::of(kind, text)).collect()
    }

    /// Returns the text with its command.
    pub fn sentence(&self) -> String {
        match &self.command {
            Some(command) => format!("{}: {command}", self.text),
            None => self.text.clone(),
        }
    }
}

/// What a piece of advice is about, in the order in which they are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AdviceKind {
    /// What is shown to be worse than on the other side.
    Worse,
    /// What is shown to be better than on the other side.
    Better,
    /// That neither is shown.
    Same,
    /// Which strategies are best for a load.
    Take,
    /// Which strategies are far worse than the best.
    Avoid,
    /// What strategies lose while their fleets change.
    Losses,
    /// What limits the answer.
    Beware,
    /// Which command would settle what is open.
    Next,
}

impl AdviceKind {
    /// Whether it is about a difference between two sides.
    pub(crate) fn is_difference(self) -> bool {
        matches!(
            self,
            AdviceKind::Worse | AdviceKind::Better | AdviceKind::Same
        )
    }

    /// Returns the word before the sentence in reports.
    pub fn label(self) -> &'static str {
        match self {
            AdviceKind::Worse => "worse",
            AdviceKind::Better => "better",
            AdviceKind::Same => "same",
            AdviceKind::Take => "take",
            AdviceKind::Avoid => "avoid",
            AdviceKind::Losses => "losses",
            AdviceKind::Beware => "beware",
            AdviceKind::Next => "next",
        }
    }
}

/// Returns the answer of a study. `folder` is what commands call the folder of its record.
pub fn answer<'a>(study: &'a Study, summaries: &[ScenarioSummary<'a>], folder: &str) -> Answer<'a> {
    let criteria = Criteria::of(&study.header.plan);
    let rankings = compare::rankings(study, &criteria);
    let scenarios = summaries.iter().map(|summary| {
        let mut rankings = rankings.iter();
        let ranking = rankings.find(|one| one.scenario == summary.scenario.name);
        scenario::of(summary, ranking, criteria.margin)
    });
    let scenarios: Vec<ScenarioAnswer> = scenarios.collect();
    let builds = between_builds(study, &criteria);
    let first = match &builds {
        Some((compared, label)) => differences(compared, label),
        None => choice(&scenarios),
    };
    let [losses, beware] = [
        (AdviceKind::Losses, losses::sentences(summaries)),
        (
            AdviceKind::Beware,
            beware::sentences(study, summaries, &scenarios),
        ),
    ]
    .map(|(kind, sentences)| Advice::all(kind, sentences));
    let next = match &builds {
        Some((compared, label)) => next::for_differences(study, compared, label, folder),
        None => next::more_blocks(study, &scenarios, folder),
    };
    Answer {
        order: order(study, &scenarios),
        advice: [first, losses, beware]
            .concat()
            .into_iter()
            .chain(next)
            .collect(),
        scenarios,
    }
}

/// Which strategies to take, and which to avoid.
fn choice(scenarios: &[ScenarioAnswer]) -> Vec<Advice> {
    let take = Advice::all(AdviceKind::Take, take::sentences(scenarios));
    let avoid = Advice::all(AdviceKind::Avoid, avoid::sentences(scenarios));
    [take, avoid].concat()
}

/// The comparisons of builds or variants with the first of them, and its label; `None` with one. In a study of several
/// the question is what changed between them, and not which to take.
fn between_builds<'a>(
    study: &'a Study,
    criteria: &Criteria,
) -> Option<(Vec<Comparison<'a>>, &'a str)> {
    let first = study.header.plan.labels().next()?;
    let pairs = compare::builds(study);
    let compared = compare::pairs(study, &pairs, criteria);
    (!compared.is_empty()).then_some((compared, first))
}

/// Sorts the strategies by how far they are behind the leaders on average; those that are ranked nowhere come
/// last, in the order of the plan.
fn order<'a>(study: &'a Study, scenarios: &[ScenarioAnswer]) -> Vec<&'a str> {
    let strategies = study.header.plan.strategies.iter();
    let mut order: Vec<(&str, f64)> = strategies
        .map(|strategy| {
            let places = scenarios
                .iter()
                .filter_map(|here| here.place(&strategy.key));
            let behind: Vec<f64> = places.filter_map(Place::log_factor).collect();
            let mean = behind.iter().sum::<f64>() / behind.len() as f64;
            (strategy.key.as_str(), mean)
        })
        .collect();
    // The mean of nothing is not a number, which comes last.
    order.sort_by(|(_, a), (_, b)| a.abs().total_cmp(&b.abs()));
    order.into_iter().map(|(key, _)| key).collect()
}
