//! Documents and what stands in them.

use std::fs;
use std::path::{Path, PathBuf};

/// A Markdown file of this repository.
pub(crate) struct Document {
    /// Path from the root of the repository.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// A fenced block of code.
pub(crate) struct Block {
    /// File and line, for messages.
    pub(crate) place: String,
    /// The words behind the fence: the language, and what else is known of it.
    pub(crate) info: String,
    pub(crate) text: String,
}

/// The root of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All documents of the root folder and of the book.
pub(crate) fn documents() -> Vec<Document> {
    let mut paths = markdown_files(root());
    paths.extend(markdown_files(&root().join("docs")));
    paths.extend(markdown_files(&root().join("docs/benchmarks")));
    paths.extend(markdown_files(&root().join("strategies/peers")));
    paths.sort();
    let read = |path: PathBuf| Document {
        name: path
            .strip_prefix(root())
            .expect("below it")
            .display()
            .to_string(),
        text: fs::read_to_string(&path).expect("UTF-8"),
    };
    paths.into_iter().map(read).collect()
}

fn markdown_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect()
}

/// The fenced blocks of all documents whose language is this.
pub(crate) fn blocks(language: &str) -> Vec<Block> {
    let all = documents()
        .into_iter()
        .flat_map(|document| document.blocks());
    all.filter(|block| block.info.split(' ').next() == Some(language))
        .collect()
}

impl Document {
    fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut open: Option<Block> = None;
        for (number, line) in self.text.lines().enumerate() {
            match (line.strip_prefix("```"), &mut open) {
                (Some(info), None) => {
                    open = Some(Block {
                        place: format!("{}:{}", self.name, number + 1),
                        info: info.to_owned(),
                        text: String::new(),
                    });
                }
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (None, Some(block)) => {
                    block.text.push_str(line);
                    block.text.push('\n');
                }
                (None, None) => {}
            }
        }
        assert!(
            open.is_none(),
            "{}: a block of code does not end",
            self.name
        );
        blocks
    }

    /// The text without fenced blocks.
    fn prose(&self) -> String {
        let parts = self.text.split("```").step_by(2);
        parts.collect::<Vec<_>>().join("\n")
    }

    /// Targets of its links and pictures, except those on the web.
    pub(crate) fn links(&self) -> Vec<String> {
        let prose = self.prose();
        let behind = prose.split("](").skip(1);
        let targets = behind.filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()));
        targets.filter(|target| !target.contains("://")).collect()
    }

    /// What its prose shows as code.
    pub(crate) fn code(&self) -> Vec<String> {
        let prose = self.prose();
        let spans = prose.split('`').skip(1).step_by(2);
        spans.map(str::to_owned).collect()
    }

    /// The anchors of its headings, as GitHub and mdBook make them.
    pub(crate) fn anchors(&self) -> Vec<String> {
        let prose = self.prose();
        let headings = prose.lines().filter(|line| line.starts_with('#'));
        headings
            .map(|heading| anchor(heading.trim_start_matches('#')))
            .collect()
    }
}

fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        _ => c.is_alphanumeric().then(|| c.to_ascii_lowercase()),
    });
    kept.collect()
}

#[test]
fn blocks_links_and_anchors_are_found() {
    let document = Document {
        name: "x.md".into(),
        text: "# A: b, `c`\n[l](y.md#z) ![p](p.svg) [w](https://w)\n```sh one\nls [](no)\n```\n"
            .into(),
    };
    let [block] = &document.blocks()[..] else {
        panic!("one block");
    };
    assert_eq!(
        (&*block.place, &*block.info, &*block.text),
        ("x.md:3", "sh one", "ls [](no)\n")
    );
    assert_eq!(document.links(), ["y.md#z", "p.svg"]);
    assert_eq!(document.anchors(), ["a-b-c"]);
    assert_eq!(document.code(), ["c"]);
}
