//! `evenkeel load`: the load generator alone.

mod summary;

use std::num::NonZeroU64;
use std::time::Duration;

use evenkeel_loadgen::{self as loadgen, ErrorClass, LoadSpec, Offer, Outcome, Target, Work};
use evenkeel_reports::Measured;

use super::raise_open_files;
use crate::cli::{LoadArgs, Plain};
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::output::print;
use crate::plan::Machine;
use crate::scenario::Arrivals;
use crate::study::figures;
use crate::url::Url;

/// Connections where none are asked for: those of the built-in scenarios.
const CONNECTIONS: u32 = 64;

/// Measured time where none is asked for: long enough for a steady figure.
const DURATION: Duration = Duration::from_secs(3);

/// Runs the command.
///
/// # Errors
/// [`Failure`]: with exit code 2 for load that cannot be offered, 1 if nobody was reached, 3
/// if the figures are not valid, and 130 if it was interrupted. The trial is printed in all
/// cases but the first.
pub(crate) fn run(args: &LoadArgs) -> Result<(), Failure> {
    raise_open_files();
    let url: Url = args.url.parse().map_err(Failure::usage)?;
    let spec = load_spec(args, &url)?;
    spec.validate().map_err(Failure::usage)?;
    Machine::probe()
        .check_load_alone(&spec)
        .map_err(Failure::usage)?;
    let interrupt = Interrupt::catch()?;
    let outcome = loadgen::run(&spec, interrupt.flag(), &mut ()).map_err(Failure::failed)?;
    let measured = figures::of_load(&outcome, args.load.rate).map_err(Failure::failed)?;
    match args.output.format {
        Plain::Text => print(&summary::text(&args.url, &measured, &outcome))?,
        Plain::Json => print(&summary::json(&args.url, &measured, &outcome)?)?,
    }
    verdict(&args.url, &measured, &outcome)
}

fn load_spec(args: &LoadArgs, url: &Url) -> Result<LoadSpec, Failure> {
    let cpus = Machine::probe()
        .load_cpus(args.load.load_cpus.as_ref())
        .map_err(Failure::usage)?;
    let mut spec = LoadSpec::new(url.address);
    spec.target = Target {
        address: url.address,
        authority: url.authority.clone(),
    };
    spec.request.method.clone_from(&args.request.method);
    spec.request.headers = args
        .request
        .headers
        .iter()
        .map(|field| header(field))
        .collect::<Result<_, _>>()?;
    spec.request.body = args.request.body.clone().into_bytes();
    spec.request.work = Work::Target(url.path.clone());
    spec.offer = args
        .load
        .rate
        .map_or(Offer::Closed, |rate_rps| Offer::Open {
            rate_rps,
            arrivals: args.offer.arrivals.unwrap_or(Arrivals::Poisson).into(),
        });
    spec.connections = args.load.connections.unwrap_or(CONNECTIONS) as usize;
    spec.requests_per_connection = lifetime(args.connection.requests_per_connection)?;
    spec.client_addresses = args.connection.client_addresses;
    spec.threads = args.offer.threads.unwrap_or(cpus.len());
    spec.cpus = cpus.to_vec();
    spec.warmup = args.load.warmup.unwrap_or_default();
    spec.duration = args.load.duration.unwrap_or(DURATION);
    spec.timeout = args.connection.timeout;
    spec.seed = args.offer.seed;
    Ok(spec)
}

fn lifetime(requests: Option<u32>) -> Result<Option<NonZeroU64>, Failure> {
    let wrong = "`--requests-per-connection` is 0: give at least 1, or leave it out for connections that are kept";
    requests
        .map(|requests| NonZeroU64::new(requests.into()).ok_or_else(|| Failure::usage(wrong)))
        .transpose()
}

fn header(field: &str) -> Result<(String, String), Failure> {
    let (name, value) = field.split_once(':').ok_or_else(|| {
        Failure::Usage(format!(
            "`{field}` is not a header field; write it as 'name: value'"
        ))
    })?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// Failures before a request could be sent at all.
const UNREACHED: [ErrorClass; 3] = [
    ErrorClass::Refused,
    ErrorClass::ConnectTimedOut,
    ErrorClass::ConnectFailed,
];

fn verdict(url: &str, measured: &Measured, outcome: &Outcome) -> Result<(), Failure> {
    if outcome.interrupted {
        return Err(Failure::Interrupted(
            "interrupted; the figures are those until then".into(),
        ));
    }
    let unreached =
        !outcome.errors.is_empty() && outcome.errors.keys().all(|class| UNREACHED.contains(class));
    if outcome.requests == 0 && unreached {
        let classes: Vec<_> = outcome.errors.keys().map(|class| class.name()).collect();
        let classes = classes.join(", ");
        return Err(Failure::Failed(format!(
            "nobody could be reached at {url} ({classes}); is the server running?"
        )));
    }
    if measured.valid {
        return Ok(());
    }
    let reasons = measured.invalid_because.join("; ");
    Err(Failure::Invalid(format!(
        "the figures are not valid: {reasons}"
    )))
}
