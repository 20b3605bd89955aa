//! Distributions of work, as people write them: `block:exp:1ms`.

use std::fmt::{self, Display};
use std::str::FromStr;

use evenkeel_loadgen::{Cost, WorkKind, WorkPart};
use thiserror::Error;

use super::target::TIMED;
use evenkeel_common::duration;
use evenkeel_common::number::Numbers;

/// The kind of a time alone, such as `30ms`: it keeps a worker busy, and needs no CPU for each of many
/// workers.
const USUAL: WorkKind = WorkKind::Block;

/// A kind of work and the distribution of its time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Distribution {
    pub(crate) kind: WorkKind,
    pub(crate) cost: Cost,
    /// The distribution as written.
    text: String,
}

/// A text that is not a distribution of work.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "`{text}` is not a distribution of work: {problem}; write TIME, KIND:TIME or \
     KIND:DISTRIBUTION:TIME, where KIND is spin, block or sleep, such as 30ms (the same as block:30ms), spin:50us, block:exp:1ms, sleep:fixed:2ms, \
     block:uniform:1ms-3ms, block:lognormal:1ms:0.8 or block:pareto:1ms:1.5"
)]
pub(crate) struct InvalidDistribution {
    text: String,
    problem: String,
}

impl FromStr for Distribution {
    type Err = InvalidDistribution;

    fn from_str(text: &str) -> Result<Self, InvalidDistribution> {
        let wrong = |problem| InvalidDistribution {
            text: text.to_owned(),
            problem,
        };
        if duration::parse(text).is_ok() {
            return format!("{}:{text}", USUAL.name()).parse();
        }
        let parts: Vec<&str> = text.split(':').collect();
        let (kind, rest) = parts.split_first().unwrap_or((&"", &[]));
        let kind = TIMED.into_iter().find(|known| known.name() == *kind);
        let kind = kind.ok_or_else(|| wrong("it names no kind of work".into()))?;
        let cost = cost(rest).map_err(wrong)?;
        cost.validate().map_err(|error| wrong(error.to_string()))?;
        Ok(Self {
            kind,
            cost,
            text: text.to_owned(),
        })
    }
}

/// Parses what follows the kind.
fn cost(parts: &[&str]) -> Result<Cost, String> {
    match *parts {
        [time] | ["fixed", time] => Ok(Cost::Fixed(us(time)?)),
        ["exp" | "exponential", mean] => Ok(Cost::Exponential(us(mean)?)),
        ["uniform", bounds] => {
            let bounds = bounds.split_once('-');
            let (low, high) = bounds.ok_or("bounds are two times with a - between them")?;
            let (low, high) = (us(low)?, us(high)?);
            Ok(Cost::Uniform { low, high })
        }
        ["lognormal", mean, sigma] => Ok(Cost::LogNormal {
            mean: us(mean)?,
            sigma: number(SIGMAS, sigma)?,
        }),
        ["pareto", mean, shape] => Ok(Cost::Pareto {
            mean: us(mean)?,
            shape: number(SHAPES, shape)?,
        }),
        _ => Err("its distribution is unknown, or a part is missing".into()),
    }
}

fn us(time: &str) -> Result<f64, String> {
    let time = duration::parse(time).map_err(|error| error.to_string())?;
    Ok(time.as_secs_f64() * 1e6)
}

/// Sigmas of a lognormal. With 10, one draw in a thousand is beyond all bounds already.
const SIGMAS: Numbers = Numbers::between(0.0, 10.0, "sigma is a number");

/// Shapes of a Pareto. The highest one draws as good as the mean.
const SHAPES: Numbers = Numbers::above(1.0, 1e6, "the shape is a number");

fn number(allowed: Numbers, text: &str) -> Result<f64, String> {
    let number = allowed.parse(text);
    number.map_err(|error| format!("`{text}` does not fit: {error}"))
}

impl Distribution {
    /// Returns the distribution as the only part of a mix.
    pub(crate) fn to_part(&self) -> WorkPart {
        WorkPart {
            weight: 1.0,
            kind: self.kind,
            cost: self.cost,
        }
    }
}

impl Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_distribution_is_shown_as_written() {
        for (text, kind, cost) in [
            ("spin:50us", WorkKind::Spin, Cost::Fixed(50.0)),
            ("sleep:fixed:2ms", WorkKind::Sleep, Cost::Fixed(2_000.0)),
            ("block:exp:1ms", WorkKind::Block, Cost::Exponential(1_000.0)),
            (
                "block:exponential:1ms",
                WorkKind::Block,
                Cost::Exponential(1_000.0),
            ),
            (
                "block:uniform:1ms-3ms",
                WorkKind::Block,
                Cost::Uniform {
                    low: 1_000.0,
                    high: 3_000.0,
                },
            ),
            (
                "spin:lognormal:1ms:0.8",
                WorkKind::Spin,
                Cost::LogNormal {
                    mean: 1_000.0,
                    sigma: 0.8,
                },
            ),
            (
                "block:pareto:1ms:1.5",
                WorkKind::Block,
                Cost::Pareto {
                    mean: 1_000.0,
                    shape: 1.5,
                },
            ),
        ] {
            let read: Distribution = text.parse().expect(text);
            assert_eq!((read.kind, read.cost), (kind, cost), "{text}");
            assert_eq!(read.to_string(), text);
        }
    }

    #[test]
    fn a_time_alone_keeps_a_worker_busy_without_a_cpu() {
        let read: Distribution = "30ms".parse().expect("a time");
        assert_eq!(
            (read.kind, read.cost),
            (WorkKind::Block, Cost::Fixed(30_000.0))
        );
        assert_eq!(read.to_string(), "block:30ms");
    }

    #[test]
    fn an_error_names_the_problem_and_the_valid_forms() {
        for (text, words) in [
            ("", "no kind of work"),
            ("blok:1ms", "no kind of work"),
            ("block", "missing"),
            ("block:exp", "not a duration"),
            ("block:normal:1ms", "unknown"),
            ("block:exp:1", "not a duration"),
            ("block:uniform:1ms", "two times"),
            ("block:uniform:3ms-1ms", "lower bound"),
            ("block:lognormal:1ms", "missing"),
            ("block:lognormal:1ms:x", "sigma is a number from 0"),
            ("block:lognormal:1ms:nan", "sigma is a number from 0"),
            ("block:lognormal:1ms:inf", "sigma is a number from 0"),
            ("block:pareto:1ms:1", "above 1"),
            ("block:pareto:1ms:nan", "above 1"),
            ("block:pareto:1ms:1e400", "above 1"),
            ("block:300h", "9,999,999,999"),
        ] {
            let error = text.parse::<Distribution>().expect_err(text).to_string();
            assert!(error.contains(words), "{error}");
            assert!(error.contains("block:exp:1ms"), "{error}");
        }
    }
}
