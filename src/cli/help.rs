//! Help in two levels: `-h` is short, `--help` is whole.

use clap::{Arg, Command};

use super::environment;

/// Number of lines of examples in the short help: the title and the most common ones.
const SHORT_EXAMPLES: usize = 4;

/// What precedes the default of an option.
const DEFAULT: &str = "[default: ";

/// Options that several commands share, each with another default: command, option and default.
const DEFAULTS: [(&str, &str, &str); 8] = [
    ("run", "connections", "the scenario's, or 64"),
    ("run", "rate", "the scenario's"),
    ("run", "duration", "the scenario's, or 700ms"),
    ("run", "warmup", "the scenario's, or 100ms"),
    ("load", "connections", "64"),
    ("load", "rate", "no rate, a closed loop"),
    ("load", "duration", "3s"),
    ("load", "warmup", "none"),
];

/// Arranges the help of a command and of its options.
pub(super) fn arrange(command: Command) -> Command {
    let name = command.get_name().to_owned();
    let command = command.mut_args(|arg| in_two_levels(with_default(&name, arg)));
    let Some(whole) = command.get_after_help().map(ToString::to_string) else {
        return command;
    };
    let first = whole.split("\n\n").next().unwrap_or_default();
    let lines: Vec<&str> = first.lines().take(SHORT_EXAMPLES).collect();
    command.after_help(lines.join("\n")).after_long_help(whole)
}

/// Adds the default that a shared option has in this command.
fn with_default(command: &str, arg: Arg) -> Arg {
    let id = arg.get_id().as_str();
    let mut shared = DEFAULTS.iter();
    let shared = shared.find(|(of, option, _)| *of == command && *option == id);
    match (shared, arg.get_help()) {
        (Some((_, _, default)), Some(help)) => {
            let help = format!("{help} {DEFAULT}{default}]");
            arg.help(help)
        }
        _ => arg,
    }
}

/// Shows the first sentence and the default in the short help, and all in the long one.
fn in_two_levels(arg: Arg) -> Arg {
    let Some(whole) = arg.get_help().map(ToString::to_string) else {
        return arg;
    };
    let variable = environment::variable(&arg);
    let with_variable = match variable {
        Some(variable) => format!("{whole} [env: {variable}]"),
        None => whole.clone(),
    };
    let Some((first, rest)) = whole.split_once(". ") else {
        return match with_variable == whole {
            true => arg,
            false => arg.long_help(with_variable),
        };
    };
    let default = rest.rfind(DEFAULT).map(|at| &rest[at..]);
    let short = match default {
        Some(default) => format!("{first} {default}"),
        None => first.to_owned(),
    };
    arg.help(short).long_help(with_variable)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help_of(arg: &Arg) -> (String, Option<String>) {
        let help = arg.get_help().map(ToString::to_string);
        let long = arg.get_long_help().map(ToString::to_string);
        (help.unwrap_or_default(), long)
    }

    #[test]
    fn the_short_help_is_the_first_sentence_and_the_default() {
        let arg = |help: &'static str| in_two_levels(Arg::new("it").help(help));
        let whole = "Number of workers. Threads, too [default: 4]";
        let (short, long) = help_of(&arg(whole));
        assert_eq!(short, "Number of workers [default: 4]");
        assert_eq!(long.as_deref(), Some(whole));
        let (short, long) = help_of(&arg("Number of workers, such as 1.5"));
        assert_eq!(
            (short.as_str(), long),
            ("Number of workers, such as 1.5", None)
        );
    }

    #[test]
    fn the_short_help_has_the_first_examples() {
        let command = Command::new("it").after_help("Examples:\n  1\n  2\n  3\n  4\n\nMore.");
        let command = arrange(command);
        let short = command.get_after_help().map(ToString::to_string);
        assert_eq!(short.as_deref(), Some("Examples:\n  1\n  2\n  3"));
        let long = command.get_after_long_help().map(ToString::to_string);
        assert!(long.is_some_and(|long| long.ends_with("4\n\nMore.")));
    }
}
