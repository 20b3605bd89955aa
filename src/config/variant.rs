//! Variants of the fleet, which a study compares.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FleetConfig, FleetOptions, Setting, SettingError, WorkerOptions};
use crate::executable::is_label;
use crate::machine::CpuSet;

/// A variant of the fleet. Every strategy takes part once with each, as `KEY@NAME`, in the same blocks. The first one
/// is what the others are compared with. In TOML
///
/// ```toml
/// [[variant]]
/// name = "messages"
/// fleet.counter = "messages"
/// ```
#[derive(Clone, Debug, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Variant {
    /// Its name: up to 32 letters, digits, dots, dashes and underscores.
    name: String,
    /// What differs from the table `[fleet]` of the study.
    #[serde(default)]
    fleet: FleetOptions,
}

/// A variant, with every gap filled in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct VariantConfig {
    pub(crate) name: String,
    #[serde(flatten)]
    pub(crate) fleet: FleetConfig,
}

const VARIANT: Setting = Setting {
    option: "variant",
    key: "variant",
};

/// Returns the variants of a fleet. The gaps of each are those of the fleet.
pub(super) fn resolve(
    variants: &[Variant],
    fleet: &FleetOptions,
    worker: &WorkerOptions,
    server_cpus: &CpuSet,
) -> Result<Vec<VariantConfig>, SettingError> {
    if let [only] = variants {
        let problem = "it is compared with nothing; give another variant, or use `[fleet]` instead";
        return Err(SettingError::value(VARIANT, &only.name, problem));
    }
    let resolved = variants.iter().enumerate().map(|(number, variant)| {
        variant.check(&variants[..number])?;
        let fleet = variant.fleet.clone().or(fleet.clone());
        Ok(VariantConfig {
            name: variant.name.clone(),
            fleet: fleet.resolve(worker, server_cpus.clone())?,
        })
    });
    resolved.collect()
}

impl Variant {
    fn check(&self, others: &[Self]) -> Result<(), SettingError> {
        let is_taken = others.iter().any(|other| other.name == self.name);
        let is_another_size = self.fleet.workers.is_some() || self.fleet.server_cpus.is_some();
        let problem = match () {
            () if !is_label(self.name.as_bytes()) => {
                "write a name of up to 32 letters, digits, dots, dashes and underscores"
            }
            () if is_taken => "another variant has this name; give each its own",
            () if is_another_size => {
                "its workers and CPUs are those of the study; leave them out, or give `workers` to scenarios"
            }
            () => return Ok(()),
        };
        Err(SettingError::value(VARIANT, &self.name, problem))
    }
}
