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
mod share;
mod url;

pub(crate) use numbers::{RATES, some_rate};
pub(crate) use share::Share;
pub(crate) use url::{Scheme, Url};
