//! `evenkeel.toml`: how to judge metrics and scenarios.

use std::path::Path;

use evenkeel_reports::Study;
use evenkeel_reports::compare::{Criteria, Exception, Margin, Metric};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use crate::cli::GateArgs;
use crate::failure::Failure;
use crate::values::Share;
use evenkeel_common::toml_file::{self, Origin, TomlError};

/// Default path of the configuration.
const FILE: &str = "evenkeel.toml";

/// How to judge a change.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Configuration {
    /// How `evenkeel gate` judges.
    gate: Gate,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Gate {
    /// Changes up to this are no regression.
    margin: Option<Share>,
    /// The smallest regression that must not stay hidden.
    rule_out: Option<Share>,
    /// Exceptions; of several that match, the last counts.
    #[schemars(with = "Vec<ExceptTable>")]
    except: Vec<Except>,
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "ExceptTable")]
struct Except(Exception);

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct ExceptTable {
    /// Name of the scenario; without it, all.
    scenario: Option<String>,
    /// The metric, such as `p99`; without it, all.
    #[serde(deserialize_with = "metric")]
    #[schemars(with = "Option<String>")]
    metric: Option<Metric>,
    /// Changes up to this are no regression.
    margin: Option<Share>,
    /// `false`: do not compare it.
    compare: Option<bool>,
    /// Whether it must be decided.
    require: Option<bool>,
}

impl TryFrom<ExceptTable> for Except {
    type Error = &'static str;

    fn try_from(table: ExceptTable) -> Result<Self, Self::Error> {
        if table.scenario.is_none() && table.metric.is_none() {
            return Err("an exception needs a `scenario`, a `metric` or both");
        }
        let margin = match (table.margin, table.compare) {
            (Some(margin), None | Some(true)) => Some(Margin::Of(margin.0)),
            (None, Some(false)) if table.require.is_none() => Some(Margin::NotCompared),
            (None, None) if table.require.is_some() => None,
            _ => {
                return Err(
                    "an exception needs a `margin`, a `require` or both, or `compare = false` alone",
                );
            }
        };
        Ok(Self(Exception {
            scenario: table.scenario,
            metric: table.metric,
            margin,
            required: table.require,
        }))
    }
}

fn metric<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Metric>, D::Error> {
    let name = String::deserialize(from)?;
    name.parse().map(Some).map_err(serde::de::Error::custom)
}

fn read(path: &Path) -> Result<(Gate, Origin), TomlError> {
    let text = toml_file::text(path)?;
    let Configuration { gate } = toml_file::parse(&text, path)?;
    Ok((gate, Origin::root(path, &text)))
}

/// Returns the criteria of verdicts: from the command line, or the file, if it exists, or the plan of
/// the baseline.
pub(super) fn criteria(args: &GateArgs, baseline: &Study) -> Result<Criteria, Failure> {
    let usual = Path::new(FILE);
    let file = args.config.as_deref();
    let file = file.or_else(|| usual.exists().then_some(usual));
    let read = file.map(read).transpose().map_err(Failure::usage)?;
    let (gate, origin) = read.unwrap_or_default();
    let planned = Criteria::of(&baseline.header.plan);
    let margin = args.margin.or(gate.margin);
    let margin = margin.map_or(planned.margin, |share| share.0);
    let beyond = match args.rule_out.or(gate.rule_out) {
        Some(rule_out) if rule_out.0 <= margin => {
            let place = match args.rule_out.is_none() && args.margin.is_none() {
                true => origin.place("gate.rule_out"),
                false => String::new(),
            };
            return Err(Failure::Usage(format!(
                "{place}a regression of {rule_out} cannot be ruled out with a margin of {}, within which \
                 changes do not matter; let `--rule-out` be larger than `--margin`",
                Share(margin)
            )));
        }
        Some(rule_out) => (1.0 + rule_out.0) / (1.0 + margin) - 1.0,
        None => planned.beyond,
    };
    Ok(Criteria {
        margin,
        beyond,
        exceptions: gate.except.into_iter().map(|except| except.0).collect(),
        ..planned
    })
}
