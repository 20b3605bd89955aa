//! Values as people write them on the command line and in TOML files.

mod header_version;
mod share;
mod url;

pub(crate) use header_version::HeaderVersion;
pub(crate) use share::Share;
pub(crate) use url::{Scheme, Url};
