//! Tells the program what it was built from, for `evenkeel --version --verbose`.

use std::env;
use std::process::Command;

/// Where the sources are not a git checkout, such as in a package.
const UNKNOWN: &str = "unknown";

fn main() {
    let variable = |name| env::var_os(name)?.into_string().ok();
    let from_environment = |name| variable(name).unwrap_or_else(|| UNKNOWN.to_owned());
    println!("cargo::rerun-if-env-changed=EVENKEEL_COMMIT");
    let commit = variable("EVENKEEL_COMMIT").or_else(commit);
    set("COMMIT", &commit.unwrap_or_else(|| UNKNOWN.to_owned()));
    set("TARGET", &from_environment("TARGET"));
    set("PROFILE", &from_environment("PROFILE"));
    let compiler = output(&from_environment("RUSTC"), &["--version"]);
    set("COMPILER", &compiler.unwrap_or_else(|| UNKNOWN.to_owned()));
}

fn set(name: &str, value: &str) {
    println!("cargo::rustc-env=EVENKEEL_BUILD_{name}={value}");
}

/// The commit that is checked out. Its log changes with each commit and each checkout.
fn commit() -> Option<String> {
    let log = output("git", &["rev-parse", "--git-path", "logs/HEAD"])?;
    println!("cargo::rerun-if-changed={log}");
    output("git", &["rev-parse", "HEAD"])
}

fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
