//! What happens to the processes of the fleet, as it is printed.

use std::time::Instant;

use evenkeel_strategies::{FleetEvent, Role};
use serde_json::{Value, json};

use crate::cli::Plain;

/// Returns the line of an event. Times count from when the fleet began to serve.
pub(super) fn line(event: &FleetEvent, serves_since: Instant, format: Plain) -> String {
    let at = event.at.saturating_duration_since(serves_since);
    match format {
        Plain::Text => format!("{:.3} s  {event}\n", at.as_secs_f64()),
        Plain::Json => format!("{}\n", as_json(event, at.as_secs_f64())),
    }
}

fn as_json(event: &FleetEvent, at_s: f64) -> Value {
    let mut line = json!({
        "event": event.what.name(),
        "at_s": at_s,
        "role": event.role.to_string(),
        "generation": event.generation,
    });
    let more = [
        ("pid", event.pid.map(Value::from)),
        ("detail", event.what.detail().map(Value::from)),
        ("worker", number_of(event.role).map(Value::from)),
    ];
    for (key, value) in more {
        if let Some(value) = value {
            line[key] = value;
        }
    }
    line
}

fn number_of(role: Role) -> Option<usize> {
    match role {
        Role::Worker(number) => Some(number),
        _ => None,
    }
}
