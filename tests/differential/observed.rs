//! What a system made of a case, in aspects that can be compared. Times are not among them.

use crate::client::Exchange;
use crate::message::{Fields, Framing, Message};

/// Name and value of each aspect, in the order in which they are compared.
pub(crate) type Observed = Vec<(&'static str, String)>;

/// What became of a request whose server has understood it, and of one that it blames on the client.
const SERVED: &str = "served";
const REFUSED: &str = "refused";

/// Fields that proxies add, or that concern one connection only. Host and framing are aspects of their own.
const OF_HOPS: [&str; 15] = [
    "connection",
    "content-length",
    "date",
    "host",
    "keep-alive",
    "server",
    "transfer-encoding",
    "via",
    "x-evenkeel-worker",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "content-type",
    "proxy-connection",
];

/// Returns how the request of a case was understood.
pub(crate) fn request(exchange: &Exchange) -> Observed {
    let mut finals = exchange.answers.iter().filter(|answer| answer.is_final());
    let status = finals.next().map_or_else(|| "none".into(), class);
    let is_served = status == SERVED;
    let mut observed = vec![("request", status)];
    if !is_served {
        return observed;
    }
    if let Some(arrived) = exchange.requests.first() {
        let mut words = arrived.start.splitn(2, ' ');
        let (method, rest) = (words.next(), words.next());
        let (target, version) = rest.and_then(|it| it.rsplit_once(' ')).unwrap_or_default();
        let (form, path) = form(target);
        observed.extend([
            ("method", method.unwrap_or_default().to_owned()),
            ("form of the target", form.to_owned()),
            ("target", path.to_owned()),
            ("version", version.to_owned()),
            ("host", arrived.value("host").unwrap_or_default()),
            ("fields", listed(&arrived.fields)),
            ("framing", framing(arrived)),
            ("body", body(arrived)),
            ("trailers", listed(&arrived.trailers)),
        ]);
    }
    let next: Vec<String> = finals.map(class).collect();
    observed.push(("next", next.join(" ")));
    observed
}

/// Returns how the answer of a case was understood.
pub(crate) fn answer(exchange: &Exchange) -> Observed {
    let answers = &exchange.answers;
    let last = answers.iter().position(Message::is_final);
    let (first, rest) = answers.split_at(last.map_or(answers.len(), |last| last + 1));
    let statuses = |answers: &[Message]| answers.iter().map(status).collect::<Vec<_>>().join(" ");
    let mut observed = vec![("status", statuses(first))];
    // No answer of the backend has a status of an error, so those are the proxy's own.
    if let Some(answer) = first
        .last()
        .filter(|it| it.status().is_some_and(|it| it < 400))
    {
        observed.extend([
            ("fields", listed(&answer.fields)),
            ("framing", framing(answer)),
            ("body", body(answer)),
            ("trailers", listed(&answer.trailers)),
            ("next", statuses(rest)),
        ]);
    }
    observed
}

/// Returns the form of a target (RFC 9112 §3.2), and the target without scheme and host.
fn form(target: &str) -> (&str, &str) {
    match target.split_once("://") {
        _ if target.starts_with('/') => ("origin", target),
        Some((_, rest)) => ("absolute", rest.find('/').map_or("/", |path| &rest[path..])),
        None => ("other", target),
    }
}

/// Returns what an answer says of its request. A worker answers 404 to a path that it does not know, so
/// it has understood the request.
fn class(answer: &Message) -> String {
    match answer.status() {
        Some(200 | 404) => SERVED.into(),
        Some(400..=499 | 501 | 505) => REFUSED.into(),
        _ => status(answer),
    }
}

fn status(answer: &Message) -> String {
    let status = answer.status();
    status.map_or_else(|| "no status".into(), |status| status.to_string())
}

/// Returns how the end of the body is marked. A length that only says that there is no body is the same as
/// none.
fn framing(message: &Message) -> String {
    let framing = match message.framing {
        Framing::Absent | Framing::Length(0) => "no body",
        Framing::Length(_) => "length",
        Framing::Chunked => "chunked",
        Framing::UntilClose => "until the end",
    };
    framing.to_owned()
}

fn body(message: &Message) -> String {
    let cut = if message.is_whole { "" } else { " (cut)" };
    format!("{}{cut}", message.body)
}

/// Returns the fields that concern both ends, in one line, in alphabetical order of their names.
fn listed(fields: &Fields) -> String {
    let mut lines: Vec<&(String, String)> = fields
        .iter()
        .filter(|(name, _)| !OF_HOPS.contains(&name.as_str()))
        .collect();
    lines.sort_by_key(|(name, _)| name);
    let lines = lines.iter().map(|(name, value)| format!("{name}: {value}"));
    lines.collect::<Vec<_>>().join("; ")
}
