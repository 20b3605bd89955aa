//! The command line: what can be asked, and what each option means.

mod contrast;
mod load;
mod parse;
mod report_format;
mod target;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use evenkeel_reports::Format;

use crate::config::{DEFAULT_SEED, FleetOptions, PeerOptions, Settings};
use crate::values::HeaderVersion;

pub(crate) use contrast::{CompareArgs, GateArgs, TableFormat};
pub(crate) use load::{LoadArgs, LoadFormat, OutputOptions, RequestOptions, TlsOptions, WhenBusy};
pub(crate) use report_format::ReportFormat;

/// Weighs load-balancing strategies: every known way for connections and requests to reach
/// worker processes, with the same worker, under the same load, on this machine.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, after_help = EXAMPLES)]
pub(crate) struct Cli {
    /// Tell only what went wrong
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  evenkeel run                                the core strategies, three scenarios, a minute or so
  evenkeel run -s all -b 6                    every strategy that `evenkeel list` shows
  evenkeel run --quick                        the same at a glance, in a fifth of the time
  evenkeel run -s handoff -s single -S skewed -b 5 -d 5s
  evenkeel serve -s handoff:sticky -w 4 --listen 127.0.0.1:8080
  evenkeel load http://127.0.0.1:8080/spin/50 -c 64 -d 3s
  evenkeel doctor                             is this host fit to measure on?
  evenkeel doctor --peers                     which of nginx, HAProxy, Node ... can be weighed here?

Results go to standard output, progress and messages to standard error.

Exit codes: 0 done; 1 failed; 2 wrong usage or configuration; 3 measured, but not valid;
99 a limit was breached or a regression shown; 130 interrupted (what was measured is kept).";

/// What can be asked for.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Weigh strategies under scenarios; write results and a report
    Run(Box<RunArgs>),
    /// The load generator alone, against a server on this machine
    Load(Box<LoadArgs>),
    /// One strategy in the foreground, to try with a client of your own
    Serve(ServeArgs),
    /// Render the results of a study again
    Report(ReportArgs),
    /// Two studies, or strategies of one, beside each other with verdicts
    Compare(CompareArgs),
    /// Has anything become worse? For CI
    Gate(GateArgs),
    /// Strategies, policies and scenarios
    List(ListArgs),
    /// Is this host fit to measure on?
    Doctor(DoctorArgs),
    /// A worker process of a fleet
    #[command(hide = true)]
    Worker(ChildArgs),
    /// A dispatcher process of a fleet
    #[command(hide = true)]
    Dispatcher(ChildArgs),
    /// The process that keeps those of another system
    #[command(hide = true)]
    Supervisor(ChildArgs),
}

/// `evenkeel run`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  evenkeel run -s all -S short-lived -d 1s -b 2 -o OUT
  evenkeel run -S skewed -S mine.toml --dry-run
  evenkeel run --study studies/thorough.toml --seed 7
  evenkeel run --aa -s handoff -b 20
  evenkeel run -s handoff:idle -s peer:node-cluster-rr      ours beside another system
  evenkeel run -s proxy:round-robin --peer mine.toml        ... or beside one of your own
  evenkeel run --precision 3% --max-time 10m -s handoff -s single
  evenkeel run --resume OUT")]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) settings: Settings,
    /// Read what is not given here from a study in a TOML file
    #[arg(long, value_name = "FILE", help_heading = "Study")]
    pub(crate) study: Option<PathBuf>,
    /// One short block, also of a study from a file: a first look, not a measurement
    #[arg(long, help_heading = "Study")]
    pub(crate) quick: bool,
    /// Say what would be run and how long it would take; start nothing
    #[arg(long, help_heading = "Study")]
    pub(crate) dry_run: bool,
    /// Go on with an interrupted study; its plan stands in its folder
    #[arg(
        long,
        value_name = "DIR",
        help_heading = "Study",
        conflicts_with_all = ["FleetOptions", "LoadOptions", "study", "quick", "output"]
    )]
    pub(crate) resume: Option<PathBuf>,
    /// Folder for the results [default: a new one in evenkeel-results/]
    #[arg(short, long, value_name = "DIR", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    /// What to print when the study is done: text, csv, json, markdown, html, benchstat, bmf,
    /// critcmp, junit or openmetrics
    #[arg(long, default_value_t = Format::Text, help_heading = "Output")]
    pub(crate) format: Format,
}

/// `evenkeel serve`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  evenkeel serve -s handoff:sticky -w 4 --listen 127.0.0.1:8080
  evenkeel serve -s peer:haproxy:sticky          another system, over workers of evenkeel
  evenkeel serve --peer mine.toml                one of your own, by its recipe")]
pub(crate) struct ServeArgs {
    /// The strategy: one key, as `evenkeel list` shows it [default: that of `--peer`]
    #[arg(short, long, value_name = "KEY", required_unless_present = "recipes")]
    pub(crate) strategy: Option<String>,
    #[command(flatten)]
    pub(crate) peers: PeerOptions,
    /// Where clients connect; port 0 leaves the choice to the kernel
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
    /// Seed of policies that draw at random
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED)]
    pub(crate) seed: u64,
    /// Expect a PROXY header (v1 or v2) at the beginning of each connection, as another balancer
    /// in front sends it: policies go by the client that it names, and a connection without one
    /// is closed. Anybody who can connect can write one
    #[arg(long)]
    pub(crate) accept_proxy: bool,
    /// Layer-4 proxies (splice): begin each connection to a worker with a PROXY header
    #[arg(long, value_enum, value_name = "VERSION")]
    pub(crate) send_proxy: Option<HeaderVersion>,
    /// How to say where it serves and by which processes: json is one line
    #[arg(long, value_enum, default_value_t = Plain::Text)]
    pub(crate) format: Plain,
    #[command(flatten)]
    pub(crate) fleet: FleetOptions,
}

/// `evenkeel report`.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// Folder of a study, or its results.jsonl
    pub(crate) results: PathBuf,
    /// What to render: text, csv, json, markdown, html, benchstat, bmf, critcmp, junit, openmetrics,
    /// or github-action-benchmark, which is two files
    #[arg(long, default_value_t = ReportFormat::One(Format::Text))]
    pub(crate) format: ReportFormat,
    /// File to write to; of github-action-benchmark, the folder [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Strategy that the ratios of the page and of --charts are to [default: the first of the
    /// study]; on the page others can be chosen
    #[arg(long, value_name = "KEY")]
    pub(crate) baseline: Option<String>,
    /// Write every chart to this folder too, as .svg and .png
    #[arg(long, value_name = "FOLDER")]
    pub(crate) charts: Option<PathBuf>,
}

/// `evenkeel list`.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Tell of each strategy its mechanism and policy, its layer, who chooses, by what it is sticky,
    /// what it needs of the host, and which known systems do so; JSON always tells it
    #[arg(long)]
    pub(crate) long: bool,
    #[command(flatten)]
    pub(crate) peers: PeerOptions,
    /// How to print the list
    #[arg(long, value_enum, default_value_t = Plain::Text)]
    pub(crate) format: Plain,
}

/// `evenkeel doctor`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  evenkeel doctor                                is this host fit to measure on?
  evenkeel doctor --peers                        which other systems can be weighed here?
  scripts/install-peers nginx-proxy              gets what is missing, into .peers/
  EVENKEEL_PEERS=DIR evenkeel doctor --peers     the same with what stands in another folder

Programs are looked for in .peers/ (of the working folder or above it), on PATH and in sbin; the first
whose version is known to work is taken. Warnings and missing systems are no failure.")]
pub(crate) struct DoctorArgs {
    /// Look at other systems instead: which of them can take part in a study here, in which
    /// version, and how to get the rest
    #[arg(long)]
    pub(crate) peers: bool,
    #[command(flatten)]
    pub(crate) further: PeerOptions,
    /// How to print the findings
    #[arg(long, value_enum, default_value_t = Plain::Text)]
    pub(crate) format: Plain,
}

/// The subcommands by which a fleet runs this executable again.
#[derive(Debug, Args)]
pub(crate) struct ChildArgs {
    /// What the process is told, as JSON
    pub(crate) config: String,
}

/// Formats of what is no study.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Plain {
    /// For people.
    Text,
    /// For programs.
    Json,
}
