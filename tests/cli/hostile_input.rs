//! Input that nobody means well: names that are not UTF-8, files without end, numbers without bounds. No
//! input ends in a panic, and none takes a result with it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::thread;

use crate::program::{Finished, evenkeel, shell};
use crate::served::serve;

fn assert_refused(finished: &Finished, words: &str) {
    assert_eq!(finished.code, Some(2), "{finished:?}");
    assert!(finished.err.contains(words), "{words}: {finished:?}");
    assert_eq!(finished.err.trim_end().lines().count(), 1, "{finished:?}");
}

#[test]
fn names_that_are_not_utf_8_cost_no_result() {
    let folder = tempfile::tempdir().expect("a folder");
    let served = serve("single");
    for option in ["hdr", "hgrm", "html"] {
        let line = format!(
            "F=$(printf 'x\\377'); \"$0\" load {} -q -n 20 -c 1 --{option} \"$F\" --format json && test -s \"$F\"",
            served.url
        );
        let finished = shell(&line, folder.path());
        assert_eq!(finished.code, Some(0), "{finished:?}");
        assert!(finished.out.contains("\"requests\": 20"), "{finished:?}");
    }
    let line = "\"$0\" run -s single -S bare-keep-alive -d 100ms -b 1 -w 1 -c 2 -q -o \"$(printf 'y\\377')\"";
    shell(line, folder.path()).assert_measured();
    let line = "F=$(printf 'f\\377'); mkdir \"$F\" && printf 'name = \"a\"\nloop = \"closed\"\nconnections = 1\nwork = \"/\"\n' > \"$F/a.toml\"
        printf 'scenarios = [\"./a.toml\"]\n' > \"$F/s.toml\"
        \"$0\" run -S \"$F/a.toml\" --dry-run && \"$0\" run --study \"$F/s.toml\" --dry-run";
    let finished = shell(line, folder.path());
    assert_eq!(finished.code, Some(0), "{finished:?}");
    for words in [
        "run -S \"$B.toml\"",
        "run --study \"$B.toml\"",
        "run --resume \"$B\"",
        "run --executable \"a=$B\"",
        "load \"http://127.0.0.1/$B\"",
        "load http://127.0.0.1:1/ --body-file \"$B\"",
        "load http://127.0.0.1:1/ -H \"a: $B\"",
        "load https://127.0.0.1:1/ --cacert \"$B\"",
        "load http://127.0.0.1:1/ --unix-socket \"$B\" -n 1",
        "report \"$B\"",
        "compare \"$B\" \"$B\"",
        "gate \"$B\"",
        "list --peer \"$B.toml\"",
        "\"$B\"",
    ] {
        let line = format!("B=$(printf 'z\\377'); export EVENKEEL_PEERS=\"$B\"; \"$0\" {words}");
        let finished = shell(&line, folder.path());
        assert!(
            matches!(finished.code, Some(1 | 2)),
            "{words}: {finished:?}"
        );
    }
}

#[test]
fn files_without_end_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    for line in [
        "run --dry-run --study /dev/zero",
        "run --dry-run -S /dev/zero",
        "list --peer /dev/zero",
        "report /dev/zero",
        "gate /dev/zero",
        "load http://127.0.0.1:1/ --body-file /dev/zero",
        "load http://127.0.0.1:1/ --arrivals trace:/dev/zero",
        "load https://127.0.0.1:1/ --cacert /dev/zero",
    ] {
        // Address space for the largest file that is read, and no more.
        let finished = shell(&format!("ulimit -v 1500000; \"$0\" {line}"), folder.path());
        assert_refused(&finished, "MiB, the most that is read");
    }
}

#[test]
fn numbers_without_bounds_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    for (line, words) in [
        ("load U --rate 1e300", "up to 100000000"),
        ("load U --rate 100 --arrivals ramp:nan", "`ramp:nan`"),
        ("load U --rate 100 --arrivals ramp:inf", "`ramp:inf`"),
        ("load U -d 1e30s", "`1e30s` is not a duration"),
        ("load U --timeout 99999999999h", "is not a duration"),
        ("load U --pipeline 100000000", "from 1 to 10000"),
        ("load U -c 4294967295", "from 1 to 1000000"),
        ("load U -t 18446744073709551615", "from 1 to 1024"),
        (
            "load U -n 99999999999999999999",
            "from 1 to 18446744073709551615",
        ),
        ("load U --work block:lognormal:1ms:nan", "sigma"),
        ("load U --target '1e999 /'", "WEIGHT"),
        ("run -w 4294967296", "from 1 to 1024"),
        ("run -w 1000000", "from 1 to 1024"),
        ("run --dispatchers 4294967296", "from 1 to 1024"),
        ("run -w 2 --weights 1,4294967296", "from 1 to 65535"),
        ("run --max-in-flight 4294967296", "from 1 to 4294967295"),
        (
            "run --seed 18446744073709551616",
            "from 0 to 18446744073709551615",
        ),
        ("run -c 4294967296", "from 1 to 1000000"),
        ("load U --max-connections 4294967296", "from 1 to 1000000"),
        ("load U --client-addresses 4294967296", "from 1 to 16777214"),
        ("run -b 4294967296", "from 1 to 100000"),
        ("run -c 4294967295", "from 1 to 1000000"),
        ("run --precision nan%", "not a share"),
        ("load U --fail-if 'p9>5ms'", "there is `p99`"),
    ] {
        let line = line.replace('U', "http://127.0.0.1:1/");
        let finished = shell(&format!("\"$0\" {line}"), folder.path());
        assert_refused(&finished, words);
    }
}

#[test]
fn faults_that_only_the_plan_sees_are_told_with_file_line_and_key() {
    let folder = tempfile::tempdir().expect("a folder");
    for (text, place) in [
        (
            "[fleet]\nworkers = 999999999\n",
            "s.toml:2:11: `workers`: invalid value: integer `999999999`, expected a whole number from 1 to 1024",
        ),
        (
            "[fleet]\nworkers = 2\nweights = [1]\n",
            "s.toml:3:11: `fleet.weights`",
        ),
        ("max_time = '1m'\n", "s.toml:1:12: `max_time`"),
        ("blocks = 0\n", "s.toml:1:10: `blocks`"),
        ("precision = '0%'\n", "s.toml:1:13: `precision`"),
        (
            "\n[load]\nduration = '0s'\n",
            "s.toml:3:12: `load.duration`",
        ),
        (
            "scenarios = ['keep-alive']\n[load]\nrate = 5.0\n",
            "s.toml:3:8: `load.rate`",
        ),
        ("[load]\nrate = nan\n", "s.toml:2:8: `rate`"),
        ("strategies = ['sinlge']\n", "s.toml:1:14: `strategies`"),
        ("scenarios = ['skewd']\n", "s.toml:1:13: `scenarios`"),
        (
            "[[scenario]]\nname = 'a'\nloop = 'closed'\nconnections = 0\nwork = '/'\n",
            "s.toml:4:15: `connections`: invalid value: integer `0`, expected a whole number from 1 to 1000000",
        ),
        (
            "[[scenario]]\nname = 'a'\nloop = 'open'\nconnections = 1\nwork = '/'\n",
            "s.toml:3:8: scenario `a`",
        ),
        ("[fleet]\nwrokers = 1\n", "did you mean `workers`?"),
    ] {
        fs::write(folder.path().join("s.toml"), text).expect("room");
        let finished = evenkeel("run --study s.toml --dry-run", folder.path());
        assert_refused(&finished, place);
    }
}

#[test]
fn a_fault_of_the_command_line_is_not_told_of_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("s.toml"), "[fleet]\nworkers = 2\n").expect("room");
    let finished = evenkeel("run --study s.toml -w 0 --dry-run", folder.path());
    assert_refused(&finished, "evenkeel: invalid value '0' for '--workers <N>'");
    fs::write(folder.path().join("s.toml"), "max_time = '1h'\n").expect("room");
    let line = "run --study s.toml --precision 5% --dry-run";
    assert_eq!(evenkeel(line, folder.path()).code, Some(0));
}

#[test]
fn faults_of_a_scenario_are_told_with_file_line_and_key() {
    let folder = tempfile::tempdir().expect("a folder");
    for (keys, place) in [
        (
            "loop = 'open'\nwork = '/'",
            "a.toml:3:8: scenario `a`: an open loop needs",
        ),
        (
            "loop = 'open'\nwork = '/'\nrate_rps = 0",
            "a.toml:5:12: `rate_rps`",
        ),
        (
            "loop = 'closed'\nwork = '/'\nrate_rps = 1",
            "a.toml:5:12: scenario `a`: `rate_rps`",
        ),
        (
            "loop = 'closed'\nwork = []",
            "a.toml:4:8: scenario `a`: `work`",
        ),
        (
            "loop = 'open'\nwork = '/'\nrate_rps = 1e8\narrivals = 'burst:0s:1s'",
            "a.toml:6:12: scenario `a`: the bursts",
        ),
    ] {
        let text = format!("name = 'a'\nconnections = 4\n{keys}\n");
        fs::write(folder.path().join("a.toml"), text).expect("room");
        let finished = evenkeel("run -s single -S a.toml --dry-run", folder.path());
        assert_refused(&finished, place);
    }
}

/// Answers each connection's requests on this address, and returns its port.
fn listen(address: &str) -> u16 {
    let listener = TcpListener::bind((address, 0)).expect("a loopback address");
    let port = listener.local_addr().expect("a bound address").port();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || {
                let lines = BufReader::new(&stream).lines().map_while(Result::ok);
                for _ in lines.filter(|line| line.is_empty()) {
                    let _ = (&stream).write_all(b"HTTP/1.1 204 No\r\n\r\n");
                }
            });
        }
    });
    port
}

/// Runs a command where the name `several.test` has two addresses; `None` where that is not allowed.
fn with_two_addresses(line: &str, folder: &Path) -> Option<Finished> {
    let hosts = "127.0.0.2 several.test\n127.0.0.3 several.test\n127.0.0.1 localhost\n";
    fs::write(folder.join("hosts"), hosts).expect("room");
    let mount = "mount --bind hosts /etc/hosts || exit 77";
    let line =
        format!("unshare --user --map-root-user --mount sh -c '{mount}; {line}' \"$0\" || exit $?");
    let finished = shell(&line, folder);
    let is_allowed = finished.code != Some(77) && !finished.err.contains("unshare");
    if !is_allowed {
        eprintln!("skipped: no mount namespace");
    }
    is_allowed.then_some(finished)
}

#[test]
fn all_addresses_of_a_name_are_tried_in_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let port = listen("127.0.0.3");
    let line = format!("\"$0\" load http://several.test:{port}/ -n 5 -c 1 -q");
    if let Some(finished) = with_two_addresses(&line, folder.path()) {
        assert_eq!(finished.code, Some(0), "{finished:?}");
    }
    let line = "\"$0\" load http://several.test:1/ -n 5 -c 1 -q";
    if let Some(finished) = with_two_addresses(line, folder.path()) {
        assert_eq!(finished.code, Some(1), "{finished:?}");
        for address in ["127.0.0.2:1", "127.0.0.3:1"] {
            assert!(finished.err.contains(address), "{finished:?}");
        }
    }
}
