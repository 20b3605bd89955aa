//! The single comparisons of which a predicate consists.

use std::fmt::{self, Display, Formatter};

use super::predicate::{Factor, Figure, Operator, Predicate, Relation, Side, Sign};
use super::unit::{Number, Unit};

/// Something that is measured in each block, compared with a bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Link<'p> {
    pub(super) what: What<'p>,
    pub(super) sign: Sign,
    /// In the unit of what is measured.
    pub(super) bound: f64,
}

/// What is measured in each block.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum What<'p> {
    /// A side that is compared with a number.
    Side(&'p Side),
    /// Two sides that are never zero: the first over the second.
    Ratio(&'p Side, &'p Side),
    /// Two sides that may be zero: the first less the second.
    Difference(&'p Side, &'p Side),
}

/// Why two sides cannot be compared.
pub(super) type Problem = String;

impl Predicate {
    /// Returns its comparisons, all of which it claims. `margin` is that of the study.
    pub(super) fn links(&self, margin: f64) -> Result<Vec<Link<'_>>, Problem> {
        match &self.relation {
            Relation::Order(first, others) => {
                let befores = [first]
                    .into_iter()
                    .chain(others.iter().map(|(_, side)| side));
                let pairs = befores.zip(others);
                pairs
                    .map(|(left, (sign, right))| link(left, *sign, right))
                    .collect()
            }
            Relation::Between(side, low, high) => between(side, *low, *high),
            Relation::Alike(left, right, within) => {
                alike(left, right, within.map_or(margin, Number::value))
            }
        }
    }
}

fn link<'p>(left: &'p Side, sign: Sign, right: &'p Side) -> Result<Link<'p>, Problem> {
    same_unit((left, left.power_of_time()), (right, right.power_of_time()))?;
    let (what, sign, bound) = match (left.constant(), right.constant()) {
        (Some(_), Some(_)) => {
            return Err(format!(
                "`{left} {sign} {right}` has no metric of a strategy"
            ));
        }
        (None, Some(bound)) => (What::Side(left), sign, bound),
        (Some(bound), None) => (What::Side(right), sign.mirrored(), bound),
        (None, None) if left.has_ratios() && right.has_ratios() => {
            (What::Ratio(left, right), sign, 1.0)
        }
        (None, None) => (What::Difference(left, right), sign, 0.0),
    };
    checked(Link { what, sign, bound })
}

/// Refuses a bound that a figure which is never zero satisfies, or fails, whatever is measured.
fn checked(link: Link<'_>) -> Result<Link<'_>, Problem> {
    match link.is_of_ratios() && link.bound == 0.0 {
        true => Err(format!(
            "`{}` is always above 0; give another bound",
            link.what
        )),
        false => Ok(link),
    }
}

fn between(side: &Side, low: Number, high: Number) -> Result<Vec<Link<'_>>, Problem> {
    for end in [low, high] {
        same_unit(
            (side, side.power_of_time()),
            (&end, end.suffix.unit.power_of_time()),
        )?;
    }
    if side.constant().is_some() {
        return Err(format!("`{side}` has no metric of a strategy"));
    }
    if low.value() > high.value() {
        return Err(format!(
            "nothing is between {low} and {high}; exchange them"
        ));
    }
    let ends = [(Sign::AtLeast, low), (Sign::AtMost, high)];
    let link = |(sign, end): (Sign, Number)| {
        checked(Link {
            what: What::Side(side),
            sign,
            bound: end.value(),
        })
    };
    ends.into_iter().map(link).collect()
}

/// Neither may be greater than the other by more than this share.
fn alike<'p>(left: &'p Side, right: &'p Side, within: f64) -> Result<Vec<Link<'p>>, Problem> {
    let link = link(left, Sign::AtMost, right)?;
    if let Some(figure) = link.what.figures().find(|one| !one.metric.has_ratios()) {
        let metric = figure.metric.name();
        return Err(format!(
            "`~` is about ratios, and {metric} may be zero; give a range by `between`"
        ));
    }
    let ends = [
        (Sign::AtMost, 1.0 + within),
        (Sign::AtLeast, 1.0 / (1.0 + within)),
    ];
    let end = |(sign, factor): (Sign, f64)| Link {
        sign,
        bound: link.bound * factor,
        ..link
    };
    Ok(ends.map(end).into())
}

/// Checks that two things, each with its power of time, can be compared.
fn same_unit(
    (left, left_power): (&dyn Display, i32),
    (right, right_power): (&dyn Display, i32),
) -> Result<(), Problem> {
    if left_power == right_power {
        return Ok(());
    }
    let (left_is, right_is) = (kind(left_power), kind(right_power));
    Err(format!(
        "`{left}` is {left_is}, and `{right}` is {right_is}"
    ))
}

/// What something with this power of time is, and how a number of it is written.
fn kind(power_of_time: i32) -> &'static str {
    match power_of_time {
        0 => "a number such as 3 or 5%",
        1 => "a time such as 5ms",
        -1 => "a rate such as 1000/s",
        _ => "of a unit that no metric has",
    }
}

impl Side {
    fn power_of_time(&self) -> i32 {
        let powers = self.factors().map(|(operator, factor)| {
            let unit = match factor {
                Factor::Figure(figure) => figure.metric.unit(),
                Factor::Number(number) => number.suffix.unit,
            };
            match operator {
                Operator::Times => unit.power_of_time(),
                Operator::Over => -unit.power_of_time(),
            }
        });
        powers.sum()
    }

    /// Returns its value, if it has no figure.
    fn constant(&self) -> Option<f64> {
        self.value(&|_| None)
    }

    fn has_ratios(&self) -> bool {
        self.figures().all(|figure| figure.metric.has_ratios())
    }

    /// Returns the figure of which it consists alone.
    fn single(&self) -> Option<&Figure> {
        match (&self.first, &self.others[..]) {
            (Factor::Figure(figure), []) => Some(figure),
            _ => None,
        }
    }

    fn unit(&self) -> Unit {
        match (self.single(), self.power_of_time()) {
            (Some(figure), _) => figure.metric.unit(),
            (None, 1) => Unit::Time,
            (None, -1) => Unit::Rate,
            (None, _) => Unit::Number,
        }
    }
}

impl<'p> What<'p> {
    /// Returns the figures in it.
    pub(super) fn figures(self) -> impl Iterator<Item = &'p Figure> {
        let (first, second) = match self {
            What::Side(side) => (side, None),
            What::Ratio(left, right) | What::Difference(left, right) => (left, Some(right)),
        };
        first
            .figures()
            .chain(second.into_iter().flat_map(Side::figures))
    }

    /// Returns its value, if each figure has one.
    pub(super) fn value(self, of: &dyn Fn(&Figure) -> Option<f64>) -> Option<f64> {
        let value = match self {
            What::Side(side) => side.value(of)?,
            What::Ratio(left, right) => left.value(of)? / right.value(of)?,
            What::Difference(left, right) => left.value(of)? - right.value(of)?,
        };
        value.is_finite().then_some(value)
    }

    /// Returns the figure of which it consists alone.
    pub(super) fn single(self) -> Option<&'p Figure> {
        match self {
            What::Side(side) => side.single(),
            What::Ratio(..) | What::Difference(..) => None,
        }
    }

    /// Returns what it is measured in.
    pub(super) fn unit(self) -> Unit {
        match self {
            What::Side(side) | What::Difference(side, _) => side.unit(),
            What::Ratio(..) => Unit::Number,
        }
    }
}

impl Link<'_> {
    /// Whether blocks differ by ratios, and not by differences.
    pub(super) fn is_of_ratios(&self) -> bool {
        let mut figures = self.what.figures();
        figures.all(|figure| figure.metric.has_ratios())
    }
}

impl Display for What<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            What::Side(side) => write!(f, "{side}"),
            What::Ratio(left, right) => write!(f, "{left} / {}", Enclosed(right)),
            What::Difference(left, right) => write!(f, "{left} − {right}"),
        }
    }
}

/// A side as a divisor.
struct Enclosed<'p>(&'p Side);

impl Display for Enclosed<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0.others.is_empty() {
            true => write!(f, "{}", self.0),
            false => write!(f, "({})", self.0),
        }
    }
}
