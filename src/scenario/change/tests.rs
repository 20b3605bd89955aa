use std::path::Path;

use evenkeel_common::toml_file::{self, Origin};

use super::*;

const SCENARIO: &str = "name = \"mine\"\nloop = \"closed\"\nconnections = 8\nwork = \"/\"\n";
const SECOND: Duration = Duration::from_secs(1);

/// Reads a scenario with these events and checks it with four workers, two dispatchers and a second of
/// measured time.
fn read(events: &str) -> Result<Scenario, String> {
    let (path, text) = (Path::new("mine.toml"), format!("{SCENARIO}{events}"));
    let scenario: Scenario = toml_file::parse(&text, path).map_err(|error| error.to_string())?;
    let origin = Origin::root(path, &text);
    let scenario = Scenario { origin, ..scenario };
    let checked = scenario.check();
    let checked = checked.and_then(|()| scenario.check_changes(SECOND, 4, 2));
    checked.map_err(|error| error.to_string())?;
    Ok(scenario)
}

fn plan(events: &str) -> Vec<String> {
    let scenario = read(events).expect(events);
    let changes = scenario.changes(SECOND);
    changes.iter().map(ToString::to_string).collect()
}

#[test]
fn events_become_changes_in_the_order_of_their_times() {
    let table: [(&str, &[&str]); 8] = [
        ("", &[]),
        ("[[event]]\nat = '0s'\ndo = 'reload'", &["0s: reload"]),
        (
            "[[event]]\nat = '0s'\ndo = 'replace-dispatcher'\n\
             [[event]]\nat = '1ms'\ndo = 'replace-dispatcher'\ndispatcher = 1\ndrain = '1s'",
            &[
                "0s: replace every dispatcher",
                "1ms: replace dispatcher 1, drain within 1s",
            ],
        ),
        (
            "[[event]]\nevery = '400ms'\ndo = 'restart'\nworker = 3",
            &["400ms: restart worker 3", "800ms: restart worker 3"],
        ),
        (
            "[[event]]\nat = '100ms'\nevery = '300ms'\nuntil = '700ms'\ndo = 'reload'\n\
             order = 'all-at-once'\noverlap = 'drain-then-start'\ndrain = '2s'",
            &[
                "100ms: reload all at once, drain then start, drain within 2s",
                "400ms: reload all at once, drain then start, drain within 2s",
            ],
        ),
        (
            "[[event]]\nat = '500ms'\ndo = 'scale'\nworkers = 1\n\
             [[event]]\nat = '200ms'\ndo = 'scale'\nworkers = 8",
            &["200ms: scale to 8 workers", "500ms: scale to 1 worker"],
        ),
        (
            "[[event]]\nat = '200ms'\ndo = 'scale'\nworkers = 8\nclose = '12.5%'",
            &["200ms: scale to 8 workers, close 12.5%"],
        ),
        (
            "[[event]]\nat = '200ms'\ndo = 'reload'\n\
             [[event]]\nevery = '200ms'\nuntil = '300ms'\ndo = 'restart'\nworker = 0",
            &["200ms: reload", "200ms: restart worker 0"],
        ),
    ];
    for (events, expected) in table {
        assert_eq!(plan(events), expected, "{events}");
    }
}

#[test]
fn what_is_wrong_in_an_event_is_named_with_file_line_and_column() {
    for (event, expected) in [
        (
            "do = 'relod'\nat = '1ms'",
            "mine.toml:6:6: `do`: unknown variant `relod`",
        ),
        (
            "at = '1'\ndo = 'reload'",
            "mine.toml:6:6: `at`: `1` is not a duration",
        ),
        (
            "at = '1ms'\ndo = 'reload'\nodrer = 'x'",
            "mine.toml:8:1: unknown field `odrer`",
        ),
        (
            "do = 'reload'",
            "mine.toml:6:6: scenario `mine`: an event needs a time",
        ),
        (
            "every = '0s'\ndo = 'reload'",
            "mine.toml:6:9: scenario `mine`: `every` is 0",
        ),
        (
            "at = '1ms'\nuntil = '2ms'\ndo = 'reload'",
            "mine.toml:7:9: scenario `mine`: `until`",
        ),
        (
            "every = '5ms'\nuntil = '5ms'\ndo = 'reload'",
            "mine.toml:7:9: scenario `mine`: `until` is 5ms, and the event comes first at 5ms",
        ),
        (
            "at = '1s'\ndo = 'reload'",
            "mine.toml:6:6: scenario `mine`: the event would come at 1s",
        ),
        (
            "every = '2s'\ndo = 'reload'",
            "mine.toml:6:9: scenario `mine`: the event would come at 2s",
        ),
        (
            "every = '10us'\ndo = 'reload'",
            "the event would come more than 10000 times",
        ),
        (
            "at = '1ms'\ndo = 'scale'\nworkers = 0",
            "mine.toml:8:11: `workers`: invalid value",
        ),
        (
            "at = '1ms'\ndo = 'scale'",
            "`do = \"scale\"` needs the number of workers",
        ),
        (
            "at = '1ms'\ndo = 'scale'\nworkers = 8\nclose = '0%'",
            "mine.toml:9:9: scenario `mine`: `close` is too small",
        ),
        ("at = '1ms'\ndo = 'restart'", "needs the number of a worker"),
        (
            "at = '1ms'\ndo = 'restart'\nworker = 4",
            "mine.toml:8:10: scenario `mine`: there is no worker 4 at 1ms: the fleet has 4 workers then",
        ),
        (
            "at = '1ms'\ndo = 'replace-dispatcher'\ndispatcher = 2",
            "mine.toml:8:14: scenario `mine`: there is no dispatcher 2: the fleet has 2 dispatchers",
        ),
        (
            "at = '1ms'\ndo = 'restart'\nworker = 0\ndrain = '1s'",
            "mine.toml:9:9: scenario `mine`: `drain` belongs to `do = \"reload\"`",
        ),
    ] {
        let error = read(&format!("[[event]]\n{event}")).expect_err(event);
        assert!(error.contains(expected), "{event}\n{error}");
    }
}

#[test]
fn a_worker_that_was_added_before_can_be_restarted() {
    let events = |scaled_at: &str| {
        format!(
            "[[event]]\nat = '500ms'\ndo = 'restart'\nworker = 7\n\
             [[event]]\nat = '{scaled_at}'\ndo = 'scale'\nworkers = 8"
        )
    };
    assert_eq!(read(&events("400ms")).map(|it| it.most_workers(4)), Ok(8));
    assert!(read(&events("600ms")).is_err());
}

#[test]
fn a_reload_that_leaves_nobody_listening_is_allowed_and_told() {
    for (variant, workers, told) in [
        ("", 1, false),
        ("overlap = 'drain-then-start'", 4, false),
        ("overlap = 'drain-then-start'", 1, true),
        (
            "overlap = 'drain-then-start'\norder = 'all-at-once'",
            4,
            true,
        ),
    ] {
        let events = format!("[[event]]\nat = '1ms'\ndo = 'reload'\n{variant}");
        let warnings = read(&events).expect(variant).warnings_of_changes(workers);
        assert_eq!(warnings.len(), usize::from(told), "{variant}: {warnings:?}");
    }
}

#[test]
fn a_scenario_with_events_is_recorded_as_it_was_read() {
    let events = "[[event]]\nat = '100ms'\nevery = '300ms'\ndo = 'reload'\ndrain = '2s'\n\
                  [[event]]\nat = '1ms'\ndo = 'scale'\nworkers = 6";
    let scenario = read(events).expect("events");
    let recorded = scenario.record(4);
    let again: Scenario = toml_file::parse(&recorded.toml, Path::new("it")).expect("TOML");
    assert_eq!(again, scenario);
    assert!(
        recorded.load.ends_with(
            ", reload, drain within 2s every 300ms from 100ms on, scale to 6 workers at 1ms"
        ),
        "{}",
        recorded.load
    );
}
