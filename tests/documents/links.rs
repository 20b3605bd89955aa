//! Links between documents, and to other files of the repository.

use std::path::Path;

use crate::markdown::{Document, blocks, documents, root};

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let documents = documents();
    for document in &documents {
        for link in document.links() {
            let place = format!("{}: [...]({link})", document.name);
            let (file, anchor) = match link.split_once('#') {
                Some((file, anchor)) => (file, Some(anchor)),
                None => (&*link, None),
            };
            let name = resolve(&document.name, file);
            assert!(root().join(&name).exists(), "{place} leads nowhere");
            if let Some(anchor) = anchor {
                let target = documents.iter().find(|document| document.name == name);
                let target: &Document = target.unwrap_or_else(|| panic!("{place}: no document"));
                let anchors = target.anchors();
                assert!(
                    anchors.iter().any(|known| known == anchor),
                    "{place}: {anchors:?}"
                );
            }
        }
    }
}

/// Folders of the repository, whose files documents name as code.
const FOLDERS: [&str; 8] = [
    "common/",
    "docs/",
    "loadgen/",
    "reports/",
    "scripts/",
    "strategies/",
    "studies/",
    "tests/",
];

#[test]
fn every_path_that_is_named_exists() {
    let added: Vec<String> = blocks("rust").into_iter().map(|block| block.info).collect();
    for document in documents() {
        for code in document.code() {
            let path = code.split(' ').next().unwrap_or_default();
            let is_path = FOLDERS.iter().any(|folder| path.starts_with(folder));
            // CONTRIBUTING names files that its reader creates.
            let is_new = added.contains(&format!("rust {path}"));
            let exists = root().join(path).exists();
            assert!(!is_path || is_new || exists, "{}: `{path}`", document.name);
        }
    }
}

/// The path from the root that a link in a document means.
fn resolve(document: &str, link: &str) -> String {
    if link.is_empty() {
        return document.to_owned();
    }
    let folder = Path::new(document).parent().expect("it is a file");
    let mut parts: Vec<&str> = folder.iter().filter_map(|part| part.to_str()).collect();
    for part in link.split('/') {
        match part {
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
