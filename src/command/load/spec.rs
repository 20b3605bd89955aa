//! From options to the specification for the load generator.

use std::time::Duration;

use evenkeel_common::file;
use evenkeel_loadgen::{self as loadgen, LoadSpec, Offer, Work};

use super::target;
use crate::cli::{LoadArgs, RequestOptions, WhenBusy};
use crate::failure::Failure;
use crate::machine::Machine;
use crate::scenario::{Arrivals, parts};
use crate::values::{Connections, Statuses, Url, Whole};

/// Default number of connections, that of the built-in scenarios.
const CONNECTIONS: Connections = Connections::of(64);

/// Default of `--max-connections`: with more, the server does not keep up.
const MOST_CONNECTIONS: Connections = Connections::of(1024);

/// Default measured time: long enough for a steady figure.
const DURATION: Duration = Duration::from_secs(3);

/// Returns the load to offer.
pub(super) fn of(args: &LoadArgs, url: &Url) -> Result<LoadSpec, Failure> {
    let machine = Machine::probe();
    let cpus = machine
        .load_cpus(args.load.load_cpus.as_ref())
        .map_err(Failure::usage)?;
    let target = target::of(args, url)?;
    let mut spec = LoadSpec::new(target.address.clone());
    spec.target = target;
    spec.request.method.clone_from(&args.request.method);
    spec.request.headers = args
        .request
        .headers
        .iter()
        .map(|field| header(field))
        .collect::<Result<_, _>>()?;
    spec.request.body = body(&args.request)?;
    spec.request.work = work(&args.request, url)?;
    spec.websocket = (url.scheme.is_websocket()).then(|| url.path.clone());
    spec.offer = offer(args)?;
    spec.connections = args.load.connections.unwrap_or(CONNECTIONS).usize();
    spec.when_busy = when_busy(args)?;
    spec.requests_per_connection = args
        .connection
        .requests_per_connection
        .map(Whole::nonzero_u64);
    spec.repeat = !args.connection.no_repeat;
    spec.pipeline = args.connection.pipeline.nonzero_u32();
    spec.threads = args.offer.threads.map_or(cpus.len(), Whole::usize);
    spec.cpus = cpus.to_vec();
    spec.warmup = args.load.warmup.unwrap_or_default();
    spec.requests = args.offer.requests.map(Whole::nonzero_u64);
    let ends_itself = spec.requests.is_some() || matches!(spec.offer, Offer::Trace(_));
    let usual = if ends_itself { Duration::MAX } else { DURATION };
    spec.duration = args.load.duration.unwrap_or(usual);
    spec.interval = interval(spec.duration);
    spec.client_addresses = match args.connection.client_addresses {
        Some(addresses) => addresses.u32(),
        None => machine.client_addresses(&spec),
    };
    spec.proxy_header = args.connection.send_proxy;
    spec.io_uring = !args.connection.no_io_uring;
    spec.timeout = args.connection.timeout;
    if let Some(Statuses(expected)) = args.request.expect_status {
        spec.expected_statuses = expected;
    }
    spec.seed = args.offer.seed.u64();
    Ok(spec)
}

/// Returns the interval of the time series: short enough for a dozen in a short run, long enough
/// for few in a long run.
fn interval(duration: Duration) -> Duration {
    (duration / 40).clamp(Duration::from_millis(250), Duration::from_secs(1))
}

fn offer(args: &LoadArgs) -> Result<Offer, Failure> {
    let (arrivals, rate) = (args.offer.arrivals.as_ref(), args.load.rate);
    if arrivals.is_none() && rate.is_none() {
        return Ok(Offer::Closed);
    }
    let arrivals = arrivals.unwrap_or(&Arrivals::Poisson);
    arrivals.offer(rate).map_err(Failure::Usage)
}

fn when_busy(args: &LoadArgs) -> Result<loadgen::WhenBusy, Failure> {
    match (args.offer.when_busy, args.offer.max_connections) {
        (WhenBusy::Wait, None) => Ok(loadgen::WhenBusy::Wait),
        (WhenBusy::Wait, Some(_)) => Err(Failure::usage(
            "`--max-connections` needs `--when-busy open`: otherwise there are never more than \
             `--connections`",
        )),
        (WhenBusy::Open, most) => Ok(loadgen::WhenBusy::Open {
            most: most.unwrap_or(MOST_CONNECTIONS).usize(),
        }),
    }
}

/// Returns the work: the path of the URL, or the targets of options. The path of a WebSocket is none: its
/// messages have a text, by default the shortest.
fn work(request: &RequestOptions, url: &Url) -> Result<Work, Failure> {
    let path = match url.scheme.is_websocket() {
        false => url.path.as_str(),
        true => "/",
    };
    let (option, work) = match &request.work {
        Some(drawn) => ("--work", Work::Mix(vec![drawn.to_part()])),
        None if request.targets.is_empty() => return Ok(Work::Target(path.to_owned())),
        None => ("--target", Work::Targets(parts(&request.targets))),
    };
    if path != "/" {
        return Err(Failure::Usage(format!(
            "`{option}` gives targets, and the path of the URL, `{path}`, is one, too; leave one out"
        )));
    }
    Ok(work)
}

fn body(request: &RequestOptions) -> Result<Vec<u8>, Failure> {
    match &request.body_file {
        None => Ok(request.body.clone().into_bytes()),
        Some(path) => file::read(path, file::LOAD).map_err(|error| {
            let file = path.display();
            Failure::Usage(format!(
                "{file} cannot be read ({error}); give `--body-file` a file with the body to send"
            ))
        }),
    }
}

fn header(field: &str) -> Result<(String, String), Failure> {
    let (name, value) = field.split_once(':').ok_or_else(|| {
        Failure::Usage(format!(
            "`{field}` is not a header field; write it as 'name: value'"
        ))
    })?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}
