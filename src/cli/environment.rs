//! Options by environment variables: `EVENKEEL_WORKERS` is `--workers`.
//!
//! An option on the command line goes before its variable, and that before the file of a study.

use std::ffi::{OsStr, OsString};

use clap::builder::BoolishValueParser;
use clap::error::{ContextKind, ContextValue};
use clap::{Arg, ArgAction, Command, Error};

/// What begins the name of each variable.
const PREFIX: &str = "EVENKEEL_";

/// Options that ask something rather than set something. EVENKEEL_PEERS is the folder with the programs of
/// peers.
const QUESTIONS: [&str; 4] = ["help", "version", "verbose", "peers"];

/// Returns the name of the variable for an option; `None` if it has none.
pub(super) fn variable(option: &Arg) -> Option<String> {
    let long = option.get_long().filter(|_| !option.is_hide_set())?;
    let name = long.replace('-', "_").to_uppercase();
    (!QUESTIONS.contains(&long)).then(|| format!("{PREFIX}{name}"))
}

/// Lets the option be set by its variable.
pub(super) fn read(option: Arg) -> Arg {
    let Some(variable) = variable(&option) else {
        return option;
    };
    let option = match option.get_action() {
        // A variable has a value, also for an option that has none.
        ArgAction::SetTrue => option.value_parser(BoolishValueParser::new()),
        _ => option,
    };
    // The help names it in its own words.
    option.env(variable).hide_env(true)
}

/// Returns the variable whose value an error is about, if it is not about a word of the line.
pub(super) fn at_fault(error: &Error, commands: &Command, line: &[OsString]) -> Option<String> {
    let named = match error.get(ContextKind::InvalidArg)? {
        ContextValue::String(named) => vec![named.clone()],
        ContextValue::Strings(named) => named.clone(),
        _ => return None,
    };
    let all = commands.get_subcommands().flat_map(Command::get_arguments);
    let mut all = all.chain(commands.get_arguments());
    let option = all.find(|arg| {
        let long = arg.get_long().map(|long| format!("--{long}"));
        long.is_some_and(|long| named.iter().any(|it| it.split(' ').next() == Some(&long)))
    })?;
    let is_on_the_line = |word: &OsString| is_option(word, option);
    let variable = variable(option).filter(|_| !line.iter().any(is_on_the_line))?;
    std::env::var_os(&variable).map(|_| variable)
}

/// Whether a word of a line begins with the option.
fn is_option(word: &OsStr, option: &Arg) -> bool {
    let word = word.to_string_lossy();
    let is_long = |long: &str| {
        word.strip_prefix("--")
            .is_some_and(|it| it.starts_with(long))
    };
    let is_short = |short: char| {
        word.strip_prefix('-')
            .is_some_and(|it| it.starts_with(short))
    };
    option.get_long().is_some_and(is_long) || option.get_short().is_some_and(is_short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_variable_is_that_of_its_option() {
        let option = |long: &'static str| Arg::new("it").long(long);
        assert_eq!(
            variable(&option("server-cpus")).as_deref(),
            Some("EVENKEEL_SERVER_CPUS")
        );
        assert_eq!(variable(&option("help")), None);
        assert_eq!(variable(&option("latency").hide(true)), None);
        assert_eq!(variable(&Arg::new("positional")), None);
    }
}
