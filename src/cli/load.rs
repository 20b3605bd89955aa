//! `evenkeel load`: all options of the load generator, one struct per help heading.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use evenkeel_loadgen::{MAX_PIPELINE, MAX_THREADS};
use evenkeel_reports::Format;
use evenkeel_reports::format::TEXT;

use super::format;
use crate::config::{DEFAULT_SEED, LoadOptions};
use crate::limit::Limit;
use crate::scenario::{Arrivals, Distribution, RequestTarget};
use crate::values::{ClientAddresses, Connections, Seed, Statuses, Whole};
use evenkeel_common::ProxyVersion;
use evenkeel_common::duration;

/// Numbers of load threads.
pub(crate) type Threads = Whole<1, { MAX_THREADS as u64 }>;

/// Numbers of requests.
pub(crate) type Requests = Whole<1, { u64::MAX }>;

/// Numbers of requests in flight on a connection.
pub(crate) type Pipeline = Whole<1, { MAX_PIPELINE as u64 }>;

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
  evenkeel load http://127.0.0.1:8080/none --expect-status 404
  evenkeel load http://127.0.0.1:8080/ --send-proxy v2 --client-addresses 256
  evenkeel load http://127.0.0.1:8080/ --work block:exp:1ms --rate 500
  evenkeel load ws://127.0.0.1:8080/websocket --work spin:50us -c 64
  evenkeel load https://localhost:8443/ --cacert ca.pem --requests-per-connection 1")]
pub(crate) struct LoadArgs {
    /// Target: http://HOST:PORT/PATH or https://..., where HOST is a loopback address or name
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

/// When requests are sent, and by which threads.
#[derive(Debug, Args)]
#[command(next_help_heading = "Load")]
pub(crate) struct OfferOptions {
    /// Open loop: arrival process. One of constant, poisson, burst:ON:OFF (such as
    /// burst:100ms:900ms), ramp:RPS (from --rate to RPS) or trace:FILE (one time in seconds per
    /// line) [default: poisson]
    #[arg(long, value_name = "PROCESS", value_parser = Arrivals::of_option())]
    pub(crate) arrivals: Option<Arrivals>,
    /// Stop after N requests, including failed ones; `--duration` is then a limit
    #[arg(short = 'n', long, value_name = "N")]
    pub(crate) requests: Option<Requests>,
    /// Open loop: what happens to an arrival when all connections are busy
    #[arg(hide_short_help = true, long, value_enum, value_name = "ACTION", default_value_t = WhenBusy::Wait)]
    pub(crate) when_busy: WhenBusy,
    /// With `--when-busy open`: most connections at the same time [default: 1024]
    #[arg(hide_short_help = true, long, value_name = "N")]
    pub(crate) max_connections: Option<Connections>,
    /// Number of load threads [default: one per load CPU]
    #[arg(short, long, value_name = "N")]
    pub(crate) threads: Option<Threads>,
    /// Seed of random arrivals and work
    #[arg(hide_short_help = true, long, value_name = "N", default_value_t = Seed::of(DEFAULT_SEED))]
    pub(crate) seed: Seed,
}

/// What happens to an arrival when all connections are busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WhenBusy {
    /// It waits for a connection, and the wait counts.
    Wait,
    /// It opens another connection, up to --max-connections.
    Open,
}

/// Connections.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connections")]
pub(crate) struct ConnectionOptions {
    /// Close a connection after N requests [default: keep it]
    #[arg(long, value_name = "N")]
    pub(crate) requests_per_connection: Option<Requests>,
    /// Number of client addresses, used in turn [default: enough for the expected number of
    /// ports; 1 outside IPv4 loopback]
    #[arg(hide_short_help = true, long, value_name = "N")]
    pub(crate) client_addresses: Option<ClientAddresses>,
    /// Send a PROXY header at the start of each connection, as a balancer in between does. It
    /// names a client address in 10.0.0.0/8: 10.1.2.3 for 127.1.2.3
    #[arg(hide_short_help = true, long, value_parser = super::parse::proxy_version(), value_name = "VERSION")]
    pub(crate) send_proxy: Option<ProxyVersion>,
    /// Do not send a request again whose kept connection the server closed without a byte of an answer:
    /// it counts as lost. By default it is sent again once, as curl and Go's client do
    #[arg(hide_short_help = true, long)]
    pub(crate) no_repeat: bool,
    /// Closed loop: requests in flight on each connection
    #[arg(long, value_name = "N", default_value_t = Pipeline::of(1))]
    pub(crate) pipeline: Pipeline,
    /// Connect to this Unix socket instead of the host in the URL
    #[arg(long, value_name = "PATH")]
    pub(crate) unix_socket: Option<PathBuf>,
    /// Send requests and receive answers one by one. By default a closed loop uses io_uring, if
    /// the kernel has it, to do so in batches, which costs the generator less
    #[arg(hide_short_help = true, long)]
    pub(crate) no_io_uring: bool,
    /// Longest time for a connect or an answer
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = duration::parse_option)]
    pub(crate) timeout: Duration,
    /// As in ab: connections are kept in any case.
    #[arg(short = 'k', hide = true)]
    kept: bool,
}

/// Trust in certificates for https://.
#[derive(Debug, Args)]
#[command(next_help_heading = "TLS")]
pub(crate) struct TlsOptions {
    /// Trust any certificate
    #[arg(long, conflicts_with = "cacert")]
    pub(crate) insecure: bool,
    /// Trust the authorities in this PEM file [default: those that this host trusts]
    #[arg(long, value_name = "FILE")]
    pub(crate) cacert: Option<PathBuf>,
    /// Resume TLS sessions of earlier connections
    #[arg(hide_short_help = true, long)]
    pub(crate) tls_resumption: bool,
}

/// Requests.
#[derive(Debug, Args)]
#[command(next_help_heading = "Request")]
pub(crate) struct RequestOptions {
    /// Method of the request
    #[arg(short, long, default_value = "GET")]
    pub(crate) method: String,
    /// Header field of the request, `name: value`; repeatable
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
    #[arg(
        hide_short_help = true,
        long,
        value_name = "FILE",
        conflicts_with = "body"
    )]
    pub(crate) body_file: Option<PathBuf>,
    /// Statuses that count as success, such as 200,404 or 2xx,301-303; all others are errors [default:
    /// those below 400]
    #[arg(long, value_name = "STATUSES")]
    pub(crate) expect_status: Option<Statuses>,
    /// One of several targets, `[WEIGHT] [METHOD] /PATH [BODY]`, such as '3 POST /orders {}';
    /// repeatable
    #[arg(long = "target", value_name = "TARGET", value_parser = |text: &str| text.parse::<RequestTarget>())]
    pub(crate) targets: Vec<RequestTarget>,
    /// Work of each request, for workers of evenkeel, such as 30ms or spin:50us. Drawn from a
    /// distribution: block:exp:1ms, sleep:uniform:1ms-3ms, block:lognormal:1ms:0.8,
    /// block:pareto:1ms:1.5
    #[arg(long, value_name = "WORK", conflicts_with = "targets")]
    pub(crate) work: Option<Distribution>,
}

/// Limits on the figures.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitOptions {
    /// Exit with code 99 if this holds, such as 'p99>5ms', 'errors>0.1%' or 'rps<1000'; repeatable
    #[arg(long, value_name = "LIMIT")]
    pub(crate) fail_if: Vec<Limit>,
    /// Search for the highest rate at which this holds, such as 'p99<5ms'; repeatable. Trials last for
    /// --duration (without it, 1s) and start at --rate (without it, near what a short closed loop gets)
    #[arg(
        long,
        value_name = "LIMIT",
        conflicts_with_all = ["fail_if", "requests", "hdr", "hgrm", "html"]
    )]
    pub(crate) find_capacity: Vec<Limit>,
}

/// Output.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputOptions {
    /// Format of the result
    #[arg(long, value_parser = format::of_any_report(), default_value = TEXT.name)]
    pub(crate) format: Format,
    /// As in wrk: percentiles are shown in any case.
    #[arg(long, short_alias = 'L', hide = true)]
    latency: bool,
    /// Write response times per interval as an HdrHistogram interval log
    #[arg(long, value_name = "FILE")]
    pub(crate) hdr: Option<PathBuf>,
    /// Write the percentile distribution in the format that HdrHistogram's tools plot
    #[arg(hide_short_help = true, long, value_name = "FILE")]
    pub(crate) hgrm: Option<PathBuf>,
    /// Write a page with charts
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}
