//! What a study says, in the fewest words: which strategy to take for which load, what to avoid, what to
//! beware of, and which command would settle the rest.
//!
//! An [`Answer`] is the strongest statement that the data allow. What is not shown at the level of the
//! verdicts, but holds in every block so far, is said as such. Every format writes the same answer.

mod avoid;
mod beware;
mod losses;
mod next;
mod scenario;
mod standing;
mod take;
mod words;

use serde::Serialize;

use crate::compare::{self, Criteria};
use crate::stats::ScenarioSummary;
use crate::study::Study;

pub(crate) use losses::one_in;
pub use scenario::ScenarioAnswer;
pub use standing::{Behind, Place, Standing};
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
    /// Returns the word before the sentence in reports.
    pub fn label(self) -> &'static str {
        match self {
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
    let advice = [
        (AdviceKind::Take, take::sentences(&scenarios)),
        (AdviceKind::Avoid, avoid::sentences(&scenarios)),
        (AdviceKind::Losses, losses::sentences(summaries)),
        (AdviceKind::Beware, beware::sentences(study, summaries)),
    ];
    let advice = advice.into_iter().flat_map(|(kind, sentences)| {
        let sentences = sentences.into_iter();
        sentences.map(move |text| Advice::of(kind, text))
    });
    let advice = advice.chain(next::more_blocks(study, &scenarios, folder));
    Answer {
        order: order(study, &scenarios),
        advice: advice.collect(),
        scenarios,
    }
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
