//! Values as people write them on the command line and in TOML files.

/// Deserializes a type from its text, by `FromStr`.
macro_rules! deserialize_from_text {
    ($type:ty) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = String::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

mod numbers;
mod path_text;
mod share;
mod statuses;
mod url;
mod whole;

pub(crate) use numbers::{ClientAddresses, Connections, RATES, Seed, some_rate};
pub(crate) use path_text::{path_of_text, text_of_path};
pub(crate) use share::Share;
pub(crate) use statuses::Statuses;
pub(crate) use url::{Scheme, Url};
pub(crate) use whole::Whole;
