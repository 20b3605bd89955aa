//! What is refused, where, and what to do instead.

use std::path::Path;

use super::{machine, refusal};
use crate::config::Settings;

#[test]
fn a_rate_that_cannot_be_offered_is_refused_where_it_is_written() {
    for rate in ["nan", "inf", "-1", "0.0", "1e9", "1e99"] {
        let text = format!("[load]\nrate = {rate}");
        let read = evenkeel_common::toml_file::parse::<Settings>(&text, Path::new("study.toml"));
        let error = read.expect_err(rate).to_string();
        assert!(
            error.starts_with("study.toml:2:8: `rate`: a rate is a number of requests per second"),
            "{error}"
        );
    }
}

#[test]
fn a_number_that_is_out_of_bounds_is_refused_where_it_is_written() {
    for (text, bounds) in [
        ("\nblocks = 0", "from 1 to 100000"),
        ("[fleet]\nworkers = 0", "from 1 to 1024"),
        ("[fleet]\nworkers = 9999", "from 1 to 1024"),
        ("[fleet]\ndispatchers = 0", "from 1 to 1024"),
        ("[load]\nconnections = 0", "from 1 to 1000000"),
        ("\nseed = -1", "from 0 to 18446744073709551615"),
    ] {
        let read = evenkeel_common::toml_file::parse::<Settings>(text, Path::new("study.toml"));
        let error = read.expect_err(text).to_string();
        assert!(error.starts_with("study.toml:2:"), "{error}");
        let expected = format!("expected a whole number {bounds}");
        assert!(error.ends_with(&expected), "{error}");
    }
}

#[test]
fn an_error_says_what_to_do() {
    for (toml, expected) in [
        ("strategies = ['handof:stiky']", "`handoff:sticky`"),
        ("scenarios = ['skewd']", "did you mean `skewed`?"),
        (
            "scenarios = ['no/such.toml']",
            "no/such.toml cannot be read",
        ),
        ("[load]\nduration = '0s'", "`--duration` is 0"),
        (
            "[[scenario]]\nname = 'a'\nloop = 'closed'\nconnections = 1\nwork = '/'\nduration = '0s'",
            "`duration` is 0; measuring takes time",
        ),
        (
            "[load]\nconnections = 15000",
            "needs a process with about 30068 open files and the hard limit is 20000",
        ),
        (
            "scenarios = ['keep-alive']\n[load]\nrate = 5.0",
            "`--rate` needs an open loop",
        ),
        ("[fleet]\nserver_cpus = '0-3'", "leaves none for the load"),
        ("[load]\nload_cpus = '0-3'", "leaves none for the servers"),
        (
            "[fleet]\nserver_cpus = '2-9'",
            "names CPUs 4-9, which this process may not use; it may use 0-3",
        ),
        (
            "[fleet]\nserver_cpus = '0-2'\n[load]\nload_cpus = '2-3'",
            "share CPUs 2;",
        ),
    ] {
        let error = refusal(toml, &machine());
        assert!(error.contains(expected), "{toml}\n{error}");
    }
}
