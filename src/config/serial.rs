//! Forms in which the record stores values: a duration as seconds, a set of CPUs as a list.

/// A duration, as a number of seconds.
pub(super) mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    pub(in super::super) fn serialize<S: Serializer>(
        duration: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        duration.as_secs_f64().serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// A duration that may be absent, as a number of seconds.
pub(super) mod optional_seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    pub(in super::super) fn serialize<S: Serializer>(
        duration: &Option<Duration>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let seconds = duration.as_ref().map(Duration::as_secs_f64);
        seconds.serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Duration>, D::Error> {
        let seconds = Option::deserialize(deserializer)?.map(Duration::try_from_secs_f64);
        seconds.transpose().map_err(de::Error::custom)
    }
}

/// A set of CPUs, as a list of their numbers.
pub(super) mod cpu_list {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::machine::CpuSet;

    pub(in super::super) fn serialize<S: Serializer>(
        cpus: &CpuSet,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        cpus.to_vec().serialize(serializer)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<CpuSet, D::Error> {
        Ok(Vec::deserialize(deserializer)?.into_iter().collect())
    }
}
