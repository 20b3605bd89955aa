//! Whether what was expected holds.

use serde::Serialize;

use super::grammar::InvalidPredicate;
use super::link::Link;
use super::predicate::Predicate;
use super::unit::Unit;
use super::weigh::{Shown, Weighed};
use crate::compare::Criteria;
use crate::record::Expectation;
use crate::stats::{Interval, holm};
use crate::study::Study;
use crate::units::plural;

/// An expectation under one scenario, and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Checked<'a> {
    /// What was written down.
    #[serde(flatten)]
    pub expectation: &'a Expectation,
    /// Name of the scenario; empty if the predicate cannot be understood.
    pub scenario: &'a str,
    /// The predicate as it reads, on one line.
    pub claim: String,
    /// Whether its predicate is about each scenario of the study.
    #[serde(skip)]
    pub is_one_of_several: bool,
    /// Whether it holds.
    pub outcome: Outcome,
    /// Why that cannot be told; absent if it can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// What was measured for it.
    pub found: Vec<Found>,
}

/// What became of an expectation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The blocks show that it is true.
    Holds,
    /// The blocks show that it is not true.
    DoesNotHold,
    /// They show neither.
    CannotTell,
}

/// A figure, ratio or difference that an expectation is about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Found {
    /// What it is, such as `p99(a) / p99(b)`.
    pub what: String,
    /// Mean over blocks in its unit: seconds, per second, a share of one, or a number.
    pub mean: f64,
    /// Its 95% confidence interval or, with too few blocks, the range; absent for one block.
    pub interval: Option<Interval>,
    /// Its unit.
    pub unit: Unit,
    /// Number of blocks in which it was measured.
    pub blocks: usize,
}

impl Outcome {
    /// Returns the text in reports.
    pub fn label(self) -> &'static str {
        match self {
            Outcome::Holds => "holds",
            Outcome::DoesNotHold => "does not hold",
            Outcome::CannotTell => "cannot tell",
        }
    }
}

impl Checked<'_> {
    /// Returns its name, with the scenario where there are several.
    pub fn title(&self) -> String {
        match self.is_one_of_several {
            true => format!("{} ({})", self.expectation.name, self.scenario),
            false => self.expectation.name.clone(),
        }
    }

    /// Returns what became of it as one sentence.
    pub fn sentence(&self) -> String {
        let label = self.outcome.label();
        let found = self.found.iter();
        let found = found.map(|it| format!("{} is {}", it.what, it.sentence()));
        let because = self.because.clone().into_iter();
        let said: Vec<String> = because.chain(found).collect();
        let published = self.expectation.published.as_ref();
        let published = published.map(|it| format!("; published: {it}"));
        format!(
            "{label}: {}; {}{}",
            self.claim,
            said.join("; "),
            published.unwrap_or_default()
        )
    }
}

impl Found {
    /// Returns the figure with its interval, for people.
    pub fn sentence(&self) -> String {
        let show = |figure| self.unit.show(figure);
        let interval = self
            .interval
            .map(|interval| format!(" ({})", interval.words(show)));
        show(self.mean) + &interval.unwrap_or_default()
    }
}

/// Checks what was expected of a study, in the order in which it was written down.
///
/// The comparisons of all expectations are one family: a t test of each is corrected by Holm's method over all
/// of them, and the exact signed-rank test must agree, as for verdicts.
pub fn check(study: &Study) -> Vec<Checked<'_>> {
    let criteria = Criteria::of(&study.header.plan);
    let claims = claims(study);
    let weighed = claims.iter().map(|claim| claim.weigh(study, &criteria));
    let weighed: Vec<Vec<Weighed>> = weighed.collect();
    let family: Vec<f64> = weighed.iter().flatten().filter_map(Weighed::p).collect();
    let mut corrected = holm(&family).into_iter();
    let judged = claims.iter().zip(&weighed).map(|(claim, links)| {
        let shown = links.iter().map(|link| {
            let p = link.p().and_then(|_| corrected.next());
            link.shown(p, &criteria)
        });
        let shown: Vec<Shown> = shown.collect();
        claim.judged(links, &shown, family.len())
    });
    judged.collect()
}

/// An expectation under one scenario.
struct Claim<'a> {
    expectation: &'a Expectation,
    scenario: &'a str,
    is_one_of_several: bool,
    /// Or why it cannot be understood, as that of another version.
    predicate: Result<Predicate, InvalidPredicate>,
}

/// Returns each expectation once for every scenario that it is about.
fn claims(study: &Study) -> Vec<Claim<'_>> {
    let plan = &study.header.plan;
    let scenarios: Vec<&str> = plan.scenarios.iter().map(|it| it.name.as_str()).collect();
    let mut claims = Vec::new();
    for expectation in &plan.expectations {
        let parsed = expectation.that.parse::<Predicate>();
        let named = parsed.as_ref().map(|it| it.scenario.as_deref());
        let about: Vec<&str> = match named {
            Ok(None) => scenarios.clone(),
            Ok(Some(name)) => scenarios.iter().copied().filter(|it| *it == name).collect(),
            Err(_) => vec![""],
        };
        claims.extend(about.iter().map(|scenario| Claim {
            expectation,
            scenario,
            is_one_of_several: about.len() > 1,
            predicate: parsed.clone(),
        }));
    }
    claims
}

impl<'a> Claim<'a> {
    fn weigh<'c>(&'c self, study: &Study, criteria: &Criteria) -> Vec<Weighed<'c>> {
        let links = self.predicate.as_ref().ok();
        let links = links.and_then(|predicate| predicate.links(criteria.margin).ok());
        let links = links.unwrap_or_default().into_iter();
        links
            .map(|link| Weighed::of(link, study, self.scenario))
            .collect()
    }

    /// Returns what is claimed under its scenario.
    fn claim(&self) -> String {
        match &self.predicate {
            Ok(predicate) => predicate.under(self.scenario).to_string(),
            Err(_) => self.expectation.that.clone(),
        }
    }

    /// Of several comparisons all must be true, and one that is not refutes the claim.
    fn judged(&self, links: &[Weighed], shown: &[Shown], family: usize) -> Checked<'a> {
        let outcome = match &self.predicate {
            _ if shown.contains(&Shown::False) => Outcome::DoesNotHold,
            Ok(_) if shown.iter().all(|one| *one == Shown::True) => Outcome::Holds,
            _ => Outcome::CannotTell,
        };
        let open = shown.iter().position(|one| *one == Shown::Neither);
        let because = match (&self.predicate, open) {
            (Err(error), _) => Some(error.to_string()),
            (_, Some(open)) => Some(links[open].why_open(family)),
            (_, None) => None,
        };
        Checked {
            expectation: self.expectation,
            scenario: self.scenario,
            is_one_of_several: self.is_one_of_several,
            claim: self.claim(),
            because: because.filter(|_| outcome == Outcome::CannotTell),
            outcome,
            found: found(links),
        }
    }
}

/// What was measured for each comparison; of two bounds of the same, once.
fn found(links: &[Weighed]) -> Vec<Found> {
    let each = links.chunk_by(|a, b| a.link.what == b.link.what);
    let found = each.filter_map(|same| {
        let weighed = same.first()?;
        Some(Found {
            what: weighed.link.what.to_string(),
            mean: weighed.estimate()?,
            interval: weighed.interval(),
            unit: weighed.link.what.unit(),
            blocks: weighed.observed.values.len(),
        })
    });
    found.collect()
}

impl Weighed<'_> {
    fn why_open(&self, family: usize) -> String {
        if let Some(why) = &self.observed.lacks {
            return why.clone();
        }
        let Link { what, bound, .. } = self.link;
        let bound_shown = what.unit().show(bound);
        match self.interval() {
            Some(at) if at.low <= bound && bound <= at.high => {
                format!("the confidence interval of {what} holds {bound_shown}")
            }
            _ => format!(
                "{what} is not shown to be beyond {bound_shown} at 95%, corrected for {}",
                plural(family, "comparison")
            ),
        }
    }
}
