//! The files that evenkeel reads and writes, as JSON Schemas.

use evenkeel_reports::Line;
use evenkeel_strategies::mechanism::peer::recipe::Recipe;
use schemars::{Schema, schema_for};

use crate::config::Settings;
use crate::gate_file::GateFile;
use crate::scenario::Scenario;

/// A kind of file, and its JSON Schema (draft 2020-12).
#[derive(Debug)]
pub(crate) struct SchemaInfo {
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) schema: fn() -> Schema,
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
        schema: || schema_for!(GateFile),
    },
];
