//! `evenkeel load`: every option of the load generator on its own, a struct per help heading.

use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use evenkeel_loadgen::TargetPart;

use super::target::parse_target;
use crate::config::{DEFAULT_SEED, LoadOptions};
use crate::limit::Limit;
use crate::scenario::{Arrivals, Distribution};
use crate::values::HeaderVersion;
use evenkeel_common::duration;

/// `evenkeel load`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  evenkeel load http://127.0.0.1:8080/ -c 64 -d 3s
  evenkeel load http://127.0.0.1:8080/block/1000 --rate 500 --arrivals poisson -c 256
  evenkeel load http://127.0.0.1:8080/ --rate 2000 -d 10s --html page.html --hdr times.hdr
  evenkeel load http://127.0.0.1:8080/ --rate 500 --fail-if 'p99>5ms' --fail-if 'errors>0.1%'
  evenkeel load http://127.0.0.1:8080/ --find-capacity 'p99<5ms'
  evenkeel load http://127.0.0.1:8080/ -m POST --body hello -H 'content-type: text/plain'
  evenkeel load http://127.0.0.1:8080/ --target '9 /' --target '1 POST /orders {}'
  evenkeel load http://127.0.0.1:8080/ --send-proxy v2 --client-addresses 256
  evenkeel load http://127.0.0.1:8080/ --work block:exp:1ms --rate 500
  evenkeel load https://localhost:8443/ --cacert ca.pem --requests-per-connection 1")]
pub(crate) struct LoadArgs {
    /// Where to: http://HOST:PORT/PATH or https://..., with a host that is this machine's loopback
    pub(crate) url: String,
    #[command(flatten)]
    pub(crate) load: LoadOptions,
    #[command(flatten)]
    pub(crate) offer: OfferOptions,
    #[command(flatten)]
    pub(crate) connection: ConnectionOptions,
    #[command(flatten)]
    pub(crate) tls: TlsOptions,
    #[command(flatten)]
    pub(crate) request: RequestOptions,
    #[command(flatten)]
    pub(crate) limits: LimitOptions,
    #[command(flatten)]
    pub(crate) output: OutputOptions,
}

/// When requests are sent, and by whom.
#[derive(Debug, Args)]
#[command(next_help_heading = "Load")]
pub(crate) struct OfferOptions {
    /// How arrivals are spread over time: constant, poisson, burst:ON:OFF, ramp:RPS (from
    /// --rate to this one) or trace:FILE (a time in seconds per line) [default: poisson]
    #[arg(long, value_name = "PROCESS")]
    pub(crate) arrivals: Option<Arrivals>,
    /// End after so many requests, failed ones included; `--duration` is then a limit
    #[arg(short = 'n', long, value_name = "N")]
    pub(crate) requests: Option<NonZeroU64>,
    /// Open loop: what becomes of an arrival that finds all connections busy
    #[arg(long, value_enum, default_value_t = WhenBusy::Wait)]
    pub(crate) when_busy: WhenBusy,
    /// With `--when-busy open`: the most connections at a time [default: 1024]
    #[arg(long, value_name = "N")]
    pub(crate) max_connections: Option<u32>,
    /// Load threads [default: one per load CPU]
    #[arg(short, long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Seed of arrivals
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED)]
    pub(crate) seed: u64,
}

/// What becomes of an arrival that finds all connections busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WhenBusy {
    /// It waits for one, and the wait counts.
    Wait,
    /// It opens another one, up to --max-connections.
    Open,
}

/// What requests travel over.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connections")]
pub(crate) struct ConnectionOptions {
    /// Requests after which a connection is closed [default: it is kept]
    #[arg(long, value_name = "N")]
    pub(crate) requests_per_connection: Option<u32>,
    /// Client addresses that connections come from, in turn [default: as many as their ports
    /// call for, on IPv4 loopback]
    #[arg(long, value_name = "N")]
    pub(crate) client_addresses: Option<u32>,
    /// Begin each connection with a PROXY header, as a balancer in between would. Each client
    /// address then stands for another one: 127.1.2.3 for 10.1.2.3
    #[arg(long, value_enum, value_name = "VERSION")]
    pub(crate) send_proxy: Option<HeaderVersion>,
    /// Requests in flight on each connection, in a closed loop
    #[arg(long, value_name = "N", default_value_t = NonZeroU32::MIN)]
    pub(crate) pipeline: NonZeroU32,
    /// Connect to this Unix socket instead of the host of the URL
    #[arg(long, value_name = "PATH")]
    pub(crate) unix_socket: Option<PathBuf>,
    /// Exchange requests and answers with the kernel one by one. By default a closed loop does so
    /// in batches, where the kernel has io_uring, which costs the generator less
    #[arg(long)]
    pub(crate) no_io_uring: bool,
    /// How long a connect or an answer may take
    #[arg(long, value_name = "SPAN", default_value = "5s", value_parser = duration::parse)]
    pub(crate) timeout: Duration,
}

/// Whom https:// believes.
#[derive(Debug, Args)]
#[command(next_help_heading = "TLS")]
pub(crate) struct TlsOptions {
    /// Believe any certificate
    #[arg(long, conflicts_with = "cacert")]
    pub(crate) insecure: bool,
    /// Believe the authorities in this PEM file [default: those that this host trusts]
    #[arg(long, value_name = "FILE")]
    pub(crate) cacert: Option<PathBuf>,
    /// Let later connections resume the TLS sessions of earlier ones
    #[arg(long)]
    pub(crate) tls_resumption: bool,
}

/// What is sent.
#[derive(Debug, Args)]
#[command(next_help_heading = "Request")]
pub(crate) struct RequestOptions {
    /// Method of the request
    #[arg(short, long, default_value = "GET")]
    pub(crate) method: String,
    /// A header field of the request, `name: value`; repeatable
    #[arg(short = 'H', long = "header", value_name = "FIELD")]
    pub(crate) headers: Vec<String>,
    /// Body of the request
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    pub(crate) body: String,
    /// Read the body of the request from this file
    #[arg(long, value_name = "FILE", conflicts_with = "body")]
    pub(crate) body_file: Option<PathBuf>,
    /// One of several targets, `[WEIGHT] [METHOD] /PATH [BODY]`; repeatable
    #[arg(long = "target", value_name = "TARGET", value_parser = parse_target)]
    pub(crate) targets: Vec<TargetPart>,
    /// Draw what each request costs a worker of evenkeel's: spin:50us, block:exp:1ms,
    /// sleep:uniform:1ms-3ms, block:lognormal:1ms:0.8, block:pareto:1ms:1.5
    #[arg(long, value_name = "WORK", conflicts_with = "targets")]
    pub(crate) work: Option<Distribution>,
}

/// What the figures have to be.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitOptions {
    /// End with exit code 99 if this is so, such as 'p99>5ms', 'errors>0.1%' or 'rps<1000'; repeatable
    #[arg(long, value_name = "LIMIT")]
    pub(crate) fail_if: Vec<Limit>,
    /// Search for the highest rate at which this is so, such as 'p99<5ms', by trials of
    /// --duration [default: 1s] that begin at --rate [default: 1000]; repeatable
    #[arg(
        long,
        value_name = "LIMIT",
        conflicts_with_all = ["fail_if", "requests", "hdr", "hgrm", "html"]
    )]
    pub(crate) find_capacity: Vec<Limit>,
}

/// What is told of it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputOptions {
    /// How to print the result
    #[arg(long, value_enum, default_value_t = LoadFormat::Text)]
    pub(crate) format: LoadFormat,
    /// Write response times over time as an HdrHistogram interval log
    #[arg(long, value_name = "FILE")]
    pub(crate) hdr: Option<PathBuf>,
    /// Write the percentile distribution as HdrHistogram's tools plot it
    #[arg(long, value_name = "FILE")]
    pub(crate) hgrm: Option<PathBuf>,
    /// Write a page with charts
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

/// Formats of a trial of load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LoadFormat {
    /// For people.
    Text,
    /// One object, for programs.
    Json,
    /// Names and values, for tables.
    Csv,
}
