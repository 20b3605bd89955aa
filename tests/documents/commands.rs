//! Commands that documents show.

use std::collections::BTreeMap;
use std::path::Path;

use crate::desk::Desk;
use crate::markdown::{blocks, documents, root};
use crate::program::Finished;
use crate::served::{Server, begins_to_serve};

/// Where documents load a server.
const SHOWN_URL: &str = "http://127.0.0.1:8080/";

/// How long a load lasts here.
const SHORT: &str = "-d 50ms";

/// Commands of the program that the tests below run.
const TRIED: [&str; 12] = [
    "run",
    "report",
    "compare",
    "gate",
    "list",
    "doctor",
    "schema",
    "completions",
    "man",
    "scenario",
    "serve",
    "load",
];

/// A line of a block of commands.
struct Command {
    /// File and line of the block, for messages.
    place: String,
    /// Without its comment.
    line: String,
}

/// All commands whose first words are these, each once.
fn commands(beginning: &str) -> Vec<Command> {
    let mut found: Vec<Command> = Vec::new();
    for block in blocks("sh") {
        for line in block.text.replace("\\\n", " ").lines() {
            let line = line.split(" # ").next().unwrap_or_default();
            let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
            let line = line.replace("cargo run --release --", "evenkeel");
            let place = format!("{}: {line}", block.place);
            let is_new = found.iter().all(|command| command.line != line);
            if is_new && line.starts_with(beginning) {
                found.push(Command { place, line });
            }
        }
    }
    found
}

impl Command {
    /// The line as the shell runs it, where `$0` is the program.
    fn shell(&self) -> String {
        self.line.replacen("evenkeel", "\"$0\"", 1)
    }
}

fn assert_code(command: &Command, finished: &Finished, codes: &[i32]) {
    let is_fine = finished.code.is_some_and(|code| codes.contains(&code));
    assert!(is_fine, "{}: {finished:?}", command.place);
}

#[test]
fn studies_can_be_planned() {
    let (empty, full) = (Desk::new(), Desk::new());
    full.study("-s single -o out");
    for command in commands("evenkeel run") {
        let desk = if command.line.contains("--resume") {
            &full
        } else {
            &empty
        };
        let dry = match command.line.contains("--dry-run") {
            true => command.shell(),
            false => format!("{} --dry-run", command.shell()),
        };
        assert_code(&command, &desk.run(&dry), &[0]);
    }
}

#[test]
fn studies_are_rendered_compared_and_judged() {
    let desk = Desk::with_results();
    for (beginning, codes) in [
        ("evenkeel report", &[0][..]),
        ("evenkeel compare", &[0]),
        // Three blocks and one are too few to tell.
        ("evenkeel gate", &[3]),
    ] {
        for command in commands(beginning) {
            assert_code(&command, &desk.run(&command.shell()), codes);
        }
    }
}

#[test]
fn what_there_is_can_be_shown() {
    let desk = Desk::new();
    for beginning in [
        "evenkeel list",
        "evenkeel doctor",
        "evenkeel completions",
        "evenkeel man",
        "evenkeel scenario",
        "evenkeel schema",
    ] {
        for command in commands(beginning) {
            assert_code(&command, &desk.run(&command.shell()), &[0]);
        }
    }
}

#[test]
fn strategies_are_served() {
    let desk = Desk::new();
    for command in commands("evenkeel serve") {
        let line = command.shell().replace("--listen 127.0.0.1:8080", "");
        begins_to_serve(&line, desk.folder()).unwrap_or_else(|finished| {
            // A peer, or the interpreter of an application, may not be installed here.
            let absent = match command.line.contains("--worker-command") {
                true => "cannot be run",
                false => "get it",
            };
            let may_be_absent = command.line.contains("peer") || absent == "cannot be run";
            assert!(may_be_absent, "{}: {finished:?}", command.place);
            assert!(
                finished.err.contains(absent),
                "{}: {finished:?}",
                command.place
            );
        });
    }
}

#[test]
fn servers_are_loaded() {
    let (desk, server) = (Desk::new(), Server::start());
    write_certificate(desk.folder());
    for command in commands("evenkeel load") {
        let line = shortened(&command.shell().replace(SHOWN_URL, &server.url));
        // Nobody listens on other addresses; that is reported after the line is understood.
        let codes: &[i32] = match command.line.contains(SHOWN_URL) {
            true => &[0, 3, 99],
            false => &[1, 3],
        };
        assert_code(&command, &desk.run(&line), codes);
    }
}

/// The command with less to do.
fn shortened(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    match words.iter().position(|word| *word == "-d") {
        Some(at) => line.replace(&words[at..=at + 1].join(" "), SHORT),
        None => format!("{line} {SHORT}"),
    }
}

fn write_certificate(folder: &Path) {
    let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
    let pem = signed.expect("a certificate").cert.pem();
    std::fs::write(folder.join("ca.pem"), pem).expect("room");
}

#[test]
fn other_commands_exist() {
    for command in commands("") {
        let words = command.line.split(' ');
        let words: Vec<&str> = words.filter(|word| !is_variable(word)).collect();
        let known = match words[0] {
            "evenkeel" => is_tried(&words),
            "cargo" => is_of_cargo(&words),
            script => root().join(script).is_file() && script.contains('/'),
        };
        assert!(known, "{}", command.place);
    }
}

#[test]
fn options_in_sentences_exist() {
    let desk = Desk::new();
    let mut helps = BTreeMap::new();
    for document in documents() {
        for code in document.code() {
            let command = code.strip_prefix("evenkeel ").unwrap_or(&code);
            let mut words = command.split_whitespace();
            let Some(name) = words.next().filter(|name| TRIED.contains(name)) else {
                continue;
            };
            let help = helps
                .entry(name.to_owned())
                .or_insert_with(|| desk.run(&format!("\"$0\" {name} --help")).out);
            for option in words.filter(|word| word.starts_with("--")) {
                assert!(help.contains(option), "{}: `{code}`", document.name);
            }
        }
    }
}

fn is_variable(word: &str) -> bool {
    word.contains('=') && !word.starts_with('-')
}

/// Whether one of the tests above runs it.
fn is_tried(words: &[&str]) -> bool {
    words.get(1).is_some_and(|command| TRIED.contains(command))
}

/// Whether cargo knows the command, and this workspace the test or bench that it names.
fn is_of_cargo(words: &[&str]) -> bool {
    let commands = ["test", "bench", "clippy", "fmt", "doc", "install"];
    let exists = |option: &str, folder: &str| {
        let Some(at) = words.iter().position(|word| *word == option) else {
            return true;
        };
        let folder = root().join(folder);
        folder.join(format!("{}.rs", words[at + 1])).exists() || folder.join(words[at + 1]).exists()
    };
    commands.contains(&words[1]) && exists("--test", "tests") && exists("--bench", "benches")
}
