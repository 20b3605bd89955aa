//! The published JSON Schemas: those of the program, and right about the files that it reads and writes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use jsonschema::Validator;
use serde_json::{Value, json};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn published(name: &str) -> Value {
    let path = Path::new(ROOT).join(format!("docs/schemas/{name}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    serde_json::from_str(&text).expect("JSON")
}

fn validator(name: &str) -> Validator {
    jsonschema::validator_for(&published(name)).expect("a schema")
}

fn evenkeel(arguments: &[&str]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_evenkeel"));
    let output = program.args(arguments).output().expect("the program runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The files with this ending under a folder of the sources.
fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(ROOT).join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found
}

fn of_toml(path: &Path) -> Value {
    let text = fs::read_to_string(path).expect("a file");
    let table: toml::Table = text.parse().expect("TOML");
    serde_json::to_value(table).expect("TOML has the structure of JSON")
}

fn assert_valid(validator: &Validator, file: &Value, name: &Path) {
    let errors: Vec<String> = validator
        .iter_errors(file)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{}: {errors:?}", name.display());
}

#[test]
fn the_published_schemas_are_those_of_the_program() {
    let published_files = files("docs/schemas", ".json");
    let names = published_files
        .iter()
        .filter_map(|path| path.file_stem()?.to_str());
    let mut number = 0;
    for name in names {
        let shown: Value = serde_json::from_str(&evenkeel(&["schema", name])).expect("JSON");
        assert!(
            shown == published(name),
            "run: evenkeel schema {name} > docs/schemas/{name}.json"
        );
        number += 1;
    }
    let help = evenkeel(&["schema", "--help"]);
    let listed = help
        .lines()
        .filter(|line| line.trim_start().starts_with("- "))
        .count();
    assert_eq!(number, listed, "a schema is not published: {help}");
}

#[test]
fn every_file_of_the_sources_is_valid() {
    let (study, scenario, recipe) = (
        validator("study"),
        validator("scenario"),
        validator("recipe"),
    );
    for path in files("studies", ".toml") {
        let file = of_toml(&path);
        // The built-in scenarios stand in the same folder, and recipes of peers next to their studies.
        let validator = if file.get("loop").is_some() {
            &scenario
        } else if file.get("start").is_some() {
            &recipe
        } else {
            &study
        };
        assert_valid(validator, &file, &path);
    }
    for path in files("strategies/peers", "recipe.toml") {
        assert_valid(&recipe, &of_toml(&path), &path);
    }
    let gate = Path::new(ROOT).join("evenkeel.toml");
    assert_valid(&validator("gate"), &of_toml(&gate), &gate);
}

#[test]
fn every_scenario_and_every_line_of_a_new_record_is_valid() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    let line =
        "run -q -s single -S bare -S default -S sweep --quick -d 30ms --warmup 10ms -w 1 -c 4 -o";
    let mut study = Command::new(env!("CARGO_BIN_EXE_evenkeel"));
    study.args(line.split_whitespace()).arg(&out);
    // On a busy machine trials may be invalid, which is exit code 3.
    let code = study.output().expect("the program runs").status.code();
    assert!(matches!(code, Some(0 | 3)), "{code:?}");

    let (record, scenario) = (validator("record"), validator("scenario"));
    let text = fs::read_to_string(out.join("results.jsonl")).expect("a record");
    let lines = text.lines().map(serde_json::from_str);
    let lines: Vec<Value> = lines.collect::<Result<_, _>>().expect("JSON");
    for line in &lines {
        assert_valid(&record, line, &out);
    }
    let scenarios = lines[0]["plan"]["scenarios"].as_array().expect("scenarios");
    assert!(scenarios.len() > 3);
    for one in scenarios {
        let toml: toml::Table = one["toml"].as_str().expect("TOML").parse().expect("TOML");
        let file = serde_json::to_value(toml).expect("TOML has the structure of JSON");
        assert_valid(
            &scenario,
            &file,
            Path::new(one["name"].as_str().expect("a name")),
        );
    }
}

#[test]
fn what_the_program_refuses_is_not_valid() {
    let scenario =
        json!({ "name": "mine", "loop": "closed", "connections": 8, "work": "/spin/50" });
    assert!(validator("scenario").is_valid(&scenario));
    let trial = include_str!("../reports/fuzz/seeds/results/two-trials");
    let trial: Value = serde_json::from_str(trial.lines().last().expect("a line")).expect("JSON");
    assert!(validator("record").is_valid(&trial));
    for (schema, whole, key, wrong) in [
        ("scenario", &scenario, "loop", json!("circular")),
        ("scenario", &scenario, "connections", json!(0)),
        ("scenario", &scenario, "work", json!([{ "share": 0.5 }])),
        ("scenario", &scenario, "conections", json!(8)),
        ("record", &trial, "type", json!("other")),
        ("record", &trial, "requests", json!(-1)),
        ("record", &trial, "per_worker", json!({})),
    ] {
        let mut file = whole.clone();
        file[key] = wrong;
        assert!(!validator(schema).is_valid(&file), "{schema}: {key}");
    }
}
