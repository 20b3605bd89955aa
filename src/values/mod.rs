//! Values as people write them on the command line and in TOML files.

/// Deserializes a type from its text, by `FromStr`, and describes it by an example.
macro_rules! deserialize_from_text {
    ($type:ty, $example:literal) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = String::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "examples": [$example] })
            }
        }
    };
}

pub(crate) use deserialize_from_text;

mod counter;
mod numbers;
mod path_text;
mod share;
mod statuses;
mod url;
mod whole;

pub(crate) use counter::CounterName;
pub(crate) use numbers::{ClientAddresses, Connections, Processes, RATES, Seed, some_rate};
pub(crate) use path_text::{path_of_text, text_of_path};
pub(crate) use share::Share;
pub(crate) use statuses::Statuses;
pub(crate) use url::Url;
pub(crate) use whole::Whole;
