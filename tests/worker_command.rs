//! Workers that run a program of the user: what it is given, what may go wrong, and that nothing of it is left.

mod support;

use std::fs;
use std::iter;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::Duration;

use evenkeel_strategies::{
    Change, CommandContract, Deployment, FleetEvent, FleetEventKind, FleetSpec, Host, Reload,
    Respawn, Snapshot, Strategy, WorkerCommand, catalog,
};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use support::client::Client;
use support::processes::{children_of, eventually, is_alive};
use support::{SKIPPED, fleet_spec, launch_as};

/// Strategies of every mechanism that can serve a program.
const FITTING: [&str; 7] = [
    "single",
    "shared-listener",
    "reuseport",
    "splice:least-connections",
    "splice-sockmap:round-robin",
    "proxy:round-robin",
    "nat:random",
];

fn strategy(key: &str) -> &'static dyn Strategy {
    catalog::select(&[key]).expect("a key")[0]
}

/// Strategies of this list that the host supports.
fn supported(keys: &[&'static str]) -> Vec<&'static dyn Strategy> {
    let host = Host::probe();
    let all = keys.iter().map(|key| strategy(key));
    all.filter(|strategy| {
        let unmet = strategy.check(&host).err();
        if let Some(unmet) = &unmet {
            eprintln!("{SKIPPED}{}: {unmet}", strategy.key());
        }
        unmet.is_none()
    })
    .collect()
}

fn app(name: &str) -> String {
    format!("{}/studies/apps/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Whether this host has a program; a missing one is a skip.
fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        eprintln!("{SKIPPED}{program}: it is not installed");
    }
    found
}

fn command(program: &str, args: &[&str]) -> WorkerCommand {
    WorkerCommand {
        args: args.iter().map(|arg| (*arg).to_owned()).collect(),
        // An interpreter may start slowly while other tests compile.
        ready_within: Duration::from_secs(60),
        ..WorkerCommand::new(program)
    }
}

fn shell(script: &str) -> WorkerCommand {
    command("sh", &["-c", script])
}

fn spec(command: WorkerCommand) -> FleetSpec {
    let mut spec = fleet_spec(2);
    spec.ready_within += command.ready_within;
    spec.command = Some(command);
    spec
}

/// Runs a check in a thread of its own, which may enter the namespace of a fleet.
fn with_fleet(
    strategy: &dyn Strategy,
    command: WorkerCommand,
    check: impl FnOnce(Deployment) + Send,
) {
    std::thread::scope(|scope| {
        scope.spawn(|| check(launch_as(strategy, &spec(command))));
    });
}

fn get(fleet: &Deployment, target: &str) -> (u16, String, bool) {
    let mut client = Client::connect(fleet.address()).expect("it listens");
    let answer = client.get(target).expect("an answer");
    let names_worker = answer
        .fields
        .iter()
        .any(|(name, _)| name == "x-evenkeel-worker");
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    (answer.status, body, names_worker)
}

/// Checks that a real application answers under every mechanism, and that only what it tells is known.
fn serves(command: &WorkerCommand, greeting: &str) {
    for strategy in supported(&FITTING) {
        let key = strategy.key();
        with_fleet(strategy, command.clone(), |fleet| {
            for _ in 0..10 {
                let (status, body, names_worker) = get(&fleet, "/");
                assert_eq!(status, 200, "{key}: {body}");
                assert!(body.contains(greeting), "{key}: {body}");
                assert!(!names_worker, "{key}");
            }
            assert_eq!(get(&fleet, "/none").0, 404, "{key}");
            for worker in fleet.snapshot().workers {
                assert_eq!(worker.connections_accepted, None, "{key}");
                assert_eq!(worker.requests_served, None, "{key}");
                assert!(worker.cpu.is_some_and(|cpu| !cpu.total.is_zero()), "{key}");
            }
            fleet.stop();
        });
    }
}

#[test]
fn an_application_on_node_serves_under_every_fitting_mechanism() {
    if has("node") {
        serves(&command("node", &[&app("app.js")]), "from Node");
    }
}

#[test]
fn an_application_on_python_serves_under_every_fitting_mechanism() {
    if has("python3") {
        let mut python = command("python3", &[&app("app.py")]);
        python.health = Some("/healthz".to_owned());
        serves(&python, "from Python");
    }
}

#[test]
fn an_application_in_rust_serves_under_every_fitting_mechanism() {
    if !has("rustc") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let built = folder.path().join("shop");
    let mut compiler = Command::new("rustc");
    compiler.args(["--edition=2024", "-O", &app("app.rs"), "-o"]);
    assert!(compiler.arg(&built).status().expect("rustc").success());
    serves(&command(built.to_str().expect("UTF-8"), &[]), "from Rust");
}

#[test]
fn a_strategy_that_no_program_can_serve_says_why_and_names_others() {
    for strategy in catalog::ALL.iter() {
        let (key, contract) = (strategy.key(), strategy.profile().command);
        let refused = catalog::check_command(*strategy).err();
        let CommandContract::None(reason) = contract else {
            assert_eq!(refused, None, "{key}");
            continue;
        };
        let refused = refused.expect(key).to_string();
        assert!(refused.contains(reason), "{refused}");
        let others = "single, shared-listener, reuseport, nat, splice, splice-sockmap, proxy";
        assert!(refused.ends_with(others), "{refused}");
    }
    for key in [
        "handoff:idle",
        "threads:per-core",
        "reuseport:least",
        "shared-listener:herd",
    ] {
        let contract = strategy(key).profile().command;
        assert!(matches!(contract, CommandContract::None(_)), "{key}");
    }
}

/// A program that answers with its environment, and the arguments and folder that it has.
const TELLS: &str = "
import http.server, json, os, sys, socket
class Tells(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        seen = {'env': dict(os.environ), 'args': sys.argv[1:], 'cwd': os.getcwd(), 'pid': os.getpid()}
        body = json.dumps(seen).encode()
        self.send_response(200)
        self.send_header('content-length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
if 'PORT' in os.environ:
    server = http.server.HTTPServer((os.environ['HOST'], int(os.environ['PORT'])), Tells)
else:
    server = http.server.HTTPServer(('127.0.0.1', 0), Tells, False)
    server.socket = socket.socket(fileno=3)
server.serve_forever()
";

#[test]
fn a_program_gets_its_socket_or_port_its_arguments_and_the_users_environment() {
    if !has("python3") {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = command("python3", &["-c", TELLS, "two words"]);
    command
        .env
        .insert("GREETING".to_owned(), "a=b c".to_owned());
    command.cwd = Some(folder.path().to_owned());
    let home = std::env::var_os("HOME").expect("a shell sets it");
    for (key, by_port) in [("reuseport", false), ("proxy:round-robin", true)] {
        with_fleet(strategy(key), command.clone(), |fleet| {
            let (_, seen, _) = get(&fleet, "/");
            let seen: serde_json::Value = serde_json::from_str(&seen).expect("JSON");
            let env = &seen["env"];
            assert_eq!(seen["args"], serde_json::json!(["two words"]));
            assert_eq!(
                Path::new(seen["cwd"].as_str().expect("text")),
                folder.path()
            );
            assert_eq!(env["GREETING"], "a=b c");
            assert_eq!(env["HOME"].as_str(), home.to_str());
            assert_eq!(env["PORT"].is_string(), by_port, "{key}");
            assert_eq!(env["LISTEN_FDS"].is_string(), !by_port, "{key}");
            if !by_port {
                assert_eq!(env["LISTEN_PID"].as_str(), Some(&*seen["pid"].to_string()));
            }
            let names = env.as_object().expect("a table").keys();
            let own: Vec<_> = names.filter(|name| name.starts_with("EVENKEEL_")).collect();
            assert!(own.is_empty(), "{own:?}");
        });
    }
}

/// The variable by which programs that cannot serve are found.
const MARK: &str = "CANNOT_SERVE";

/// Whether a program is left that could not serve.
fn any_is_left() -> bool {
    let processes = fs::read_dir("/proc").expect("Linux has /proc");
    let environments = processes.filter_map(|it| fs::read(it.ok()?.path().join("environ")).ok());
    let mut environments = environments.map(|it| String::from_utf8_lossy(&it).into_owned());
    environments.any(|environment| environment.contains(MARK))
}

/// Launches, and returns the error.
fn refusal(key: &str, mut command: WorkerCommand) -> String {
    command.env.insert(MARK.to_owned(), "yes".to_owned());
    let launched = strategy(key).launch(&spec(command));
    launched.expect_err("it cannot serve").to_string()
}

#[test]
fn a_program_that_cannot_serve_is_reported_with_its_last_lines_and_leaves_nothing() {
    for key in ["reuseport", "proxy:round-robin"] {
        ends_at_once(key);
        goes_to_the_background(key);
        never_listens(key);
        cannot_be_run(key);
    }
    answers_that_it_is_ill();
    assert!(!any_is_left());
}

fn ends_at_once(key: &str) {
    let refused = refusal(
        key,
        shell("echo reading settings; echo no database >&2; exit 3"),
    );
    assert!(
        refused.contains("ended with exit code 3 before it was ready"),
        "{refused}"
    );
    assert!(
        refused.contains("\n  reading settings\n  no database"),
        "{refused}"
    );
}

fn goes_to_the_background(key: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let script = format!("sleep 600 & echo $! > {}/pid", folder.path().display());
    let refused = refusal(key, shell(&script));
    assert!(
        refused.contains("left processes in the background"),
        "{refused}"
    );
    let pid = fs::read_to_string(folder.path().join("pid")).expect("it started");
    assert!(!is_alive(pid.trim().parse().expect("a PID")), "{refused}");
}

fn never_listens(key: &str) {
    let mut sleeps = shell("echo waiting; exec sleep 600");
    sleeps.ready_within = Duration::from_secs(2);
    let refused = refusal(key, sleeps);
    let contract = match key {
        "reuseport" => "LISTEN_FDS",
        _ => "`PORT`",
    };
    assert!(refused.contains(contract), "{refused}");
    assert!(refused.contains("--worker-ready-within"), "{refused}");
    assert!(refused.ends_with("\n  waiting"), "{refused}");
}

fn cannot_be_run(key: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let locked = folder.path().join("locked");
    fs::write(&locked, "no program").expect("there is room");
    for (program, next) in [
        (folder.path().join("absent"), "No such file"),
        (locked, "chmod +x"),
    ] {
        let refused = refusal(key, WorkerCommand::new(program.to_str().expect("UTF-8")));
        assert!(refused.contains("cannot be run"), "{refused}");
        assert!(refused.contains(next), "{refused}");
    }
}

fn answers_that_it_is_ill() {
    if has("python3") {
        let mut ill = command("python3", &[&app("app.py")]);
        ill.health = Some("/none".to_owned());
        ill.ready_within = Duration::from_secs(8);
        let refused = refusal("proxy:round-robin", ill);
        assert!(
            refused.contains("`GET /none` was answered with 404"),
            "{refused}"
        );
    }
}

#[test]
fn a_program_that_writes_megabytes_and_ignores_signals_serves_and_ends() {
    if !has("python3") {
        return;
    }
    let script = format!(
        "trap '' TERM; yes 'a line of the log' | head -n 300000; python3 {} & sleep 600",
        app("app.py")
    );
    let fleet_of =
        |key: &str, check: fn(Deployment)| with_fleet(strategy(key), shell(&script), check);
    fleet_of("proxy:round-robin", |fleet| {
        let (status, _, _) = get(&fleet, "/");
        assert_eq!(status, 200);
        let workers: Vec<i32> = fleet.processes().map(|(_, pid)| pid).collect();
        let programs: Vec<i32> = workers.iter().flat_map(|pid| children_of(*pid)).collect();
        let others = programs.iter().flat_map(|pid| children_of(*pid));
        let all: Vec<i32> = programs.iter().copied().chain(others).collect();
        assert!(
            all.len() >= 6,
            "a shell, Python and sleep for each worker: {all:?}"
        );
        fleet.stop();
        assert!(!all.into_iter().any(is_alive));
    });
}

fn kill_at_once(pid: i32) {
    kill(Pid::from_raw(pid), Signal::SIGKILL).expect("it is ours");
}

#[test]
fn a_program_dies_with_the_process_that_watches_it() {
    if !has("python3") {
        return;
    }
    let script = format!("python3 {} & wait", app("app.py"));
    with_fleet(
        strategy("proxy:round-robin"),
        shell(&script),
        |mut fleet| {
            let workers = fleet.processes().filter(|(role, _)| !role.is_dispatcher());
            let keepers: Vec<i32> = workers.map(|(_, pid)| pid).collect();
            let shells: Vec<i32> = keepers.iter().flat_map(|pid| children_of(*pid)).collect();
            let all: Vec<i32> = shells.iter().flat_map(|pid| children_of(*pid)).collect();
            assert_eq!(all.len(), 2, "a Python for each worker");
            keepers.into_iter().for_each(kill_at_once);
            eventually("nothing of the programs is left", || {
                let dispatchers = fleet.alive().len() == 1;
                dispatchers && !all.iter().chain(&shells).any(|pid| is_alive(*pid))
            });
        },
    );
}

#[test]
fn a_reload_replaces_every_program_and_goes_on_serving() {
    if !has("python3") {
        return;
    }
    for strategy in supported(&FITTING) {
        let key = strategy.key();
        with_fleet(strategy, command("python3", &[&app("app.py")]), |fleet| {
            let before: Vec<i32> = programs(&fleet);
            let used_before = fleet.snapshot();
            fleet.change(&Change::Reload(Reload::default())).expect(key);
            assert_counts_all_lives(&used_before, &fleet.snapshot(), key);
            let after = programs(&fleet);
            assert_eq!(before.len(), after.len(), "{key}");
            assert!(after.iter().all(|pid| !before.contains(pid)), "{key}");
            assert!(!before.into_iter().any(is_alive), "{key}");
            assert_eq!(get(&fleet, "/").0, 200, "{key}");
            let ends = fleet
                .events()
                .into_iter()
                .filter_map(|event| match event.what {
                    FleetEventKind::Exit { how, intended } => Some((how?.to_string(), intended)),
                    _ => None,
                });
            let expected = vec![("exit code 0".to_owned(), true); after.len()];
            assert_eq!(ends.collect::<Vec<_>>(), expected, "{key}");
        });
    }
}

/// Asserts that the CPU time of each worker is that of both of its programs.
fn assert_counts_all_lives(before: &Snapshot, after: &Snapshot, key: &str) {
    for (before, after) in before.workers.iter().zip(&after.workers) {
        let spent = before.cpu.and_then(|before| after.cpu?.since(before));
        assert!(
            spent.is_some_and(|spent| !spent.total.is_zero()),
            "{key}: {before:?}, {after:?}"
        );
    }
}

/// Returns the programs that workers run.
fn programs(fleet: &Deployment) -> Vec<i32> {
    let workers = fleet.processes();
    let workers = workers.filter(|(role, _)| !role.is_dispatcher());
    workers.flat_map(|(_, pid)| children_of(pid)).collect()
}

#[test]
fn a_worker_ends_as_its_program_does() {
    if !has("python3") {
        return;
    }
    let command = command("python3", &[&app("app.py")]);
    with_fleet(strategy("splice:random"), command, |mut fleet| {
        kill_at_once(programs(&fleet)[0]);
        let mut deaths = Vec::new();
        eventually("the end is reported", || {
            deaths.extend(fleet.deaths());
            !deaths.is_empty()
        });
        assert!(deaths[0].contains("was killed by SIGKILL"), "{deaths:?}");
    });
}

#[test]
fn a_program_that_is_killed_under_load_is_started_again() {
    if !has("python3") {
        return;
    }
    let spec = FleetSpec {
        respawn: Some(Respawn::default()),
        ..spec(command("python3", &[&app("app.py")]))
    };
    let fleet = launch_as(strategy("proxy:round-robin"), &spec);
    let (killed, is_over) = (programs(&fleet)[0], AtomicBool::new(false));
    let statuses: Vec<u16> = thread::scope(|scope| {
        let client = scope.spawn(|| {
            let asked = iter::from_fn(|| (!is_over.load(Relaxed)).then(|| get(&fleet, "/").0));
            asked.collect()
        });
        kill_at_once(killed);
        eventually("another program has its place", || {
            let programs = programs(&fleet);
            programs.len() == 2 && !programs.contains(&killed)
        });
        is_over.store(true, Relaxed);
        client.join().expect("the client ran")
    });
    // What it had is answered with 502, and nothing else is lost.
    assert!(
        statuses.iter().all(|status| matches!(status, 200 | 502)),
        "{statuses:?}"
    );
    let served = || get(&fleet, "/").0 == 200 && get(&fleet, "/").0 == 200;
    eventually("both workers serve", served);
    let admitted = |event: &FleetEvent| {
        event.generation == 1 && matches!(event.what, FleetEventKind::Admitted)
    };
    eventually("the second life is admitted", || {
        fleet.events().iter().any(admitted)
    });
    assert_eq!(fleet.events().iter().filter(|it| admitted(it)).count(), 1);
}
