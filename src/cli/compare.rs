//! `evenkeel compare` and `evenkeel gate`: two sides compared.

use std::path::PathBuf;

use clap::Args;
use evenkeel_reports::Format;
use evenkeel_reports::format::TEXT;

use super::format;
use crate::values::Share;

/// `evenkeel compare`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  evenkeel compare before after                   each strategy in two studies
  evenkeel compare out                            two builds in one study (`run --executable`)
  evenkeel compare out -s single -s reuseport     two strategies in one study, block by block
  evenkeel compare out --baseline single          all strategies in a study with one of them
  evenkeel compare before after --html page.html  also written as a page, with charts

Two studies do not run interleaved, so every change of the machine between them is part of the
ratios. Strategies and builds in one study do run interleaved.")]
pub(crate) struct CompareArgs {
    /// Folder of a study or its results.jsonl; two of them, the baseline first, or one study of
    /// several strategies or builds
    #[arg(required = true, num_args = 1..=2, value_name = "RESULTS")]
    pub(crate) results: Vec<PathBuf>,
    /// With one study: strategy to compare, the baseline first; several with commas, or repeated
    #[arg(
        short = 's',
        long = "strategy",
        value_name = "KEY",
        value_delimiter = ','
    )]
    pub(crate) strategies: Vec<String>,
    /// With one study: baseline for all other strategies, or for those of `-s`
    #[arg(long, value_name = "KEY")]
    pub(crate) baseline: Option<String>,
    /// Changes up to this do not matter [default: the margin in the plan of the baseline, or 2%]
    #[arg(long, value_name = "SHARE")]
    pub(crate) margin: Option<Share>,
    /// Format of the comparison
    #[arg(long, value_parser = format::of_any_report(), default_value = TEXT.name)]
    pub(crate) format: Format,
    /// Also write the comparison as one self-contained page, with charts
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

/// `evenkeel gate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  evenkeel run --executable baseline=OLD --executable candidate=NEW -b 20 -o out
  evenkeel gate out                              the builds of one study, block by block
  evenkeel gate out -s peer:before -s peer:after two strategies of one study, block by block
  evenkeel gate --baseline before after          two studies, run one after the other
  evenkeel gate out --margin 5% --rule-out 10% --summary \"$GITHUB_STEP_SUMMARY\"

Exit codes:
  99  a regression beyond its margin was shown in some metric; p-values are corrected over all
   0  no regression was shown, and in every required metric a regression of --rule-out or more is
      ruled out: the 95% interval does not reach it, with at least six blocks
   3  no regression was shown, but a required metric is undecided: intervals are too wide, blocks
      are too few, or the candidate lacks what the baseline has
   2  the studies cannot be compared: their scenarios differ, or the builds are the same
Required are the leading metric of each scenario (throughput of a closed loop, p99 of an open loop)
and CPU per request. Other undecided metrics are reported and do not change the exit code.

evenkeel.toml; every line is optional, and the last of several matching exceptions counts:
  [gate]
  margin = \"2%\"
  rule_out = \"5%\"

  [[gate.except]]
  metric = \"p99.9\"          # throughput, p50, p99, p99.9, cpu-per-request or fairness
  compare = false           # do not compare it

  [[gate.except]]
  scenario = \"skewed\"
  metric = \"p99\"
  margin = \"10%\"
  require = false           # may be undecided; true: must be decided")]
pub(crate) struct GateArgs {
    /// Folder of the baseline study, or its results.jsonl [default: the first build in the
    /// results themselves]
    #[arg(long, value_name = "RESULTS")]
    pub(crate) baseline: Option<PathBuf>,
    /// Folder of the candidate study, or its results.jsonl
    pub(crate) results: PathBuf,
    /// Strategy of this study to judge, the baseline first; repeatable, such as two versions of a
    /// server of your own
    #[arg(
        short = 's',
        long = "strategy",
        value_name = "KEY",
        conflicts_with = "baseline"
    )]
    pub(crate) strategies: Vec<String>,
    /// Changes up to this are no regression [default: from the configuration, or the plan of the
    /// baseline, or 2%]
    #[arg(long, value_name = "SHARE")]
    pub(crate) margin: Option<Share>,
    /// Smallest regression that required metrics must rule out; larger than the margin [default:
    /// from the configuration, or 5%, or as far beyond another margin as 5% is beyond 2%]
    #[arg(long, value_name = "SHARE")]
    pub(crate) rule_out: Option<Share>,
    /// TOML file with margins per metric and scenario [default: evenkeel.toml, if it exists]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Format of the outcome
    #[arg(long, value_parser = format::of_any_report(), default_value = TEXT.name)]
    pub(crate) format: Format,
    /// Also write the outcome as one self-contained page, with charts
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Also write the outcome as Markdown, for a pull request
    #[arg(long, value_name = "FILE")]
    pub(crate) summary: Option<PathBuf>,
}
