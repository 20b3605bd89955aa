//! `evenkeel schema`: what the files look like that evenkeel reads and writes.

use evenkeel_reports::Line;
use evenkeel_strategies::mechanism::peer::recipe::Recipe;
use schemars::{Schema, schema_for};

use super::gate::Configuration;
use crate::cli::SchemaArgs;
use crate::config::Settings;
use crate::failure::Failure;
use crate::scenario::Scenario;
use crate::terminal::print;

/// A kind of file, and its JSON Schema (draft 2020-12).
#[derive(Debug)]
pub(crate) struct SchemaInfo {
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    schema: fn() -> Schema,
}

/// All of them. A TOML file has the same structure as JSON.
pub(crate) static SCHEMAS: [SchemaInfo; 5] = [
    SchemaInfo {
        name: "record",
        summary: "A line of results.jsonl",
        schema: || schema_for!(Line),
    },
    SchemaInfo {
        name: "study",
        summary: "A study in TOML, for `run --study`",
        schema: || schema_for!(Settings),
    },
    SchemaInfo {
        name: "scenario",
        summary: "A scenario in TOML, for `run --scenario`",
        schema: || schema_for!(Scenario),
    },
    SchemaInfo {
        name: "recipe",
        summary: "The recipe of a peer in TOML, for `--peer`",
        schema: || schema_for!(Recipe),
    },
    SchemaInfo {
        name: "gate",
        summary: "evenkeel.toml, for `gate`",
        schema: || schema_for!(Configuration),
    },
];

pub(crate) fn run(args: &SchemaArgs) -> Result<(), Failure> {
    let schema = (args.schema.schema)();
    print(&format!("{:#}\n", schema.to_value()))
}
