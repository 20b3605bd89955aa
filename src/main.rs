//! evenkeel answers one question: on this machine, for this kind of load, how should
//! connections and requests reach my workers?
//!
//! This is the program: it parses the command line, plans a study, runs it and records it.
//! Strategies, load and reports are libraries that do not know each other; the program joins them.

#[macro_use]
mod values;

mod cli;
mod command;
mod config;
mod doctor;
mod executable;
mod failure;
#[cfg(test)]
mod fuzz;
mod gate_file;
mod limit;
mod machine;
mod plan;
mod scenario;
mod schemas;
mod study;
mod terminal;

use std::process::ExitCode;

use crate::cli::{Cli, Command};
use crate::failure::Failure;

fn main() -> ExitCode {
    match Cli::read(&std::env::args_os().collect::<Vec<_>>()).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::message(&format!("evenkeel: {failure}"));
            failure.exit_code()
        }
    }
}

fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        Command::Run(args) => command::run::run(&args, cli.quiet),
        Command::Load(args) => command::load::run(&args, cli.quiet),
        Command::Serve(args) => command::serve::run(&args, cli.quiet),
        Command::Report(args) => command::report::run(&args),
        Command::Compare(args) => command::compare::run(&args),
        Command::Gate(args) => command::gate::run(&args),
        Command::List(args) => command::list::run(&args),
        Command::Doctor(args) => command::doctor::run(&args),
        Command::Scenario(args) => command::scenario::run(&args, cli.quiet),
        Command::Schema(args) => command::schema::run(&args),
        Command::Completions(args) => command::completions::completions(&args),
        Command::Man(args) => command::completions::man(&args),
        Command::Worker(child) => {
            evenkeel_strategies::worker::run(&child.config).map_err(Failure::failed)
        }
        Command::Dispatcher(child) => {
            evenkeel_strategies::dispatcher::run(&child.config).map_err(Failure::failed)
        }
        Command::Supervisor(child) => {
            evenkeel_strategies::mechanism::peer::supervisor::run(&child.config)
                .map_err(Failure::failed)
        }
    }
}
