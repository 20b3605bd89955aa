//! The PROXY protocol from end to end: load with headers, and fleets that expect them.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::{Finished, evenkeel, record};
use crate::served::serve;

/// Sends forty requests, each on its own connection, from several clients.
fn load(url: &str, options: &str) -> Finished {
    let line = "-q -c 4 -n 40 --requests-per-connection 1 --client-addresses 16 --format json";
    evenkeel(&format!("load {url} {line} {options}"), Path::new("/"))
}

#[test]
fn a_fleet_that_expects_headers_removes_them() {
    for served in [
        "single --accept-proxy",
        "handoff:sticky --accept-proxy",
        "proxy:sticky --accept-proxy",
        "splice:sticky --accept-proxy --send-proxy v1",
        "splice:sticky --accept-proxy --send-proxy v2",
    ] {
        let fleet = serve(served);
        for version in ["v1", "v2"] {
            let finished = load(&fleet.url, &format!("--send-proxy {version}"));
            let trial: Value = serde_json::from_str(&finished.out).expect("JSON");
            assert_eq!(trial["requests"], 40, "{served}: {finished:?}");
            assert_eq!(trial["errors"], serde_json::json!({}), "{served}");
        }
    }
}

#[test]
fn a_fleet_that_expects_headers_refuses_load_without_them() {
    let fleet = serve("handoff:sticky --accept-proxy");
    let finished = load(&fleet.url, "");
    assert_ne!(finished.code, Some(0), "{finished:?}");
}

#[test]
fn in_a_scenario_with_headers_fleets_expect_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = "name = 'behind'\nloop = 'closed'\nconnections = 4\nwork = '/'\n\
        requests_per_connection = 1\nclient_addresses = 16\nsend_proxy = 'v2'\n";
    fs::write(folder.path().join("behind.toml"), scenario).expect("room");
    let strategies = "-s single -s reuseport -s handoff:sticky -s splice:sticky -s proxy:sticky";
    let finished = evenkeel(
        &format!(
            "run -q --details {strategies} -S behind.toml -d 500ms --warmup 50ms -b 1 -w 2 -o OUT"
        ),
        folder.path(),
    );
    finished.assert_measured();
    assert!(
        finished.out.contains("with a PROXY header (v2)"),
        "{finished:?}"
    );
    let (_, trials) = record(&folder.path().join("OUT"));
    assert_eq!(trials.len(), 5);
    for trial in trials {
        assert!(trial["requests"].is_u64(), "not measured: {trial}");
        assert_eq!(trial["errors"], serde_json::json!({}), "{trial}");
    }
}
