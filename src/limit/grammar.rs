//! Limits as people write them: `p99>5ms`, `errors>0.1%`, `rps<1000`.

use std::str::FromStr;

use thiserror::Error;

use super::{Comparison, Figure, Limit};
use evenkeel_common::duration;
use evenkeel_common::number::Numbers;
use evenkeel_common::suggest::nearest;

/// A text that is not a limit.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error(
    "`{text}` is not a limit: {problem}; write FIGURE COMPARISON VALUE, where a figure is p50 to \
     p99.99, mean, max or lag with a time (p99>5ms), errors with a share or a count \
     (errors>0.1%, errors>=10), or rps with a number (rps<1000), and a comparison is >, >=, < or <="
)]
pub(crate) struct InvalidLimit {
    text: String,
    problem: String,
}

/// Longer signs come first, since `>=` starts with `>`.
const COMPARISONS: [(&str, Comparison); 4] = [
    (">=", Comparison::AtLeast),
    ("<=", Comparison::AtMost),
    (">", Comparison::Above),
    ("<", Comparison::Below),
];

impl FromStr for Limit {
    type Err = InvalidLimit;

    fn from_str(text: &str) -> Result<Self, InvalidLimit> {
        parse(text).map_err(|problem| InvalidLimit {
            text: text.to_owned(),
            problem,
        })
    }
}

fn parse(text: &str) -> Result<Limit, String> {
    let at = text.find(['>', '<']).ok_or("it has no comparison")?;
    let (name, rest) = text.split_at(at);
    let (comparison, value) = COMPARISONS
        .iter()
        .find_map(|(sign, comparison)| Some((*comparison, rest.strip_prefix(sign)?.trim())))
        .ok_or("it has no comparison")?;
    let (figure, bound) = figure(name.trim(), value)?;
    Ok(Limit {
        text: text.trim().to_owned(),
        figure,
        comparison,
        bound,
    })
}

/// Returns the figure of this name, and the bound in its unit.
fn figure(name: &str, value: &str) -> Result<(Figure, f64), String> {
    match name {
        "errors" => match value.strip_suffix('%') {
            Some(percent) => Ok((Figure::ErrorShare, number(percent)? / 100.0)),
            None => Ok((Figure::ErrorCount, number(value)?)),
        },
        "rps" => Ok((Figure::Throughput, number(value)?)),
        "mean" => Ok((Figure::Mean, nanoseconds(value)?)),
        "max" => Ok((Figure::Max, nanoseconds(value)?)),
        "lag" => Ok((Figure::Lag, nanoseconds(value)?)),
        _ => Ok((percentile(name)?, nanoseconds(value)?)),
    }
}

fn percentile(name: &str) -> Result<Figure, String> {
    let digits = name.strip_prefix('p');
    match digits.map(|digits| PERCENTILES.parse(digits)) {
        Some(Ok(percent)) => Ok(Figure::Percentile(percent)),
        _ => {
            let but = nearest(name, FIGURES).map(|near| format!(", but there is `{near}`"));
            let but = but.unwrap_or_default();
            Err(format!("there is no figure `{name}`{but}"))
        }
    }
}

/// Percentiles that are of interest. Up to the highest, a million answers have one beyond it.
const PERCENTILES: Numbers = Numbers::between(50.0, 99.9999, "a percentile is a number");

/// Names of figures, for suggestions. The last of several that are as near is suggested.
const FIGURES: [&str; 11] = [
    "p50", "p75", "p90", "p95", "p99.9", "p99", "mean", "max", "lag", "errors", "rps",
];

fn nanoseconds(value: &str) -> Result<f64, String> {
    let time =
        duration::parse(value).map_err(|_| format!("`{value}` is not a time with a unit"))?;
    Ok(time.as_nanos() as f64)
}

/// Bounds of figures: counts, percentages, and requests per second.
const BOUNDS: Numbers = Numbers::between(0.0, 1e18, "a bound is a number");

fn number(value: &str) -> Result<f64, String> {
    let number = BOUNDS.parse(value.trim());
    number.map_err(|_| format!("`{value}` is not a number"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_limit_is_a_figure_a_comparison_and_a_value() {
        use Comparison::{Above, AtLeast, AtMost, Below};
        for (text, figure, comparison, bound) in [
            ("p99>5ms", Figure::Percentile(99.0), Above, 5e6),
            (
                " p99.99 >= 1.5 s ",
                Figure::Percentile(99.99),
                AtLeast,
                1.5e9,
            ),
            ("mean<250us", Figure::Mean, Below, 250e3),
            ("max>0us", Figure::Max, Above, 0.0),
            ("lag>1ms", Figure::Lag, Above, 1e6),
            ("errors>0.1%", Figure::ErrorShare, Above, 0.001),
            ("errors>=10", Figure::ErrorCount, AtLeast, 10.0),
            ("rps<=1000", Figure::Throughput, AtMost, 1000.0),
        ] {
            let limit: Limit = text.parse().expect(text);
            assert_eq!((limit.figure, limit.comparison), (figure, comparison));
            assert!(
                (limit.bound - bound).abs() < 1e-9 * bound.max(1.0),
                "{text}"
            );
        }
    }

    #[test]
    fn an_error_names_the_problem_and_the_grammar() {
        for (text, problem) in [
            ("p99", "no comparison"),
            ("p99=5ms", "no comparison"),
            ("p100>5ms", "no figure `p100`"),
            ("p0>5ms", "no figure `p0`"),
            ("p9>5ms", "no figure `p9`, but there is `p99`"),
            ("maximum>5ms", "no figure `maximum`, but there is `max`"),
            ("pnan>5ms", "no figure `pnan`"),
            ("p>5ms", "no figure `p`"),
            ("median>5ms", "no figure `median`"),
            ("p99>5", "`5` is not a time"),
            ("p99>-5ms", "`-5ms` is not a time"),
            ("p99>>5ms", "`>5ms` is not a time"),
            ("errors>lots", "`lots` is not a number"),
            ("rps<1e400", "`1e400` is not a number"),
            ("rps<NaN", "`NaN` is not a number"),
            ("", "no comparison"),
        ] {
            let error = text.parse::<Limit>().expect_err(text).to_string();
            assert!(
                error.starts_with(&format!("`{text}` is not a limit")),
                "{error}"
            );
            assert!(error.contains(problem), "{problem} is missing in {error}");
            assert!(error.contains("FIGURE COMPARISON VALUE"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_causes_a_panic(text in "[pmlre0-9.<>=%us ]*|.*") {
            let _ = text.parse::<Limit>();
        }
    }
}
