//! `scripts/ci-regression` in a repository with two commits and a changed working tree.
//!
//! The test compiles evenkeel five times, so it is ignored unless requested; `.ci/run` requests it.

#[path = "support/cargo.rs"]
#[allow(unreachable_pub, reason = "shared with other test binaries")]
mod cargo;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// The shortest study of two builds.
const STUDY: &str = "\
strategies = ['single']
scenarios = ['bare-keep-alive']
blocks = 2
[fleet]
workers = 1
[load]
duration = '100ms'
warmup = '20ms'
";

#[test]
#[ignore = "compiles evenkeel five times"]
fn each_build_is_compiled_from_its_own_revision() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = Repository::of_this_working_tree(folder.path());
    repository.commit("revision-one");
    repository.commit("revision-two");
    repository.mark("revision-three");

    let header = repository.ci_regression(&["HEAD~1", "HEAD"]);
    repository.assert_built(&header, ["revision-one", "revision-two"]);
    let own = &header["sha256"];
    assert_eq!(*own, repository.built("load", "revision-three"));

    // The target folders now have the objects of other revisions.
    let header = repository.ci_regression(&["HEAD"]);
    repository.assert_built(&header, ["revision-two", "revision-three"]);
}

struct Repository {
    folder: PathBuf,
    target: PathBuf,
}

impl Repository {
    /// Copies this working tree, and for its builds the dependencies that cargo has compiled.
    fn of_this_working_tree(folder: &Path) -> Self {
        let (repository, target) = (folder.join("repository"), folder.join("target"));
        let this = Path::new(env!("CARGO_MANIFEST_DIR"));
        shell(
            "git ls-files -z --cached --others --exclude-standard >\"$0.list\"
             mkdir \"$0\"
             tar --create --null --files-from \"$0.list\" --ignore-failed-read |
               tar --extract --directory \"$0\"
             git -C \"$0\" init --quiet",
            &repository,
            this,
        );
        let compiled = Path::new(env!("CARGO_BIN_EXE_evenkeel")).parent();
        shell(
            "mkdir -p \"$0\"
             find deps build .fingerprint -maxdepth 1 -mindepth 1 ! -name '*evenkeel*' \\
               \\( ! -path 'deps/*' -o -name '*.rlib' -o -name '*.rmeta' -o -name '*.so' \\) -print0 |
               tar --create --null --files-from - | tar --extract --directory \"$0\"",
            &target.join("ci-regression-build/baseline/debug"),
            compiled.expect("a folder"),
        );
        fs::write(repository.join("study.toml"), STUDY).expect("room");
        edit(&repository.join("src/main.rs"), |text| {
            let main = "fn main() -> ExitCode {\n";
            assert!(text.contains(main));
            let call = "std::hint::black_box(evenkeel_strategies::revision());\n";
            text.replace(main, &format!("{main}{call}"))
        });
        Self {
            folder: repository,
            target,
        }
    }

    /// Makes a revision in one line of a library: an outdated library is easier to miss than an
    /// outdated main function.
    fn mark(&self, revision: &str) {
        edit(&self.folder.join("strategies/src/lib.rs"), |text| {
            let other_lines = text.lines().filter(|line| !line.contains("fn revision()"));
            let mut lines: Vec<_> = other_lines.collect();
            let line = format!("pub fn revision() -> &'static str {{ \"{revision}\" }}");
            lines.push(&line);
            lines.join("\n")
        });
    }

    fn commit(&self, revision: &str) {
        self.mark(revision);
        shell(
            "git add --all
             git -c user.name=test -c user.email=test@localhost -c commit.gpgsign=false \\
               commit --quiet --message \"$0\"",
            Path::new(revision),
            &self.folder,
        );
    }

    /// Runs the script and returns the header of the study.
    fn ci_regression(&self, revisions: &[&str]) -> Value {
        let study = tempfile::tempdir().expect("a folder");
        let output = study.path().join("study");
        let mut script = Command::new(self.folder.join("scripts/ci-regression"));
        script
            .args(["--study", "study.toml", "--output"])
            .arg(&output);
        script.args(revisions).current_dir(&self.folder);
        script.env("CARGO_TARGET_DIR", &self.target);
        script.env("CI_REGRESSION_PROFILE", "dev");
        cargo::forget_package(&mut script);
        let ended = script.stdin(Stdio::null()).output().expect("the script");
        // Two blocks are too few for a conclusion, and the speed is not what this is about.
        let code = ended.status.code();
        assert!(matches!(code, Some(0 | 3 | 99)), "{ended:?}");
        assert!(!self.target.join("ci-regression").exists());
        let record = fs::read_to_string(output.join("results.jsonl")).expect("a record");
        let header = record.lines().next().expect("a header");
        serde_json::from_str(header).expect("JSON")
    }

    /// Asserts that the baseline and the candidate of a study are these revisions.
    fn assert_built(&self, header: &Value, revisions: [&str; 2]) {
        let executables = header["plan"]["executables"].as_array().expect("a list");
        let recorded: Vec<_> = executables.iter().map(|build| &build["sha256"]).collect();
        let [baseline, candidate] = revisions;
        let built = [
            self.built("baseline", baseline),
            self.built("candidate", candidate),
        ];
        assert_eq!(recorded, [&built[0], &built[1]]);
        assert_ne!(built[0], built[1]);
    }

    /// Asserts that a build is of a revision and of no other, and returns its SHA-256.
    fn built(&self, build: &str, revision: &str) -> String {
        let folder = self.target.join("ci-regression-build").join(build);
        let executable = folder.join("debug/evenkeel");
        let revisions = shell(
            "LC_ALL=C grep --text --only-matching --extended-regexp 'revision-(one|two|three)' \"$0\" |
               sort --unique",
            &executable,
            &folder,
        );
        assert_eq!(revisions, format!("{revision}\n"), "{build}");
        let line = shell("sha256sum \"$0\"", &executable, &folder);
        line.split(' ').next().expect("a hash").to_owned()
    }
}

fn edit(file: &Path, change: impl FnOnce(String) -> String) {
    let text = fs::read_to_string(file).expect("a source file");
    fs::write(file, change(text)).expect("room");
}

/// Runs lines of bash with a path as `$0` in a folder, and returns their output.
fn shell(lines: &str, path: &Path, folder: &Path) -> String {
    let mut bash = Command::new("bash");
    bash.args(["-euo", "pipefail", "-c", lines]).arg(path);
    let ended = bash.current_dir(folder).output().expect("bash");
    assert!(ended.status.success(), "{ended:?}");
    String::from_utf8(ended.stdout).expect("UTF-8")
}
