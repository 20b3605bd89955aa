//! Predicates over results: what they consist of, and how they are written.

use std::fmt::{self, Display, Formatter};

use super::metric::Metric;
use super::unit::Number;

/// A claim about the results of a study.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicate {
    /// What is claimed.
    pub(super) relation: Relation,
    /// The scenario under which it is; `None` for each scenario of the study.
    pub(super) scenario: Option<String>,
}

/// What is claimed of figures.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Relation {
    /// Each side compared with the next one: `p50(a) > p50(b) > p50(c)`.
    Order(Side, Vec<(Sign, Side)>),
    /// `between 0.9 and 1.1`, both included.
    Between(Side, Number, Number),
    /// `p99(a) ~ p99(b) within 10%`: neither is greater by more than that; without it, by more than the
    /// margin of the study.
    Alike(Side, Side, Option<Number>),
}

/// Figures and numbers, multiplied and divided from left to right.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Side {
    /// The first of them.
    pub(super) first: Factor,
    /// The others.
    pub(super) others: Vec<(Operator, Factor)>,
}

/// What a side is made of.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Factor {
    /// A figure of the study.
    Figure(Figure),
    /// A number.
    Number(Number),
}

/// A metric of a strategy, such as `p99(reuseport)`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Figure {
    /// The metric.
    pub(super) metric: Metric,
    /// Key of the strategy.
    pub(super) strategy: String,
}

/// What is done with a factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// `*`
    Times,
    /// `/`
    Over,
}

/// How two sides are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

/// Every sign as it is written; longer ones come first, since `>=` begins with `>`.
pub(super) const SIGNS: [(&str, Sign); 4] = [
    (">=", Sign::AtLeast),
    ("<=", Sign::AtMost),
    (">", Sign::Above),
    ("<", Sign::Below),
];

/// Every operator as it is written.
pub(super) const OPERATORS: [(&str, Operator); 2] = [("*", Operator::Times), ("/", Operator::Over)];

impl Sign {
    /// Whether equal values satisfy it.
    pub(super) fn allows_equal(self) -> bool {
        matches!(self, Sign::AtMost | Sign::AtLeast)
    }

    /// Whether greater values satisfy it.
    pub(super) fn is_upward(self) -> bool {
        matches!(self, Sign::Above | Sign::AtLeast)
    }

    /// Returns the sign with the sides exchanged.
    pub(super) fn mirrored(self) -> Sign {
        match self {
            Sign::Below => Sign::Above,
            Sign::AtMost => Sign::AtLeast,
            Sign::Above => Sign::Below,
            Sign::AtLeast => Sign::AtMost,
        }
    }
}

impl Predicate {
    /// Returns the same claim about one scenario.
    pub(super) fn under(&self, scenario: &str) -> Predicate {
        Predicate {
            relation: self.relation.clone(),
            scenario: Some(scenario.to_owned()),
        }
    }

    /// Returns the figures that it is about.
    pub(super) fn figures(&self) -> impl Iterator<Item = &Figure> {
        let sides: Vec<&Side> = match &self.relation {
            Relation::Order(first, others) => {
                let others = others.iter().map(|(_, side)| side);
                [first].into_iter().chain(others).collect()
            }
            Relation::Between(side, ..) => vec![side],
            Relation::Alike(left, right, _) => vec![left, right],
        };
        sides.into_iter().flat_map(Side::figures)
    }
}

impl Side {
    /// Returns its factors, each with what is done with it.
    pub(super) fn factors(&self) -> impl Iterator<Item = (Operator, &Factor)> {
        let others = self
            .others
            .iter()
            .map(|(operator, factor)| (*operator, factor));
        [(Operator::Times, &self.first)].into_iter().chain(others)
    }

    /// Returns the figures in it.
    pub(super) fn figures(&self) -> impl Iterator<Item = &Figure> {
        self.factors().filter_map(|(_, factor)| match factor {
            Factor::Figure(figure) => Some(figure),
            Factor::Number(_) => None,
        })
    }

    /// Returns its value, if each figure has one.
    pub(super) fn value(&self, of: &dyn Fn(&Figure) -> Option<f64>) -> Option<f64> {
        let mut value = 1.0;
        for (operator, factor) in self.factors() {
            let factor = match factor {
                Factor::Figure(figure) => of(figure)?,
                Factor::Number(number) => number.value(),
            };
            value = match operator {
                Operator::Times => value * factor,
                Operator::Over => value / factor,
            };
        }
        Some(value)
    }
}

impl Display for Predicate {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.relation {
            Relation::Order(first, others) => {
                write!(f, "{first}")?;
                others
                    .iter()
                    .try_for_each(|(sign, side)| write!(f, " {sign} {side}"))?;
            }
            Relation::Between(side, low, high) => write!(f, "{side} between {low} and {high}")?,
            Relation::Alike(left, right, None) => write!(f, "{left} ~ {right}")?,
            Relation::Alike(left, right, Some(within)) => {
                write!(f, "{left} ~ {right} within {within}")?;
            }
        }
        match &self.scenario {
            Some(scenario) => write!(f, " in {scenario}"),
            None => Ok(()),
        }
    }
}

impl Display for Side {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first)?;
        let mut others = self.others.iter();
        others.try_for_each(|(operator, factor)| write!(f, " {operator} {factor}"))
    }
}

impl Display for Factor {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Factor::Figure(figure) => write!(f, "{figure}"),
            Factor::Number(number) => write!(f, "{number}"),
        }
    }
}

impl Display for Figure {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}({})", self.metric.name(), self.strategy)
    }
}

impl Display for Operator {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(written(&OPERATORS, *self))
    }
}

impl Display for Sign {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(written(&SIGNS, *self))
    }
}

fn written<T: PartialEq>(all: &[(&'static str, T)], one: T) -> &'static str {
    let found = all.iter().find(|(_, other)| *other == one);
    found.map_or("", |(text, _)| text)
}
