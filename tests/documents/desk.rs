//! A folder with what the documents' commands name.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use tempfile::TempDir;

use crate::markdown::{blocks, root};
use crate::program::{EVENKEEL, Finished, shell};

/// A study of eight strategies that comes with the source.
const RECORD: &str = "reports/tests/data/eight-strategies.jsonl";

/// A temporary folder in which commands run.
pub(crate) struct Desk(TempDir);

impl Desk {
    /// A folder with scenario, recipe and builds, and without a study.
    pub(crate) fn new() -> Self {
        let desk = Self(tempfile::tempdir().expect("a folder"));
        let folder = desk.folder();
        for name in ["studies", "scripts"] {
            symlink(root().join(name), folder.join(name)).expect("room");
        }
        symlink(EVENKEEL, folder.join("evenkeel-after")).expect("room");
        // Two builds that differ: the other one is a script.
        desk.write(
            "evenkeel-before",
            &format!("#!/bin/sh\nexec {EVENKEEL} \"$@\"\n"),
        );
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(folder.join("evenkeel-before"), executable).expect("ours");
        desk.write("my-scenario.toml", &block("toml scenario"));
        desk.write("my-peer.toml", &block("toml recipe"));
        let template = root().join("strategies/peers/nginx-proxy/nginx.conf");
        fs::copy(template, desk.folder().join("nginx.conf")).expect("room");
        desk.write("server.py", "");
        desk
    }

    /// A folder that also contains the results of studies: `out`, `before`, `after`, and `builds`
    /// of two builds.
    pub(crate) fn with_results() -> Self {
        let desk = Self::new();
        for name in ["out", "before", "after"] {
            let folder = desk.folder().join(name);
            fs::create_dir(&folder).expect("room");
            fs::copy(root().join(RECORD), folder.join("results.jsonl")).expect("room");
        }
        desk.study(
            "--executable baseline=./evenkeel-before --executable candidate=./evenkeel-after \
             -s single -o builds",
        );
        desk
    }

    /// Runs the smallest study with these options.
    pub(crate) fn study(&self, options: &str) {
        let line = "\"$0\" run -q -S bare-keep-alive -d 50ms --warmup 10ms -b 1 -w 2 -c 4";
        self.run(&format!("{line} {options}")).assert_measured();
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.folder().join(name), text).expect("room");
    }

    /// Runs a line of shell in which `$0` is the program.
    pub(crate) fn run(&self, line: &str) -> Finished {
        shell(line, self.folder())
    }
}

/// The first block of the documents with this information behind the fence.
fn block(info: &str) -> String {
    let mut found = blocks("toml")
        .into_iter()
        .filter(|block| block.info == info);
    found.next().expect("one stands there").text
}
