//! The programs that hand rules to the kernel: nft(8) and iptables-restore(8).

use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use thiserror::Error;

use super::rules::{Rule, Service};
use crate::launch::Namespace;

/// Why rules are not in force.
#[derive(Debug, Error)]
pub(super) enum ToolError {
    /// The program is not there.
    #[error("`{program}` is not installed; it comes with the package {package}")]
    Missing {
        program: &'static str,
        package: &'static str,
    },
    /// The program said no.
    #[error("`{program}` refused the rules: {words}; does this kernel have the modules?")]
    Refused {
        program: &'static str,
        words: String,
    },
    /// The program could not be run, or the namespace not be entered.
    #[error("`{program}` could not be run: {source}")]
    Failed {
        program: &'static str,
        source: io::Error,
    },
}

struct Tool {
    program: &'static str,
    arguments: &'static [&'static str],
    package: &'static str,
}

fn tool(rule: Rule, address: SocketAddr) -> Tool {
    let (program, arguments, package): (_, &[&str], _) = match (rule, address) {
        (Rule::Statistic, SocketAddr::V4(_)) => ("iptables-restore", &["--noflush"], "iptables"),
        (Rule::Statistic, SocketAddr::V6(_)) => ("ip6tables-restore", &["--noflush"], "iptables"),
        _ => ("nft", &["-f", "-"], "nftables"),
    };
    Tool {
        program,
        arguments,
        package,
    }
}

/// Puts the rules for a service in force, in a namespace, in place of those that were.
pub(super) fn apply(namespace: &Namespace, rule: Rule, service: &Service) -> Result<(), ToolError> {
    let tool = tool(rule, service.address);
    let text = rule.text(service);
    let failed = |source| ToolError::Failed {
        program: tool.program,
        source,
    };
    let ran = namespace.call(|| {
        forget_closed_connections()?;
        feed(&tool, &text)
    });
    match ran.map_err(failed)? {
        Ok(words) if words.is_empty() => Ok(()),
        Ok(words) => Err(ToolError::Refused {
            program: tool.program,
            words,
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(ToolError::Missing {
            program: tool.program,
            package: tool.package,
        }),
        Err(error) => Err(failed(error)),
    }
}

/// What the program said if it failed; nothing if it did not.
fn feed(tool: &Tool, text: &str) -> io::Result<String> {
    let mut running = Command::new(tool.program)
        .args(tool.arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut input) = running.stdin.take() {
        // A program that ends before it has read all says why.
        let _read = input.write_all(text.as_bytes());
    }
    let ended = running.wait_with_output()?;
    if ended.status.success() {
        return Ok(String::new());
    }
    let words = String::from_utf8_lossy(&ended.stderr);
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(match words.is_empty() {
        true => ended.status.to_string(),
        false => words,
    })
}

/// Where the kernel says how long it remembers a connection that both ends have closed.
const CLOSED: &str = "/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_time_wait";

/// Has the kernel forget closed connections after a second and not after two minutes, in the
/// namespace of the calling thread: its table of connections holds some 260,000 at most, which
/// short connections fill in seconds. The table is made with the first rule, so before that there
/// is nothing to be told.
fn forget_closed_connections() -> io::Result<()> {
    match std::fs::write(CLOSED, "1") {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        told => told,
    }
}
