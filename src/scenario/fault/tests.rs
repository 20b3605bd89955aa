use std::path::Path;

use evenkeel_common::toml_file::{self, Origin};

use super::*;

const SCENARIO: &str = "name = \"mine\"\nloop = \"closed\"\nconnections = 8\nwork = \"/\"\n";
const SECOND: Duration = Duration::from_secs(1);

fn fleet(workers: usize, seed: u64) -> Hit {
    Hit {
        workers,
        dispatchers: 1,
        seed,
    }
}

/// Reads a scenario with these events and checks it with this fleet and a second of measured time.
fn read(events: &str, fleet: Hit) -> Result<Scenario, String> {
    let (path, text) = (Path::new("mine.toml"), format!("{SCENARIO}{events}"));
    let scenario: Scenario = toml_file::parse(&text, path).map_err(|error| error.to_string())?;
    let origin = Origin::root(path, &text);
    let scenario = Scenario { origin, ..scenario };
    let checked = scenario.check();
    let checked =
        checked.and_then(|()| scenario.check_changes(SECOND, fleet.workers, fleet.dispatchers));
    let checked = checked.and_then(|()| scenario.check_faults(SECOND, fleet));
    checked.map_err(|error| error.to_string())?;
    Ok(scenario)
}

fn plan(events: &str, fleet: Hit) -> Vec<String> {
    let scenario = read(events, fleet).expect(events);
    let faults = scenario.faults(SECOND, fleet);
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn events_become_faults_in_the_order_of_their_times() {
    let table: [(&str, &[&str]); 7] = [
        (
            "[[event]]\nat = '500ms'\ndo = 'hang'\nworkers = [0, 3]\nfor = '100ms'\n\
             [[event]]\nat = '200ms'\ndo = 'crash'\nworkers = [1]",
            &[
                "200ms: crash worker 1",
                "500ms: hang worker 0, worker 3, until 600ms",
            ],
        ),
        (
            "[[event]]\nat = '0s'\ndo = 'crash'\nsignal = 'segv'\nworkers = [1]",
            &["0s: crash worker 1 by SIGSEGV"],
        ),
        (
            "[[event]]\nevery = '400ms'\ndo = 'pause'\nworkers = [2]\nfor = '200ms'",
            &[
                "400ms: pause worker 2 for 100ms in each 1s, until 600ms",
                "800ms: pause worker 2 for 100ms in each 1s, until 1s",
            ],
        ),
        (
            "[[event]]\nat = '1ms'\ndo = 'throttle'\ncpus = 0.2\ndispatchers = [0]\nfor = '2ms'",
            &["1ms: throttle dispatcher 0 to 0.2 CPUs, until 3ms"],
        ),
        (
            "[[event]]\nat = '0s'\ndo = 'slow'\ntimes = 12\nworkers = [0]\nfor = '2ms'\n\
             [[event]]\nat = '1ms'\ndo = 'slow'\ntakes = 'exp:2s'\nworkers = [1]\nfor = '2ms'\n\
             [[event]]\nat = '2ms'\ndo = 'fail-fast'\nworkers = [2]\nfor = '2ms'\n\
             [[event]]\nat = '3ms'\ndo = 'drip'\nworkers = [3]\nfor = '2ms'",
            &[
                "0s: slow worker 0 12 times, until 2ms",
                "1ms: slow worker 1 to 2s on average, until 3ms",
                "2ms: fail fast at worker 2, until 4ms",
                "3ms: drip at worker 3, a byte each 100ms, until 5ms",
            ],
        ),
        // Faults of different workers may overlap, and one of the same worker may follow.
        (
            "[[event]]\nat = '0s'\ndo = 'hang'\nworkers = [0]\nfor = '2ms'\n\
             [[event]]\nat = '1ms'\ndo = 'throttle'\ncpus = 1\nworkers = [1]\nfor = '2ms'\n\
             [[event]]\nat = '2ms'\ndo = 'hang'\nworkers = [0]\nfor = '2ms'",
            &[
                "0s: hang worker 0, until 2ms",
                "1ms: throttle worker 1 to 1 CPUs, until 3ms",
                "2ms: hang worker 0, until 4ms",
            ],
        ),
        // A worker that was added before.
        (
            "[[event]]\nat = '1ms'\ndo = 'scale'\nworkers = 8\n\
             [[event]]\nat = '2ms'\ndo = 'hang'\nworkers = [7]\nfor = '1ms'",
            &["2ms: hang worker 7, until 3ms"],
        ),
    ];
    for (events, expected) in table {
        assert_eq!(plan(events, fleet(4, 1)), expected, "{events}");
    }
}

#[test]
fn workers_are_drawn_from_the_seed() {
    let drawn = |whom: &str, seed| {
        let event = format!("[[event]]\nevery = '100ms'\ndo = 'hang'\n{whom}\nfor = '1ms'");
        let fleet = fleet(8, seed);
        let scenario = read(&event, fleet).expect(&event);
        let faults = scenario.faults(SECOND, fleet).into_iter();
        faults.map(|planned| planned.roles).collect::<Vec<_>>()
    };
    for (whom, expected) in [("count = 3", 3), ("share = '25%'", 2), ("share = '1%'", 1)] {
        let first = drawn(whom, 1);
        assert!(first.iter().all(|roles| roles.len() == expected), "{whom}");
        assert_eq!(first, drawn(whom, 1), "{whom}");
        assert_ne!(first, drawn(whom, 2), "{whom}");
        assert!(first.iter().any(|roles| *roles != first[0]), "{whom}");
    }
}

#[test]
fn what_is_wrong_in_a_fault_is_named_with_file_line_and_column() {
    for (event, expected) in [
        (
            "do = 'hang'\nworkers = [0]",
            "`do = \"hang\"` needs the time for which it lasts",
        ),
        (
            "do = 'hang'\nfor = '0s'\nworkers = [0]",
            "mine.toml:8:7: scenario `mine`: `for` is 0",
        ),
        (
            "do = 'hang'\nfor = '1ms'",
            "needs to know whom it hits, in one way",
        ),
        (
            "do = 'hang'\nfor = '1ms'\nworkers = [0]\ncount = 1",
            "in one way",
        ),
        (
            "do = 'hang'\nfor = '1ms'\nworkers = 1",
            "mine.toml:9:11: scenario `mine`: `workers` of a fault is a list",
        ),
        (
            "do = 'hang'\nfor = '1ms'\nworkers = [4]",
            "mine.toml:9:11: scenario `mine`: there is no worker 4 at 1ms: the fleet has 4 workers then",
        ),
        (
            "do = 'hang'\nfor = '1ms'\ndispatchers = [1]",
            "there is no dispatcher 1 at 1ms: the fleet has 1 dispatcher then",
        ),
        (
            "do = 'hang'\nfor = '1s'\nworkers = [0]",
            "mine.toml:8:7: scenario `mine`: the fault would last until 1.001s",
        ),
        (
            "do = 'hang'\nfor = '1ms'\nworkers = [0, 0]",
            "worker 0 is hit twice at 1ms",
        ),
        (
            "do = 'hang'\nfor = '1ms'\nworkers = [0, 1, 2, 3]",
            "at 1ms none of the 4 workers could answer",
        ),
        (
            "do = 'hang'\nfor = '1ms'\nshare = '100%'",
            "at 1ms none of the 4 workers could answer",
        ),
        (
            "do = 'hang'\nfor = '1ms'\nshare = '3'",
            "mine.toml:9:9: `share`: `3` is not a share",
        ),
        (
            "do = 'hang'\nfor = '1ms'\ncount = 0",
            "mine.toml:9:9: `count`: invalid value",
        ),
        (
            "do = 'crash'\nfor = '1ms'\nworkers = [0]",
            "mine.toml:8:7: scenario `mine`: `for` belongs to",
        ),
        (
            "do = 'crash'\nsignal = 'term'\nworkers = [0]",
            "mine.toml:8:10: `signal`: unknown variant `term`",
        ),
        (
            "do = 'slow'\nfor = '1ms'\nworkers = [0]",
            "`do = \"slow\"` needs to know how slow",
        ),
        (
            "do = 'slow'\nfor = '1ms'\nworkers = [0]\ntimes = 2\ntakes = '1s'",
            "in one way: `times = 12` or `takes",
        ),
        (
            "do = 'slow'\nfor = '1ms'\nworkers = [0]\ntakes = '2h'",
            "mine.toml:10:9: `takes`: `2h` is not a time of work",
        ),
        (
            "do = 'leak'\nfor = '1ms'\ndispatchers = [0]",
            "mine.toml:9:15: scenario `mine`: `do = \"leak\"` is a fault that only workers have",
        ),
        (
            "do = 'fail-fast'\nfor = '1ms'\nshare = '100%'",
            "at 1ms none of the 4 workers could answer",
        ),
        (
            "do = 'throttle'\nfor = '1ms'\nworkers = [0]",
            "`do = \"throttle\"` needs the CPU time that is left",
        ),
        (
            "do = 'throttle'\nfor = '1ms'\nworkers = [0]\ncpus = 0",
            "mine.toml:10:8: `cpus`:",
        ),
        (
            "do = 'pause'\nfor = '1ms'\nworkers = [0]\nstopped = '1s'",
            "so it would never run",
        ),
        (
            "do = 'reload'\ncount = 1",
            "mine.toml:8:9: scenario `mine`: `count` says whom a fault hits",
        ),
        (
            "do = 'scale'\nworkers = [1]",
            "mine.toml:8:11: scenario `mine`: `workers` says whom a fault hits",
        ),
        (
            "do = 'restart'\nworkers = 1\nworker = 0",
            "`workers` belongs to `do = \"scale\"`",
        ),
    ] {
        let error = read(&format!("[[event]]\nat = '1ms'\n{event}"), fleet(4, 1)).expect_err(event);
        assert!(error.contains(expected), "{event}\n{error}");
    }
    let later = "[[event]]\nat = '1s'\ndo = 'crash'\nworkers = [0]";
    assert!(
        read(later, fleet(4, 1)).is_err_and(|error| error.contains("the event would come at 1s"))
    );
}

#[test]
fn faults_that_overlap_are_refused() {
    let two = |first: &str, second: &str| {
        let events = format!("[[event]]\nat = '1ms'\n{first}\n[[event]]\nat = '2ms'\n{second}");
        read(&events, fleet(3, 1)).expect_err(&events)
    };
    let hang = "do = 'hang'\nfor = '5ms'\nworkers = [0]";
    let error = two(hang, hang);
    let expected =
        "mine.toml:12:6: scenario `mine`: at 2ms worker 0 has another fault, from 1ms until 6ms";
    assert!(error.contains(expected), "{error}");
    let pause = "do = 'pause'\nfor = '5ms'\nworkers = [0]";
    assert!(two(hang, pause).contains("has another fault"));
    let error = two("do = 'crash'\nworkers = [0]", hang);
    assert!(
        error.contains("at 2ms worker 0 has crashed at 1ms"),
        "{error}"
    );
    let error = two(hang, "do = 'crash'\nworkers = [1, 2]");
    assert!(
        error.contains("at 2ms none of the 3 workers could answer"),
        "{error}"
    );
}

#[test]
fn the_only_worker_may_have_a_fault_and_all_may_have_one_with_which_they_answer() {
    let event = "[[event]]\nat = '1ms'\ndo = 'hang'\nfor = '1ms'\nworkers = [0]";
    assert_eq!(plan(event, fleet(1, 1)), ["1ms: hang worker 0, until 2ms"]);
    let event = "[[event]]\nat = '1ms'\ndo = 'throttle'\ncpus = 1\nfor = '1ms'\nshare = '100%'";
    assert_eq!(plan(event, fleet(2, 1)).len(), 1);
}

#[test]
fn a_scenario_with_faults_is_recorded_as_it_was_read() {
    let events = "[[event]]\nat = '100ms'\ndo = 'hang'\nshare = '25%'\nfor = '10ms'\n\
                  [[event]]\nat = '1ms'\ndo = 'crash'\nworkers = [1, 2]";
    let scenario = read(events, fleet(8, 1)).expect("events");
    let recorded = scenario.record(8);
    let again: Scenario = toml_file::parse(&recorded.toml, Path::new("it")).expect("TOML");
    assert_eq!(again, scenario);
    let load = recorded.load;
    let expected = ", hang 25% of the workers for 10ms at 100ms, crash workers 1, 2 at 1ms";
    assert!(load.ends_with(expected), "{load}");
}
