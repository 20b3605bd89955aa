//! What CONTRIBUTING says about adding things, done to a copy of the source.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo;
use crate::markdown::{Block, blocks, root};

#[test]
#[ignore = "compiles a copy of the source; .ci/run runs it"]
fn what_contributing_adds_compiles() {
    let copy = Copy::of_the_source();
    for block in of_contributing("rust") {
        copy.create(&block);
    }
    for block in of_contributing("diff") {
        copy.change(&block);
    }
    copy.assert_compiles();
}

/// The blocks of CONTRIBUTING in a language that name a file.
fn of_contributing(language: &str) -> impl Iterator<Item = Block> {
    let is_meant = |block: &Block| {
        block.place.starts_with("CONTRIBUTING.md") && block.info.split(' ').nth(1).is_some()
    };
    blocks(language).into_iter().filter(is_meant)
}

/// A copy of the tracked files, and of those that git does not ignore.
struct Copy {
    folder: PathBuf,
}

impl Copy {
    fn of_the_source() -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("contributing");
        let _ = fs::remove_dir_all(&folder);
        for file in files_of_the_source() {
            let to = folder.join(&file);
            fs::create_dir_all(to.parent().expect("a file has a folder")).expect("room");
            fs::copy(root().join(&file), &to).expect("room");
        }
        Self { folder }
    }

    /// Creates the file that the block names, with the text of the block.
    fn create(&self, block: &Block) {
        let path = self.path(block);
        assert!(!path.exists(), "{}: it exists already", block.place);
        fs::write(path, &block.text).expect("room");
    }

    /// Adds the lines that begin with `+` to the file that the block names, each below the line
    /// above it.
    fn change(&self, block: &Block) {
        let path = self.path(block);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
        let mut lines: Vec<&str> = text.lines().collect();
        let mut at = 0;
        for line in block.text.lines().filter(|line| !line.is_empty()) {
            match line.split_at(1) {
                ("+", added) => lines.insert(at, added),
                (" ", known) => {
                    let below = lines[at..].iter().position(|line| *line == known);
                    let below = below.unwrap_or_else(|| panic!("{}: no `{known}`", block.place));
                    at += below;
                }
                _ => panic!("{}: `{line}` is neither known nor added", block.place),
            }
            at += 1;
        }
        fs::write(path, lines.join("\n") + "\n").expect("room");
    }

    fn path(&self, block: &Block) -> PathBuf {
        let name = block
            .info
            .split(' ')
            .nth(1)
            .expect("blocks that name a file");
        self.folder.join(name)
    }

    /// Asserts that the copy compiles without warnings, in the target folder of this test: the dependencies are
    /// those that `cargo clippy` needs.
    fn assert_compiles(&self) {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
        let mut check = Command::new(env!("CARGO"));
        check
            .args(["check", "--offline", "--quiet"])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", target.expect("a folder"));
        cargo::forget_package(&mut check);
        let checked = check.output().expect("cargo");
        let messages = String::from_utf8_lossy(&checked.stderr);
        assert!(
            checked.status.success() && messages.is_empty(),
            "what CONTRIBUTING adds does not compile without warnings:\n{messages}"
        );
    }
}

fn files_of_the_source() -> Vec<String> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output();
    let listed = String::from_utf8(listed.expect("git").stdout).expect("UTF-8");
    let exists = |file: &&str| root().join(file).is_file();
    listed.lines().filter(exists).map(str::to_owned).collect()
}
