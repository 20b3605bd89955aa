//! Parsing of the command line, with errors in the form of all other errors.

use std::ffi::OsString;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command, CommandFactory, FromArgMatches};
use evenkeel_common::ProxyVersion;

use super::{Cli, environment, foreign, help, version};
use crate::failure::Failure;
use crate::schemas::{SCHEMAS, SchemaInfo};

impl Cli {
    /// Parses a command line. If it requests help, prints the help and exits.
    ///
    /// # Errors
    /// [`Failure::Usage`], one line.
    pub(crate) fn read(line: &[OsString]) -> Result<Self, Failure> {
        let parsed = command_for(line).try_get_matches_from(line);
        parsed
            .and_then(|matches| Self::from_arg_matches(&matches))
            .map_err(|error| match error.kind() {
                ErrorKind::DisplayVersion => version::print_and_exit(line),
                ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                    error.exit()
                }
                _ => Failure::Usage(format!(
                    "{}{}; see `{} --help`",
                    advice(line).unwrap_or_else(|| paragraph(&error.render().to_string())),
                    source(&error, line),
                    command_of(line)
                )),
            })
    }
}

/// Options of `run` that fit to `--resume`: the plan of a resumed study is complete, and may grow by
/// blocks and scenarios.
const WITH_RESUME: [&str; 5] = ["resume", "dry_run", "format", "blocks", "scenarios"];

/// Defines the command line for a line. A study that is resumed has its plan, which no variable changes.
fn command_for(line: &[OsString]) -> Command {
    let names_resume = |word: &OsString| word.to_string_lossy().starts_with("--resume");
    if !line.iter().any(names_resume) {
        return command();
    }
    let from_line = |arg: Arg| match WITH_RESUME.contains(&arg.get_id().as_str()) {
        true => arg,
        false => arg.env(None::<&str>),
    };
    command().mut_subcommand("run", |run| run.mut_args(from_line))
}

/// Defines the command line. `-c -5` is a wrong number of connections, not an option `-5`.
fn command() -> Command {
    let numbers = |command: Command| {
        command.mut_args(|arg| {
            let takes_values = arg.get_action().takes_values();
            arg.allow_negative_numbers(takes_values)
        })
    };
    let without_plan = |arg: Arg| match WITH_RESUME.contains(&arg.get_id().as_str()) {
        true => arg,
        false => arg.conflicts_with("resume"),
    };
    let variables = |command: Command| command.mut_args(environment::read);
    help::arrange(variables(Cli::command()))
        .mut_subcommands(numbers)
        .mut_subcommands(variables)
        .mut_subcommands(help::arrange)
        .mut_subcommand("run", |run| run.mut_args(without_plan))
}

/// Defines the command line as its documents show it: without the commands of a fleet's processes.
pub(crate) fn documented() -> Command {
    let whole = command();
    let shown = whole.get_subcommands().filter(|one| !one.is_hide_set());
    Command::new(env!("CARGO_PKG_NAME"))
        .version(env!("CARGO_PKG_VERSION"))
        .about(whole.get_about().cloned().unwrap_or_default())
        .after_help(whole.get_after_help().cloned().unwrap_or_default())
        .after_long_help(whole.get_after_long_help().cloned().unwrap_or_default())
        .args(whole.get_arguments())
        .subcommands(shown)
}

/// Parses the name of a schema.
pub(super) fn schema() -> impl TypedValueParser<Value = &'static SchemaInfo> {
    let values = SCHEMAS
        .each_ref()
        .map(|one| PossibleValue::new(one.name).help(one.summary));
    PossibleValuesParser::new(values).map(|name| {
        let mut all = SCHEMAS.iter();
        all.find(|one| one.name == name)
            .expect("clap lets possible values pass")
    })
}

/// Parses a version of the PROXY protocol.
pub(super) fn proxy_version() -> impl TypedValueParser<Value = ProxyVersion> {
    let values = ProxyVersion::ALL.map(|version| {
        PossibleValue::new(version.name()).help(match version {
            ProxyVersion::V1 => "A line of text",
            ProxyVersion::V2 => "A binary block",
        })
    });
    PossibleValuesParser::new(values).map(|name| {
        let mut all = ProxyVersion::ALL.into_iter();
        all.find(|version| version.name() == name)
            .expect("clap lets possible values pass")
    })
}

/// Says what to write instead of an option of another load generator.
fn advice(line: &[OsString]) -> Option<String> {
    let is_load = line.iter().skip(1).any(|word| word == "load");
    is_load.then(|| foreign::advice(line)).flatten()
}

/// Says which variable of the environment an error is about, if it is about one.
fn source(error: &clap::Error, line: &[OsString]) -> String {
    let variable = environment::at_fault(error, &command(), line);
    variable.map_or_else(String::new, |variable| {
        format!("; the value is that of {variable} in the environment")
    })
}

/// Returns the command of a line as far as it is recognizable, for `COMMAND --help`.
fn command_of(line: &[OsString]) -> String {
    let command = command();
    let words = line.iter().skip(1);
    let subcommand = words
        .filter_map(|word| command.find_subcommand(word))
        .next();
    subcommand.map_or_else(
        || command.get_name().to_owned(),
        |subcommand| format!("{} {}", command.get_name(), subcommand.get_name()),
    )
}

/// Joins the lines of an error of clap, with its tips, to one line.
fn paragraph(rendered: &str) -> String {
    let mut joined = String::new();
    for line in rendered.lines().map(str::trim) {
        if line.is_empty() || line.starts_with("Usage: ") || line.starts_with("For more info") {
            continue;
        }
        let gap = match joined.chars().next_back() {
            None => "",
            Some(':') => " ",
            Some(_) if line.starts_with('[') => " ",
            Some(_) => "; ",
        };
        joined += &format!("{gap}{}", line.strip_prefix("error: ").unwrap_or(line));
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(line: &str) -> String {
        let words = ["evenkeel"].into_iter().chain(line.split_whitespace());
        let read = Cli::read(&words.map(OsString::from).collect::<Vec<_>>());
        read.expect_err("a wrong line").to_string()
    }

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn each_option_of_each_command_can_be_set_by_a_variable_that_its_help_names() {
        let whole = command();
        for command in whole.get_subcommands().filter(|one| !one.is_hide_set()) {
            let mut variables = Vec::new();
            for option in command.get_arguments().filter(|it| !it.is_hide_set()) {
                let Some(long) = option.get_long() else {
                    assert!(option.is_positional(), "{}: {option}", command.get_name());
                    continue;
                };
                let variable = format!("EVENKEEL_{}", long.to_uppercase().replace('-', "_"));
                let is_setting = !["help", "version", "verbose", "peers"].contains(&long);
                let read = option.get_env().and_then(|name| name.to_str());
                assert_eq!(read, is_setting.then_some(&*variable), "--{long}");
                let help = option.get_long_help().map(ToString::to_string);
                let is_named =
                    help.is_some_and(|help| help.contains(&format!("[env: {variable}]")));
                assert_eq!(is_named, is_setting, "--{long}");
                variables.push(variable);
            }
            let taken = [
                "EVENKEEL_COMMIT",
                "EVENKEEL_UNDER_TEST",
                "EVENKEEL_CHECK_ONLY",
            ];
            assert!(
                !variables.iter().any(|it| taken.contains(&&**it)),
                "{variables:?}"
            );
        }
    }

    #[test]
    fn an_error_is_one_line_with_the_name_of_the_option() {
        for (line, expected) in [
            ("run -c -5", "invalid value '-5' for '--connections <N>'"),
            ("run -w 1.5", "invalid value '1.5' for '--workers <N>'"),
            (
                "run --rate -1",
                "invalid value '-1' for '--rate <RPS>': a rate is a number",
            ),
            ("run --rate nan", "invalid value 'nan' for '--rate <RPS>'"),
            ("run --rate inf", "invalid value 'inf' for '--rate <RPS>'"),
            ("run --rate 0", "invalid value '0' for '--rate <RPS>'"),
            ("run -d -1s", "'-1s'"),
            ("run --seed -1", "invalid value '-1' for '--seed <N>'"),
            (
                "run --wrokers 3",
                "a similar argument exists: '--workers'; see `evenkeel run --help`",
            ),
            (
                "rnu",
                "unrecognized subcommand 'rnu'; see `evenkeel --help`",
            ),
            (
                "list --format pdf",
                "[possible values: text, json]; see `evenkeel list --help`",
            ),
            (
                "serve",
                "required arguments were not provided: --strategy <KEY>; see `evenkeel serve",
            ),
        ] {
            let error = refusal(line);
            assert!(error.contains(expected), "{line}: {error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
}
