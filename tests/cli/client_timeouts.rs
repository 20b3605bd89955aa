//! Limits towards clients, from the command line and from study files to the processes that serve.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use serde_json::{Value, json};

use crate::program::evenkeel;
use crate::served::{Served, serve};

/// Sends these bytes, and returns what the server sends until it closes the connection.
fn conversation(fleet: &Served, bytes: &str) -> String {
    let address = fleet
        .url
        .trim_start_matches("http://")
        .trim_end_matches('/');
    let mut client = TcpStream::connect(address).expect("it listens");
    client.write_all(bytes.as_bytes()).expect("it reads");
    let mut answer = String::new();
    let _end = client.read_to_string(&mut answer);
    answer
}

#[test]
fn each_option_ends_connections_that_keep_a_fleet_waiting() {
    const BEGUN: &str = "GET / HTTP/1.1\r\n";
    const WHOLE: &str = "GET / HTTP/1.1\r\nhost: evenkeel.test\r\n\r\n";
    const UPLOAD: &str = "POST / HTTP/1.1\r\nhost: evenkeel.test\r\ncontent-length: 1\r\n\r\n";
    for (option, sent, status) in [
        ("--head-timeout", BEGUN, "408"),
        ("--idle-timeout", WHOLE, "200"),
        ("--stall-timeout", UPLOAD, "408"),
    ] {
        for key in ["single", "proxy:round-robin"] {
            let fleet = serve(&format!("{key} {option} 100ms"));
            let answer = conversation(&fleet, sent);
            assert_eq!(answer.get(9..12), Some(status), "{key} {option}: {answer}");
        }
    }
}

#[test]
fn a_proxy_header_has_the_limit_of_a_head() {
    for key in ["single", "handoff:sticky", "splice:sticky", "proxy:sticky"] {
        let fleet = serve(&format!("{key} --accept-proxy --head-timeout 100ms"));
        assert_eq!(conversation(&fleet, "PROXY TCP4 "), "", "{key}");
    }
}

#[test]
fn a_connection_ends_after_as_many_requests_as_it_may_have() {
    const TWO: &str = "GET / HTTP/1.1\r\nhost: evenkeel.test\r\n\r\nGET / HTTP/1.1\r\nhost: evenkeel.test\r\n\r\n";
    for key in ["single", "proxy:round-robin"] {
        let fleet = serve(&format!("{key} --max-connection-requests 2"));
        let answers = conversation(&fleet, TWO);
        assert_eq!(
            answers.matches("HTTP/1.1 200").count(),
            2,
            "{key}: {answers}"
        );
        assert_eq!(
            answers.matches("connection: close").count(),
            1,
            "{key}: {answers}"
        );
    }
}

#[test]
fn a_jitter_without_an_age_is_refused() {
    let finished = evenkeel("serve -s single --connection-age-jitter 1s", Path::new("/"));
    let problem = "give `--max-connection-age`, too";
    assert!(finished.err.contains(problem), "{}", finished.err);
}

#[test]
fn the_plan_contains_the_limits_that_are_not_the_defaults() {
    let folder = tempfile::tempdir().expect("a folder");
    let study =
        "strategies = ['single']\nscenarios = ['keep-alive']\n[fleet]\nidle_timeout = '2m'\n";
    fs::write(folder.path().join("study.toml"), study).expect("room");
    let plan = |line: &str| {
        let finished = evenkeel(
            &format!("run -q {line} -d 50ms --warmup 10ms -b 1 -w 1 -o OUT"),
            folder.path(),
        );
        finished.assert_measured();
        let record = fs::read_to_string(folder.path().join("OUT/results.jsonl")).expect("a record");
        fs::remove_dir_all(folder.path().join("OUT")).expect("it is there");
        let header: Value =
            serde_json::from_str(record.lines().next().expect("a header")).expect("JSON");
        header["plan"].clone()
    };
    let default = plan("-s single -S keep-alive");
    assert_eq!(default["client_timeouts"], Value::Null);
    assert_eq!(default["connection_limits"], Value::Null);
    let given = plan("--study study.toml --head-timeout 5s --max-connection-age 90s");
    assert_eq!(
        given["connection_limits"],
        json!({ "max_age_s": 90.0, "age_jitter_s": null, "max_requests": null })
    );
    assert_eq!(
        given["client_timeouts"],
        json!({ "head_s": 5.0, "idle_s": 120.0, "stall_s": 10.0 })
    );
}
