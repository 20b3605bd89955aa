//! The programs that load rules into the kernel: nft(8) and iptables-restore(8).

use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use thiserror::Error;

use super::rules::{Rule, Service};
use crate::launch::Namespace;

#[derive(Debug, Error)]
pub(super) enum ToolError {
    #[error("`{program}` is not installed; install the package {package}")]
    Missing {
        program: &'static str,
        package: &'static str,
    },
    #[error("`{program}` rejected the rules: {message}; check that the kernel has the modules")]
    Rejected {
        program: &'static str,
        message: String,
    },
    /// The program could not be run, or the namespace could not be entered.
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
        (Rule::StatisticRandom | Rule::StatisticNth, SocketAddr::V4(_)) => {
            ("iptables-restore", &["--noflush"], "iptables")
        }
        (Rule::StatisticRandom | Rule::StatisticNth, SocketAddr::V6(_)) => {
            ("ip6tables-restore", &["--noflush"], "iptables")
        }
        _ => ("nft", &["-f", "-"], "nftables"),
    };
    Tool {
        program,
        arguments,
        package,
    }
}

/// Applies the rules for a service in a namespace. They replace earlier rules.
pub(super) fn apply(namespace: &Namespace, rule: Rule, service: &Service) -> Result<(), ToolError> {
    let tool = tool(rule, service.address);
    let text = rule.text(service);
    let failed = |source| ToolError::Failed {
        program: tool.program,
        source,
    };
    let outcome = namespace.call(|| {
        forget_closed_connections_soon()?;
        feed(&tool, &text)
    });
    match outcome.map_err(failed)? {
        Ok(None) => Ok(()),
        Ok(Some(message)) => Err(ToolError::Rejected {
            program: tool.program,
            message,
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(ToolError::Missing {
            program: tool.program,
            package: tool.package,
        }),
        Err(error) => Err(failed(error)),
    }
}

/// Runs the program with this input. Returns its error message if it failed.
fn feed(tool: &Tool, text: &str) -> io::Result<Option<String>> {
    let mut running = Command::new(tool.program)
        .args(tool.arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut input) = running.stdin.take() {
        // If the program ends before it has read everything, it prints the reason.
        let _written = input.write_all(text.as_bytes());
    }
    let ended = running.wait_with_output()?;
    if ended.status.success() {
        return Ok(None);
    }
    let message = String::from_utf8_lossy(&ended.stderr);
    let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Some(match message.is_empty() {
        true => ended.status.to_string(),
        false => message,
    }))
}

/// How long the kernel remembers a connection that both sides have closed, in seconds.
const CLOSED: &str = "/proc/sys/net/netfilter/nf_conntrack_tcp_timeout_time_wait";

/// Makes the kernel forget closed connections after a second instead of two minutes, in the namespace of
/// the calling thread. Its table holds about 260,000 connections, which short connections fill in
/// seconds. The table and this setting exist only after the first rule.
fn forget_closed_connections_soon() -> io::Result<()> {
    match std::fs::write(CLOSED, "1") {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}
