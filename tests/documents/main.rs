//! The documents: links lead somewhere, TOML is read, commands run.

#[path = "../support/cargo.rs"]
#[allow(unreachable_pub, reason = "shared with other test binaries")]
mod cargo;
mod commands;
mod desk;
mod edits;
mod links;
mod markdown;
mod samples;
mod served;
mod toml_blocks;

#[path = "../cli/program.rs"]
#[allow(dead_code, reason = "shared with other tests; each uses a part of it")]
mod program;

/// The longest README that a newcomer reads to its end, bytes.
const README_BYTES: usize = 10_000;

#[test]
fn the_readme_is_short() {
    let documents = markdown::documents();
    let readme = documents
        .iter()
        .find(|document| document.name == "README.md");
    let length = readme.expect("it exists").text.len();
    assert!(length <= README_BYTES, "README.md has {length} bytes");
}

#[test]
fn every_page_of_the_book_is_in_its_summary() {
    let documents = markdown::documents();
    let summary = documents
        .iter()
        .find(|document| document.name == "docs/SUMMARY.md");
    let summary = &summary.expect("it exists").text;
    for document in &documents {
        if let Some(page) = document.name.strip_prefix("docs/") {
            let is_there = page == "SUMMARY.md" || summary.contains(&format!("({page})"));
            assert!(is_there, "docs/SUMMARY.md does not name {page}");
        }
    }
}
