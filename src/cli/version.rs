//! `--version`.

use std::ffi::OsString;
use std::process::exit;

use crate::executable::own_sha256;
use crate::terminal;

/// Prints the version, and ends the program.
pub(super) fn print_and_exit(line: &[OsString]) -> ! {
    let code = match terminal::print(&text(line)) {
        Ok(()) => 0,
        Err(_) => 1,
    };
    exit(code)
}

/// With `--verbose` also what the program was built from.
fn text(line: &[OsString]) -> String {
    let version = concat!("evenkeel ", env!("CARGO_PKG_VERSION"), "\n");
    if !line.iter().any(|word| word == "--verbose") {
        return version.to_owned();
    }
    let sha256 = own_sha256().unwrap_or_else(|_| "unknown".to_owned());
    format!(
        "{version}\
         commit: {}\n\
         target: {}\n\
         profile: {}\n\
         compiler: {}\n\
         sha256: {sha256}\n",
        env!("EVENKEEL_BUILD_COMMIT"),
        env!("EVENKEEL_BUILD_TARGET"),
        env!("EVENKEEL_BUILD_PROFILE"),
        env!("EVENKEEL_BUILD_COMPILER"),
    )
}
