//! `evenkeel scenario`: scenarios as files.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `evenkeel scenario`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  evenkeel scenario new mine.toml      a commented scenario, to be changed
  evenkeel run -S mine.toml --dry-run")]
pub(crate) struct ScenarioArgs {
    #[command(subcommand)]
    pub(crate) command: ScenarioCommand,
}

/// What can be done with scenarios.
#[derive(Debug, Subcommand)]
pub(crate) enum ScenarioCommand {
    /// Write a scenario with every key explained to a new file, ready to run
    New {
        /// TOML file to create; the scenario has its name
        file: PathBuf,
    },
}
