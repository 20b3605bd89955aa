//! Invalid input: one paragraph that says what to do, exit code 2 or 1, and no files.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use crate::program::{Finished, evenkeel, shell};

/// Asserts the exit code, that the message is one paragraph with these words, and that the
/// folder is still empty.
fn assert_refused(finished: &Finished, code: i32, words: &str, folder: &Path) {
    assert_eq!(finished.code, Some(code), "{finished:?}");
    assert!(finished.err.starts_with("evenkeel: "), "{finished:?}");
    assert!(
        finished.err.contains(words),
        "{words} is missing in {finished:?}"
    );
    assert_eq!(finished.err.trim_end().lines().count(), 1, "{finished:?}");
    assert_eq!(finished.out, "");
    let left = fs::read_dir(folder).expect("a folder").count();
    assert_eq!(left, 0, "something was left behind");
}

#[test]
fn invalid_arguments_are_refused_with_a_remedy() {
    let folder = tempfile::tempdir().expect("a folder");
    for (line, words) in [
        ("run -s handof:stiky", "did you mean `handoff:sticky`?"),
        ("run -S skewd", "did you mean `skewed`?"),
        ("run -S no/such.toml", "no/such.toml cannot be read"),
        ("run --study no.toml", "no.toml cannot be read"),
        ("run --resume nowhere", "nowhere"),
        (
            "run -w 0",
            "'0' for '--workers <N>': write a whole number from 1 to 1024",
        ),
        ("run --dispatchers 0", "'0' for '--dispatchers <N>'"),
        ("run -w 1025", "'1025' for '--workers <N>'"),
        (
            "run -w 3 --weights 2,1",
            "`--weights` has 2 weights for 3 workers",
        ),
        ("run -w 2 --weights 2,0", "'0' for '--weights"),
        ("run -w 2 --weights 2,70000", "from 1 to 65535"),
        ("run -w 2 --weights 2,x", "'x' for '--weights"),
        ("run -w 2 --weights 2,-1", "'-1' for '--weights"),
        ("run --max-in-flight 0", "'0' for '--max-in-flight <N>'"),
        ("run --max-in-flight=-1", "'-1' for '--max-in-flight"),
        (
            "serve -s splice:weighted -w 1 --weights 2,1",
            "give one for each",
        ),
        (
            "serve -s proxy:late-binding --max-in-flight 0",
            "'0' for '--max-in-flight <N>'",
        ),
        (
            "serve -s single --counter abacus",
            "'abacus' for '--counter",
        ),
        (
            "run --worker-command true --counter messages",
            "counts its requests itself",
        ),
        ("run --user no-such-user", "`--user` is no-such-user"),
        ("run --head-timeout 0s", "`--head-timeout` is 0s"),
        (
            "serve -s single --stall-timeout 10us",
            "`--stall-timeout` is 10us",
        ),
        (
            "run -b 0",
            "'0' for '--blocks <N>': write a whole number from 1 to 100000",
        ),
        ("run -d 0s", "`--duration` is 0"),
        ("run -c 0", "'0' for '--connections <N>'"),
        ("run -S skewed --rate NaN", "'NaN' for '--rate <RPS>'"),
        ("run -S skewed --rate -5", "'-5' for '--rate <RPS>'"),
        ("run -c -5", "'-5' for '--connections <N>'"),
        ("run --wrokers 3", "a similar argument exists: '--workers'"),
        ("run -d soon", "`soon` is not a duration"),
        ("run --server-cpus x", "`x` is not a set of CPUs"),
        ("report x --format pdf", "[possible values: text, csv"),
        ("rnu", "unrecognized subcommand 'rnu'"),
        ("run -S keep-alive --rate 5", "`--rate` needs an open loop"),
        ("run --server-cpus 1000", "which this process may not use"),
        ("serve -s handof", "did you mean `handoff`"),
        ("serve -s handoff", "selects several strategies"),
        ("serve -s single -w 0", "'0' for '--workers <N>'"),
        ("serve -s single --listen 8080", "such as 127.0.0.1:8080"),
        (
            "serve -s proxy:sticky --send-proxy v1",
            "is for layer-4 proxies",
        ),
        (
            "serve -s splice:sticky --send-proxy v3",
            "'v3' for '--send-proxy",
        ),
        (
            "load ftp://127.0.0.1/",
            "is not an http://, https://, ws:// or wss:// URL",
        ),
        ("load http:///path", "names no host"),
        ("load http://no.invalid/", "does not resolve"),
        (
            "load http://me:secret@127.0.0.1/",
            "a user name or a password",
        ),
        ("load http://127.0.0.1/#top", "has a fragment"),
        (
            "load http://127.0.0.1:1/ --send-proxy 2",
            "'2' for '--send-proxy",
        ),
        ("load http://127.0.0.1/\u{e9}", "percent-encoded"),
        ("load http://127.0.0.1:0/", "from 1 to 65535"),
        ("load http://127.0.0.1:1/ --insecure", "plain http://"),
        (
            "load https://127.0.0.1:1/ --cacert no.pem",
            "no.pem cannot be read",
        ),
        (
            "load https://127.0.0.1:1/ --cacert /dev/null",
            "no PEM certificate",
        ),
        ("load http://127.0.0.1:1/a --work spin:1us", "leave one out"),
        ("load http://127.0.0.1:1/a --target /b", "leave one out"),
        ("load http://192.0.2.1/", "is not on this machine"),
        (
            "load http://127.0.0.1:1/ --rate 0",
            "'0' for '--rate <RPS>'",
        ),
        (
            "load http://127.0.0.1:1/ -H nonsense",
            "is not a header field",
        ),
        (
            "load http://127.0.0.1:1/ --requests-per-connection 0",
            "'0' for '--requests-per-connection <N>': write a whole number from 1 to",
        ),
        ("load http://127.0.0.1:1/ -s a.lua", "an option of wrk"),
        ("load http://127.0.0.1:1/ -q 100", "write `--rate N`"),
        ("load http://127.0.0.1:1/ -t 30s", "write `--timeout 5s`"),
        ("load http://127.0.0.1:1/ -d {}", "write `--body TEXT`"),
        (
            "load http://127.0.0.1:1/ -disable-keepalive",
            "write `--requests-per-connection 1`",
        ),
        ("report nowhere", "nowhere"),
    ] {
        assert_refused(&evenkeel(line, folder.path()), 2, words, folder.path());
    }
}

#[test]
fn without_a_command_help_goes_to_stderr() {
    let folder = tempfile::tempdir().expect("a folder");
    let finished = evenkeel("", folder.path());
    assert_eq!(
        (finished.code, finished.out.as_str()),
        (Some(2), ""),
        "{finished:?}"
    );
    assert!(finished.err.contains("Usage:"), "{finished:?}");
}

#[test]
fn a_wrong_key_is_named_with_file_and_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let mine = folder.path().join("mine.toml");
    fs::write(
        &mine,
        "name = 'x'\nloop = 'closed'\nconections = 4\nwork = '/'\n",
    )
    .expect("room");
    let finished = evenkeel("run -S mine.toml", folder.path());
    assert_eq!(finished.code, Some(2));
    assert!(
        finished
            .err
            .contains("mine.toml:3:1: unknown field `conections`"),
        "{finished:?}"
    );

    fs::write(&mine, "blocks = 2\n\n[fleet]\nwrokers = 4\n").expect("room");
    let finished = evenkeel("run --study mine.toml", folder.path());
    assert_eq!(finished.code, Some(2));
    assert!(
        finished
            .err
            .contains("mine.toml:4:1: unknown field `wrokers`"),
        "{finished:?}"
    );
}

#[test]
fn a_file_that_is_not_text_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("sub")).expect("room");
    fs::write(folder.path().join("mine.toml"), b"name = '\xff'\n").expect("room");
    for (line, words) in [
        ("run -S sub", "sub cannot be read: it is a folder"),
        ("run --study sub", "sub cannot be read: it is a folder"),
        (
            "run -S mine.toml",
            "mine.toml cannot be read: it is not text in UTF-8",
        ),
        ("report sub", "sub/results.jsonl"),
        ("report mine.toml", "is it a results.jsonl of evenkeel?"),
        ("run --resume sub", "sub/results.jsonl"),
    ] {
        let finished = evenkeel(line, folder.path());
        assert_eq!(finished.code, Some(2), "{finished:?}");
        assert!(
            finished.err.contains(words),
            "{words} is missing in {finished:?}"
        );
    }
}

#[test]
fn a_low_limit_of_open_files_is_reported_before_anything_starts() {
    let folder = tempfile::tempdir().expect("a folder");
    let finished = shell(
        "ulimit -n 100; exec \"$0\" run -S keep-alive",
        folder.path(),
    );
    assert_refused(&finished, 2, "the hard limit is 100", folder.path());
    let load = "exec \"$0\" load http://127.0.0.1:1/ -c 64";
    let finished = shell(&format!("ulimit -n 100; {load}"), folder.path());
    assert_refused(&finished, 2, "the hard limit is 100", folder.path());
}

#[test]
fn a_process_without_enough_open_files_for_its_workers_reports_a_remedy() {
    let folder = tempfile::tempdir().expect("a folder");
    // Enough for the listeners of all threads, but not for their event loops as well.
    let finished = shell(
        "ulimit -n 700; exec \"$0\" serve -s threads:per-core -w 200 --listen 127.0.0.1:0",
        folder.path(),
    );
    assert_refused(&finished, 1, "raise the limit of open files", folder.path());
}

#[test]
fn a_port_in_use_cannot_be_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("bound").to_string();
    let finished = evenkeel(
        &format!("serve -s single --listen {address}"),
        folder.path(),
    );
    assert_refused(&finished, 1, &address, folder.path());
}

#[test]
fn load_without_a_server_fails() {
    let folder = tempfile::tempdir().expect("a folder");
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = free.local_addr().expect("bound");
    drop(free);
    let finished = evenkeel(
        &format!("load http://{address}/ -c 2 -d 100ms"),
        folder.path(),
    );
    assert_eq!(finished.code, Some(1), "{finished:?}");
    assert!(
        finished.err.contains("nobody could be reached"),
        "{finished:?}"
    );
}
