//! The command line: commands, options and their help.

mod compare;
mod environment;
mod foreign;
mod format;
mod help;
mod load;
mod parse;
mod scenario;
mod version;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use evenkeel_reports::Format;
use evenkeel_reports::format::TEXT;

use crate::config::{DEFAULT_SEED, FleetOptions, PeerOptions, Settings, WorkerOptions};
use crate::schemas::SchemaInfo;
use crate::values::Seed;
use evenkeel_common::ProxyVersion;

pub(crate) use compare::{CompareArgs, GateArgs};
pub(crate) use load::{LoadArgs, OutputOptions, RequestOptions, TlsOptions, WhenBusy};
pub(crate) use parse::documented;
pub(crate) use scenario::{ScenarioArgs, ScenarioCommand};

/// Compares load-balancing strategies: every known way for connections and requests to reach
/// worker processes, with the same worker, under the same load, on this machine.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true, after_help = EXAMPLES)]
pub(crate) struct Cli {
    /// Print no progress and no hints, only results and errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// With --version: also print commit, target, profile and compiler of this build, and its SHA-256
    #[arg(long, requires = "version")]
    verbose: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  evenkeel run                                the core strategies, three scenarios, 80 seconds
  evenkeel run --quick                        a first look, in a tenth of the time
  evenkeel run -s all -b 6                    every strategy that `evenkeel list` shows
  evenkeel run -s handoff -s single -S skewed -b 5 -d 5s
  evenkeel serve -s handoff:sticky -w 4 --listen 127.0.0.1:8080
  evenkeel load http://127.0.0.1:8080/spin/50 -c 64 -d 3s
  evenkeel doctor                             is this host fit to measure on?
  evenkeel doctor --peers                     which of nginx, HAProxy, Node ... can run here?

Results go to standard output, progress and messages to standard error.

Exit codes: 0 done; 1 failed; 2 wrong usage or configuration; 3 measured, but too little is valid;
98 an expectation does not hold (--strict); 99 a limit was breached or a regression shown;
130 interrupted (what was measured is kept).";

/// Commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Compare strategies under scenarios; write results and a report
    Run(Box<RunArgs>),
    /// Send load to a server on this machine and measure it
    Load(Box<LoadArgs>),
    /// Run one strategy in the foreground, to try it with your own client
    Serve(Box<ServeArgs>),
    /// Write a report of recorded results
    Report(ReportArgs),
    /// Compare two studies, or strategies of one study, side by side, with verdicts
    Compare(CompareArgs),
    /// Fail if anything became worse; for CI
    Gate(GateArgs),
    /// List strategies, policies and scenarios
    List(ListArgs),
    /// Check whether this host is fit to measure on
    Doctor(DoctorArgs),
    /// Write a scenario of your own
    Scenario(ScenarioArgs),
    /// Print the JSON Schema of a file that evenkeel reads or writes
    Schema(SchemaArgs),
    /// Print the completions of a shell
    Completions(CompletionsArgs),
    /// Write a manual page for each command
    Man(ManArgs),
    /// A worker process of a fleet
    #[command(hide = true)]
    Worker(ChildArgs),
    /// A dispatcher process of a fleet
    #[command(hide = true)]
    Dispatcher(ChildArgs),
    /// The process that starts and ends those of a peer
    #[command(hide = true)]
    Supervisor(ChildArgs),
}

/// `evenkeel run`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  evenkeel run -s all -S short-lived -d 1s -b 2 -o OUT
  evenkeel run -S skewed -S mine.toml --dry-run
  evenkeel run -s handoff,reuseport --work 30ms -w 12 -c 200    a load without a file
  evenkeel run --study studies/thorough.toml --seed 7
  evenkeel run -s proxy,reuseport --worker-command 'node app.js' --target /items
  evenkeel run --aa -s handoff -b 20
  evenkeel run -s handoff:idle -s peer:node-cluster-rr      compared with another system
  evenkeel run -s proxy:round-robin --peer mine.toml        compared with one of your own
  evenkeel run --precision 3% --max-time 10m -s handoff -s single
  evenkeel run --resume OUT
  evenkeel run --resume OUT -b 20                           adds blocks, up to 20")]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) settings: Settings,
    /// TOML file of a study; options on the command line override it
    #[arg(long, value_name = "FILE", help_heading = "Study")]
    pub(crate) study: Option<PathBuf>,
    /// Run one short block, also of a study from a file: a first look, not a measurement
    #[arg(long, help_heading = "Study")]
    pub(crate) quick: bool,
    /// Exit with 98 if an expectation of the study does not hold, and with 3 if that cannot be told
    #[arg(long, help_heading = "Study")]
    pub(crate) strict: bool,
    /// Print what would run and how long it would take; start nothing
    #[arg(long, help_heading = "Study")]
    pub(crate) dry_run: bool,
    /// Resume an interrupted study; its folder contains the plan. Also extends it: `-b N` to N blocks
    /// in all, `-S` by a scenario; all else stays
    #[arg(long, value_name = "DIR", help_heading = "Study")]
    pub(crate) resume: Option<PathBuf>,
    /// Folder for the results [default: a new folder in evenkeel-results/]
    #[arg(short, long, value_name = "DIR", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,
    /// Also print all tables, as text: without it, the answer alone
    #[arg(long, help_heading = "Output")]
    pub(crate) details: bool,
    /// How to print the study when it is done
    #[arg(long, value_parser = format::one_text(), default_value = TEXT.name, help_heading = "Output")]
    pub(crate) format: Format,
}

/// `evenkeel serve`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  evenkeel serve -s handoff:sticky -w 4 --listen 127.0.0.1:8080
  evenkeel serve -s proxy:round-robin --worker-command 'node app.js'
  evenkeel serve -s peer:haproxy:sticky          another system, in front of evenkeel's workers
  evenkeel serve --peer mine.toml                a system of your own, described by its recipe

Signals:
  SIGHUP     replaces every worker, one at a time, the new one before the old one drains
  SIGTTIN    adds a worker
  SIGTTOU    takes out the worker with the highest number, unless it is the last one
  SIGUSR2    replaces every dispatcher, one after another, if the strategy has some
  SIGTERM    ends the fleet when all requests in flight are answered; so does Ctrl-C

A worker that crashes is replaced, unless it crashes five times within ten seconds.")]
pub(crate) struct ServeArgs {
    /// Key of the strategy, as `evenkeel list` shows it [default: the peer of `--peer`]
    #[arg(short, long, value_name = "KEY", required_unless_present = "recipes")]
    pub(crate) strategy: Option<String>,
    #[command(flatten)]
    pub(crate) peers: PeerOptions,
    /// Address for clients; with port 0 the kernel chooses the port
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = address, default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
    /// Seed of random policies
    #[arg(long, value_name = "N", default_value_t = Seed::of(DEFAULT_SEED))]
    pub(crate) seed: Seed,
    /// Expect a PROXY header (v1 or v2) at the start of each connection, as sent by another
    /// balancer in front. Policies use the client address in the header; a connection without a
    /// header is closed. Any client can forge the header
    #[arg(long)]
    pub(crate) accept_proxy: bool,
    /// Layer-4 proxies (splice): send a PROXY header at the start of each connection to a worker
    #[arg(long, value_parser = parse::proxy_version(), value_name = "VERSION")]
    pub(crate) send_proxy: Option<ProxyVersion>,
    /// Format of the address, the list of processes, and what happens to them later; json is a line for each
    /// event after a line for the rest
    #[arg(long, value_enum, default_value_t = Plain::Text)]
    pub(crate) format: Plain,
    #[command(flatten)]
    pub(crate) fleet: FleetOptions,
    #[command(flatten)]
    pub(crate) worker: WorkerOptions,
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    let address = text.parse().ok();
    address.ok_or("write an IP address and a port, such as 127.0.0.1:8080")
}

/// `evenkeel report`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  evenkeel report out                        the answer again
  evenkeel report out --html page.html       the page with charts
  evenkeel report out --format csv -o trials.csv
  evenkeel report out --charts charts        every chart as .svg and .png")]
pub(crate) struct ReportArgs {
    /// Folder of a study, or its results.jsonl
    #[arg(value_name = "RESULTS")]
    pub(crate) results: PathBuf,
    /// Also write all tables as text: without it, the answer alone
    #[arg(long)]
    pub(crate) details: bool,
    /// What to write the results as
    #[arg(long, value_parser = format::any(), default_value = TEXT.name)]
    pub(crate) format: Format,
    /// File to write to, or the folder for a format of several files [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Also write the page with charts, as `--format html -o FILE` does
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Baseline of the ratios on the page and in --charts. The page lets readers choose another
    /// [default: the leader of each scenario]
    #[arg(long, value_name = "KEY")]
    pub(crate) baseline: Option<String>,
    /// Exit with 98 if an expectation of the study does not hold, and with 3 if that cannot be told
    #[arg(long)]
    pub(crate) strict: bool,
    /// Also write every chart to this folder, as .svg and .png
    #[arg(long, value_name = "DIR")]
    pub(crate) charts: Option<PathBuf>,
}

/// `evenkeel list`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  evenkeel list
  evenkeel list --long                       what chooses, what it needs, who uses it
  evenkeel list --format json")]
pub(crate) struct ListArgs {
    /// Show for each strategy its mechanism and policy, its layer, what chooses the worker, its
    /// affinity key, its requirements, and known systems that use it; JSON always contains these
    #[arg(long)]
    pub(crate) long: bool,
    #[command(flatten)]
    pub(crate) peers: PeerOptions,
    /// Format of the list
    #[arg(long, value_enum, default_value_t = Plain::Text)]
    pub(crate) format: Plain,
}

/// `evenkeel doctor`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  evenkeel doctor                                is this host fit to measure on?
  evenkeel doctor --peers                        which other systems can run here?
  scripts/install-peers nginx-proxy              installs what is missing into .peers/
  EVENKEEL_PEERS=DIR evenkeel doctor --peers     with programs in another folder

Programs are searched for in .peers/ (in the working folder or above it), on PATH and in sbin; the
first one with a version that is known to work is used. Warnings and missing systems do not change
the exit code.")]
pub(crate) struct DoctorArgs {
    /// Check peers instead: which of them can take part in a study on this host, their versions,
    /// and how to install the others
    #[arg(long)]
    pub(crate) peers: bool,
    #[command(flatten)]
    pub(crate) further: PeerOptions,
    /// Format of the findings
    #[arg(long, value_enum, default_value_t = Plain::Text)]
    pub(crate) format: Plain,
}

/// `evenkeel schema`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  evenkeel schema scenario > scenario.schema.json
  evenkeel schema record > record.schema.json        of each line of results.jsonl

The schemas are also in the folder docs/schemas of the sources.")]
pub(crate) struct SchemaArgs {
    /// The kind of file
    #[arg(value_parser = parse::schema(), value_name = "FILE")]
    pub(crate) schema: &'static SchemaInfo,
}

/// `evenkeel completions`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  evenkeel completions bash > ~/.local/share/bash-completion/completions/evenkeel
  evenkeel completions zsh > ~/.zfunc/_evenkeel           with ~/.zfunc in fpath
  evenkeel completions fish > ~/.config/fish/completions/evenkeel.fish")]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: Shell,
}

/// `evenkeel man`.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  evenkeel man ~/.local/share/man/man1; man evenkeel-run")]
pub(crate) struct ManArgs {
    /// Folder for the pages evenkeel.1, evenkeel-run.1 and so on; it is created if need be
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}

/// Arguments of the subcommands with which a fleet runs this executable again.
#[derive(Debug, Args)]
pub(crate) struct ChildArgs {
    /// Configuration of the process, as JSON
    pub(crate) config: String,
}

/// Formats of output that is not a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Plain {
    /// For people.
    Text,
    /// For programs.
    Json,
}
