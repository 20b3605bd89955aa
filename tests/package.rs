//! `scripts/package`: what is in a release.

#[path = "support/cargo.rs"]
#[allow(unreachable_pub, reason = "shared with other test binaries")]
mod cargo;

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::tempdir;

fn output(program: &str, arguments: &[&str], folder: &Path) -> String {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder);
    cargo::forget_package(&mut command);
    let output = command.output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {output:?}"
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
#[ignore = "compiles evenkeel if the target folder has another build"]
fn a_package_has_the_program_with_its_documents_and_a_checksum() {
    let folder = tempdir().expect("a folder");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/package");
    let path = folder.path().to_str().expect("UTF-8");
    let packed = output(
        script,
        &["--target", "host", "--profile", "dev", path],
        folder.path(),
    );
    let package = Path::new(packed.trim());
    let name = package
        .file_name()
        .and_then(|name| name.to_str())
        .expect("a name");
    let root = name.strip_suffix(".tar.gz").expect("an archive");

    output(
        "sha256sum",
        &["--check", &format!("{name}.sha256")],
        folder.path(),
    );
    output("tar", &["--extract", "--file", name], folder.path());
    let unpacked = folder.path().join(root);
    let version = output(
        &unpacked.join("evenkeel").display().to_string(),
        &["--version"],
        folder.path(),
    );
    assert_eq!(
        version,
        concat!("evenkeel ", env!("CARGO_PKG_VERSION"), "\n")
    );
    assert!(
        root.starts_with(concat!("evenkeel-", env!("CARGO_PKG_VERSION"), "-")),
        "{root}"
    );
    for file in [
        "README.md",
        "LICENSE-APACHE",
        "LICENSE-MIT",
        "man/evenkeel-run.1",
        "completions/evenkeel.bash",
        "completions/evenkeel.zsh",
        "completions/evenkeel.fish",
    ] {
        let length = fs::metadata(unpacked.join(file)).map(|found| found.len());
        assert!(length.is_ok_and(|length| length > 0), "{file}");
    }
}
