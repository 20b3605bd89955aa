//! `evenkeel compare` and `evenkeel gate`: two sides held against each other.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::values::Share;

/// `evenkeel compare`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  evenkeel compare before after                  each strategy of two studies against itself
  evenkeel compare out                           two builds of one study (`run --executable`)
  evenkeel compare out -s single -s reuseport    two strategies of one study, block by block
  evenkeel compare out --baseline single         all strategies of a study against one
  evenkeel compare before after --html page.html  the same as a page, with charts

Two studies did not run interleaved, so whatever changed on the machine between them is part of
every ratio. Strategies and builds of one study did.")]
pub(crate) struct CompareArgs {
    /// Folder of a study or its results.jsonl; two of them, the baseline first, or one study of
    /// several strategies or builds
    #[arg(required = true, num_args = 1..=2, value_name = "DIR")]
    pub(crate) results: Vec<PathBuf>,
    /// Of one study: a strategy to compare, the baseline first; repeatable
    #[arg(short = 's', long = "strategy", value_name = "KEY")]
    pub(crate) strategies: Vec<String>,
    /// Of one study: the strategy that the others, or those of `-s`, are held against
    #[arg(long, value_name = "KEY")]
    pub(crate) baseline: Option<String>,
    /// A change up to this is no difference that matters [default: that of the baseline's plan, else 2%]
    #[arg(long, value_name = "SHARE")]
    pub(crate) margin: Option<Share>,
    /// How to print the comparison
    #[arg(long, value_enum, default_value_t = TableFormat::Text)]
    pub(crate) format: TableFormat,
    /// Write the comparison as one self-contained page too, with charts
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

/// `evenkeel gate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  evenkeel run --executable baseline=OLD --executable candidate=NEW -b 20 -o out
  evenkeel gate out                              the builds of one study, block by block
  evenkeel gate --baseline before after          two studies, run one after the other
  evenkeel gate out --margin 5% --rule-out 10% --summary \"$GITHUB_STEP_SUMMARY\"

Exit codes:
  99  a regression beyond its margin was shown, in any metric; p-values are corrected over all
   0  none was shown, and where it must be able to tell, one of --rule-out or more is ruled out:
      the 95% interval does not reach it, over six blocks at least
   3  none was shown, but the data cannot tell where it must: intervals too wide, too few blocks, or
      the candidate lacks what the baseline has
It must be able to tell in the leading metric of each scenario (throughput of a closed loop, p99 of
an open one) and in CPU per request. What is undecided elsewhere is told and changes no code.

evenkeel.toml, all of it optional; of several exceptions that fit and say the same, the last counts:
  [gate]
  margin = \"2%\"
  rule_out = \"5%\"

  [[gate.except]]
  metric = \"p99.9\"        # throughput, p50, p99, p99.9, cpu-per-request or fairness
  compare = false           # leave it out altogether

  [[gate.except]]
  scenario = \"skewed\"
  metric = \"p99\"
  margin = \"10%\"
  require = false           # may be undecided; true: must be able to tell")]
pub(crate) struct GateArgs {
    /// Folder of the study to hold the results against, or its results.jsonl [default: the first
    /// build of the results themselves]
    #[arg(long, value_name = "DIR")]
    pub(crate) baseline: Option<PathBuf>,
    /// Folder of the study that is judged, or its results.jsonl
    pub(crate) results: PathBuf,
    /// A change up to this is no regression [default: that of the configuration, else of the
    /// baseline's plan, else 2%]
    #[arg(long, value_name = "SHARE")]
    pub(crate) margin: Option<Share>,
    /// The smallest regression that may not hide where the gate must be able to tell; larger than
    /// the margin [default: that of the configuration, else 5%, or beyond another margin as far
    /// as 5% is beyond 2%]
    #[arg(long, value_name = "SHARE")]
    pub(crate) rule_out: Option<Share>,
    /// Margins per metric and scenario [default: evenkeel.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// How to print the outcome
    #[arg(long, value_enum, default_value_t = TableFormat::Text)]
    pub(crate) format: TableFormat,
    /// Write the outcome as Markdown too, for a pull request
    #[arg(long, value_name = "FILE")]
    pub(crate) summary: Option<PathBuf>,
}

/// Formats of comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableFormat {
    /// For people.
    Text,
    /// For a pull request.
    Markdown,
    /// One object, for programs.
    Json,
    /// One line per comparison.
    Csv,
}
