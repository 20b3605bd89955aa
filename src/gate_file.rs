//! `evenkeel.toml`: how to judge metrics and scenarios.

use std::path::Path;

use evenkeel_common::toml_file::{self, Origin, TomlError};
use evenkeel_reports::compare::{Exception, Margin, Metric};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use crate::values::Share;

/// How to judge a change.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct GateFile {
    /// How `evenkeel gate` judges.
    gate: Gate,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Gate {
    /// Changes up to this are no regression.
    pub(crate) margin: Option<Share>,
    /// The smallest regression that must not stay hidden.
    pub(crate) rule_out: Option<Share>,
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

/// Reads a file, and where its values are.
///
/// # Errors
/// [`TomlError`] with the place of the fault.
pub(crate) fn read(path: &Path) -> Result<(Gate, Origin), TomlError> {
    let text = toml_file::text(path)?;
    let GateFile { gate } = toml_file::parse(&text, path)?;
    Ok((gate, Origin::root(path, &text)))
}

impl Gate {
    /// Returns the exceptions, in their order.
    pub(crate) fn exceptions(self) -> Vec<Exception> {
        self.except.into_iter().map(|except| except.0).collect()
    }
}
