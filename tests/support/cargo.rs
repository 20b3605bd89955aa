//! cargo as a child of a test.

use std::process::Command;

/// Removes the variables with which cargo describes the package of a test. Build scripts look at them (that of ring
/// does), so a cargo that inherits them compiles crates anew that are compiled already.
pub fn forget_package(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        let prefixes = ["CARGO_PKG_", "CARGO_MANIFEST_", "OUT_DIR"];
        if prefixes.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
}
