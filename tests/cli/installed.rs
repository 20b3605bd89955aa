//! What is installed beside the program: completions and manual pages. What the program says of its build.

use std::fs;
use std::path::Path;

use tempfile::tempdir;

use crate::program::{EVENKEEL, evenkeel};

const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];

#[test]
fn completions_of_each_shell_know_commands_and_options() {
    let folder = tempdir().expect("a folder");
    for shell in SHELLS {
        let done = evenkeel(&format!("completions {shell}"), folder.path());
        assert_eq!(done.code, Some(0), "{done:?}");
        for known in ["find-capacity", "doctor", "--quiet"] {
            let known = known.trim_start_matches('-');
            assert!(done.out.contains(known), "{shell}: {known}");
        }
        assert!(
            !done.out.contains("supervisor"),
            "{shell} shows an inner command"
        );
    }
}

#[test]
fn a_shell_that_is_not_known_is_an_error_that_names_the_others() {
    let folder = tempdir().expect("a folder");
    let refused = evenkeel("completions tcsh", folder.path());
    assert_eq!(refused.code, Some(2), "{refused:?}");
    for shell in SHELLS {
        assert!(refused.err.contains(shell), "{refused:?}");
    }
}

/// Names of the pages of a command and of all commands below it, by their help.
fn pages_below(command: &str, folder: &Path) -> Vec<String> {
    let help = evenkeel(&format!("{command} --help"), folder).out;
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = commands.take_while(|line| !line.is_empty());
    let names = commands.filter_map(|line| line.split_whitespace().next());
    let names = names.filter(|name| *name != "help");
    let below = names.flat_map(|name| pages_below(&format!("{command} {name}"), folder));
    let own = format!("evenkeel{}.1", command.replace(' ', "-"));
    below.chain([own]).collect()
}

#[test]
fn there_is_a_manual_page_for_each_command_and_for_no_other() {
    let folder = tempdir().expect("a folder");
    let mut expected = pages_below("", folder.path());
    expected.sort();

    let done = evenkeel("man new/pages", folder.path());
    assert_eq!(done.code, Some(0), "{done:?}");
    let pages = fs::read_dir(folder.path().join("new/pages")).expect("pages");
    let mut pages: Vec<String> = pages
        .map(|page| {
            page.expect("a page")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .collect();
    pages.sort();
    assert_eq!(pages, expected);
}

#[test]
fn manual_pages_that_cannot_be_written_are_an_error() {
    let folder = tempdir().expect("a folder");
    fs::write(folder.path().join("file"), "").expect("a file");
    let refused = evenkeel("man file", folder.path());
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(
        refused
            .err
            .contains("manual pages cannot be written to file"),
        "{refused:?}"
    );
}

#[test]
fn the_version_says_on_request_what_was_built() {
    let folder = tempdir().expect("a folder");
    let short = evenkeel("--version", folder.path());
    assert_eq!(short.out.lines().count(), 1, "{short:?}");
    let sum = std::process::Command::new("sha256sum")
        .arg(EVENKEEL)
        .output();
    let sum = String::from_utf8(sum.expect("sha256sum runs").stdout).expect("UTF-8");
    let sha256 = sum.split_whitespace().next().expect("a sum");
    for line in ["--version --verbose", "--verbose --version"] {
        let long = evenkeel(line, folder.path());
        assert_eq!(long.code, Some(0), "{long:?}");
        assert!(long.out.starts_with(&short.out), "{long:?}");
        assert!(
            long.out.contains(&format!("sha256: {sha256}\n")),
            "{long:?}"
        );
        for key in ["commit: ", "target: ", "profile: ", "compiler: rustc "] {
            assert!(long.out.contains(key), "{key} {long:?}");
        }
    }
}
