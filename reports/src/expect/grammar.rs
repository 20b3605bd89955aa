//! Predicates as people write them. `docs/expectations.md` has the grammar.

use std::str::FromStr;

use evenkeel_common::number::Numbers;
use evenkeel_common::suggest::did_you_mean;
use thiserror::Error;

use super::metric::{METRICS, Metric};
use super::predicate::{
    Factor, Figure, OPERATORS, Operator, Predicate, Relation, SIGNS, Side, Sign,
};
use super::unit::{Number, PLAIN, SUFFIXES, Suffix};

/// A text that is not a predicate.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{text}` cannot be understood: {problem}")]
pub struct InvalidPredicate {
    text: String,
    problem: String,
}

impl FromStr for Predicate {
    type Err = InvalidPredicate;

    fn from_str(text: &str) -> Result<Predicate, InvalidPredicate> {
        let parsed = Parser { rest: text.trim() }.predicate();
        let checked = parsed.and_then(|predicate| {
            // Whether its sides can be compared does not depend on the margin.
            predicate.links(0.0)?;
            Ok(predicate)
        });
        checked.map_err(|problem| InvalidPredicate {
            text: on_one_line(text),
            problem,
        })
    }
}

/// Amounts; those of a published result are far below.
const AMOUNTS: Numbers = Numbers::between(0.0, 1e18, "it is a number");

/// What is left to read, without white space before it.
struct Parser<'t> {
    rest: &'t str,
}

type Parsed<T> = Result<T, String>;

impl<'t> Parser<'t> {
    fn predicate(mut self) -> Parsed<Predicate> {
        let first = self.side()?;
        let mut scenario = self.scenario()?;
        let relation = self.relation(first)?;
        if scenario.is_none() {
            scenario = self.scenario()?;
        }
        match self.rest.is_empty() {
            true => Ok(Predicate { relation, scenario }),
            false => Err(self.instead_of("the end")),
        }
    }

    fn relation(&mut self, first: Side) -> Parsed<Relation> {
        if self.takes_word("between") {
            let low = self.number()?;
            if !self.takes_word("and") {
                return Err(self.instead_of("`and`"));
            }
            return Ok(Relation::Between(first, low, self.number()?));
        }
        if self.takes("~") {
            let other = self.side()?;
            let within = match self.takes_word("within") {
                true => Some(self.share()?),
                false => None,
            };
            return Ok(Relation::Alike(first, other, within));
        }
        let mut others = Vec::new();
        while let Some(sign) = self.takes_one_of::<Sign>(&SIGNS) {
            others.push((sign, self.side()?));
        }
        match others.is_empty() {
            true => Err(self.instead_of("`<`, `<=`, `>`, `>=`, `~` or `between`")),
            false => Ok(Relation::Order(first, others)),
        }
    }

    fn scenario(&mut self) -> Parsed<Option<String>> {
        if !self.takes_word("in") {
            return Ok(None);
        }
        let name = self.takes_while(|c| !c.is_whitespace() && !"<>~".contains(c));
        match name.is_empty() {
            true => Err(self.instead_of("the name of a scenario")),
            false => Ok(Some(name.to_owned())),
        }
    }

    fn side(&mut self) -> Parsed<Side> {
        let first = self.factor()?;
        let mut others = Vec::new();
        while let Some(operator) = self.takes_one_of::<Operator>(&OPERATORS) {
            others.push((operator, self.factor()?));
        }
        Ok(Side { first, others })
    }

    fn factor(&mut self) -> Parsed<Factor> {
        match self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            true => self.number().map(Factor::Number),
            false => self.figure().map(Factor::Figure),
        }
    }

    fn figure(&mut self) -> Parsed<Figure> {
        let before = self.rest;
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        let name = self.takes_while(is_of_name);
        if name.is_empty() {
            return Err(
                self.instead_of("a metric of a strategy, such as `p99(single)`, or a number")
            );
        }
        let names = METRICS.iter().map(|info| info.name).chain(["within-1s"]);
        let unknown = || format!("there is no metric `{name}`{}", did_you_mean(name, names));
        let metric = Metric::named(name).ok_or_else(unknown)?;
        if !self.takes("(") {
            return Err(format!(
                "`{name}` has no strategy; write `{name}(STRATEGY)`"
            ));
        }
        let end = self
            .rest
            .find(')')
            .ok_or_else(|| format!("`{before}` has no `)`"))?;
        let (strategy, rest) = self.rest.split_at(end);
        self.rest = rest[1..].trim_start();
        match strategy.trim() {
            "" => Err(format!(
                "`{name}()` has no strategy; write `{name}(STRATEGY)`"
            )),
            key if key.contains(char::is_whitespace) || key.contains('(') => {
                Err(format!("`{key}` is not the key of a strategy"))
            }
            key => Ok(Figure {
                metric,
                strategy: key.to_owned(),
            }),
        }
    }

    fn number(&mut self) -> Parsed<Number> {
        let before = self.rest;
        let end = before.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (digits, rest) = before.split_at(end.unwrap_or(before.len()));
        let amount = AMOUNTS
            .parse(digits)
            .map_err(|_| self.instead_of("a number"))?;
        let suffix = SUFFIXES
            .iter()
            .find(|suffix| suffix.begins(rest))
            .unwrap_or(&PLAIN);
        self.rest = rest[suffix.name.len()..].trim_start();
        Ok(Number { amount, suffix })
    }

    /// A number without a unit, or with `%`.
    fn share(&mut self) -> Parsed<Number> {
        let number = self.number()?;
        match number.suffix.unit.power_of_time() {
            0 => Ok(number),
            _ => Err(format!("`within {number}` is not a share such as 10%")),
        }
    }

    fn takes_one_of<T: Copy>(&mut self, all: &[(&str, T)]) -> Option<T> {
        let found = all.iter().find(|(text, _)| self.takes(text));
        found.map(|(_, one)| *one)
    }

    fn takes(&mut self, text: &str) -> bool {
        let rest = self.rest.strip_prefix(text);
        self.rest = rest.map_or(self.rest, str::trim_start);
        rest.is_some()
    }

    /// Takes a word, which ends where letters do.
    fn takes_word(&mut self, word: &str) -> bool {
        let rest = self.rest.strip_prefix(word);
        rest.is_some_and(ends_a_word) && self.takes(word)
    }

    fn takes_while(&mut self, is_part: impl Fn(char) -> bool) -> &'t str {
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        taken
    }

    fn instead_of(&self, expected: &str) -> String {
        match self.rest.is_empty() {
            true => format!("it ends where {expected} is expected"),
            false => format!(
                "`{}` stands where {expected} is expected",
                on_one_line(self.rest)
            ),
        }
    }
}

impl Suffix {
    /// Whether a text begins with this unit.
    fn begins(&self, text: &str) -> bool {
        text.strip_prefix(self.name).is_some_and(ends_a_word)
    }
}

fn ends_a_word(rest: &str) -> bool {
    !rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_'))
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
