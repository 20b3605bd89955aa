//! CPU time of some processes. In JSON its fields stand in the trial itself, with the name of the
//! processes in front: `workers_cpu_s`, `workers_cpu_user_s`, `workers_cpu_system_s`.

/// CPU time of some processes in the measured time, seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CpuTime {
    /// In total, from the clocks of the processes.
    pub total_s: f64,
    /// In user code, to the kernel's clock tick (usually 10 ms); absent where unknown.
    pub user_s: Option<f64>,
    /// In the kernel, to the clock tick; absent where unknown.
    pub system_s: Option<f64>,
}

/// A module for `#[serde(with)]` that reads and writes a `CpuTime` under three field names.
macro_rules! flat_cpu_time {
    ($module:ident, $total:literal, $user:literal, $system:literal) => {
        pub(super) mod $module {
            use schemars::JsonSchema;
            use serde::{Deserialize, Deserializer, Serialize, Serializer};

            use super::CpuTime;

            #[derive(Serialize, Deserialize, JsonSchema)]
            pub(crate) struct Flat {
                #[serde(rename = $total, skip_serializing_if = "Option::is_none")]
                total_s: Option<f64>,
                #[serde(rename = $user, skip_serializing_if = "Option::is_none")]
                user_s: Option<f64>,
                #[serde(rename = $system, skip_serializing_if = "Option::is_none")]
                system_s: Option<f64>,
            }

            pub(crate) fn serialize<S: Serializer>(
                cpu: &Option<CpuTime>,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                let flat = Flat {
                    total_s: cpu.map(|cpu| cpu.total_s),
                    user_s: cpu.and_then(|cpu| cpu.user_s),
                    system_s: cpu.and_then(|cpu| cpu.system_s),
                };
                flat.serialize(serializer)
            }

            pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
                deserializer: D,
            ) -> Result<Option<CpuTime>, D::Error> {
                let flat = Flat::deserialize(deserializer)?;
                Ok(flat.total_s.map(|total_s| CpuTime {
                    total_s,
                    user_s: flat.user_s,
                    system_s: flat.system_s,
                }))
            }
        }
    };
}

flat_cpu_time!(
    dispatcher,
    "dispatcher_cpu_s",
    "dispatcher_cpu_user_s",
    "dispatcher_cpu_system_s"
);
flat_cpu_time!(
    workers,
    "workers_cpu_s",
    "workers_cpu_user_s",
    "workers_cpu_system_s"
);
