//! How a peer is changed while it runs, and what happens if it does not do as it is told.

use std::num::NonZeroUsize;

use evenkeel_strategies::{Change, Deployment, FleetEventKind, Reload, Role};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::WORKERS;
use super::recipe::{SmallPeer, script, server};
use super::support::client::get;
use super::support::processes::{eventually, is_alive};

/// A server whose workers are processes of a shell, which replaces all of them on SIGWINCH, and any that
/// dies. Its port is served by evenkeel, which does not handle this signal and whose processes are no workers here.
fn shell() -> SmallPeer {
    let head = SmallPeer::head().replace("evenkeel worker {", "sleep 688");
    let head = format!("{head}reload = {{ signal = \"SIGWINCH\" }}\n");
    let text = "
        S=sleep
        start() { $S 688 & all=\"$all $!\"; }
        trap 'turn=1' WINCH
        trap 'kill $all; exit' TERM
        start; start
        while $S 0.05; do
            known=$all; all=
            if [ $turn ]; then turn=; start; start; kill $known; known=; fi
            for one in $known; do kill -0 $one && all=\"$all $one\" || start; done
        done";
    SmallPeer::described(&head, &[server(), script(text)])
}

fn reload() -> Change {
    Change::Reload(Reload::default())
}

/// Returns the deaths of workers. The pauses of the shell are processes that end, too.
fn deaths_of_workers(fleet: &mut Deployment) -> usize {
    let deaths = fleet.deaths();
    deaths
        .iter()
        .filter(|death| death.starts_with("worker"))
        .count()
}

/// Returns a peer with these lines about changes in its recipe.
fn that_changes(lines: &str) -> Deployment {
    let head = format!("{}{lines}\n", SmallPeer::head());
    SmallPeer::described(&head, &[server()]).launch()
}

#[test]
fn a_reload_that_nobody_obeys_is_an_error_that_names_the_processes() {
    let lines = "reload = { signal = \"SIGWINCH\", within_s = 0.3 }\n";
    let head = format!("{}{lines}", SmallPeer::head());
    let deaf = script("trap : WINCH; while :; do sleep 0.1; done");
    let fleet = SmallPeer::described(&head, &[server(), deaf]).launch();
    let workers = fleet.worker_pids().expect("workers of its own");
    let error = fleet.change(&reload()).expect_err("nobody obeys");
    let message = error.to_string();
    assert!(message.contains("not complete within 300ms"), "{message}");
    assert!(message.contains("2 that should have ended"), "{message}");
    for pid in &workers {
        assert!(message.contains(&pid.to_string()), "{message}");
    }
    assert_eq!(get(fleet.address(), "/").expect("an answer").status, 200);
    fleet.stop();
    assert!(!workers.into_iter().any(is_alive));
}

#[test]
fn no_process_gets_a_signal_that_it_does_not_handle() {
    let fleet = that_changes("reload = { signal = \"SIGUSR1\", within_s = 0.3 }");
    let message = fleet
        .change(&reload())
        .expect_err("it would end")
        .to_string();
    assert!(
        message.contains("no process of it handles SIGUSR1"),
        "{message}"
    );
    assert_eq!(get(fleet.address(), "/").expect("an answer").status, 200);
}

#[test]
fn a_command_that_fails_is_an_error_with_its_output_and_the_peer_goes_on() {
    let fleet = that_changes(
        "reload = { command = [\"sh\", \"-c\", \"echo the ink is dry; exit 6\"], within_s = 60 }",
    );
    let message = fleet.change(&reload()).expect_err("it fails").to_string();
    assert!(message.contains("ended with exit code 6"), "{message}");
    assert!(message.contains("the ink is dry"), "{message}");
    assert_eq!(get(fleet.address(), "/").expect("an answer").status, 200);
}

#[test]
fn a_command_that_is_missing_is_named() {
    let fleet = that_changes("reload = { command = [\"/no/such/program\"] }");
    let message = fleet.change(&reload()).expect_err("it fails").to_string();
    assert!(message.contains("/no/such/program"), "{message}");
    assert!(message.contains("No such file"), "{message}");
}

#[test]
fn a_command_that_hangs_is_an_error_after_its_time() {
    let fleet = that_changes("reload = { command = [\"sleep\", \"699\"], within_s = 0.3 }");
    let message = fleet.change(&reload()).expect_err("it hangs").to_string();
    assert!(
        message.contains("`sleep 699` has not ended in time"),
        "{message}"
    );
}

#[test]
fn a_change_that_a_recipe_does_not_describe_or_rules_out_is_refused_with_the_reason() {
    let fleet = that_changes("scale = { cannot = \"the room is full\" }");
    let refused = fleet
        .can_change(&reload())
        .expect_err("no table")
        .to_string();
    assert!(refused.contains("no table `reload`"), "{refused}");
    let workers = NonZeroUsize::MIN;
    let scale = Change::Scale {
        workers,
        close: None,
    };
    let refused = fleet.can_change(&scale).expect_err("it cannot").to_string();
    assert!(refused.contains("no scale: the room is full"), "{refused}");
    assert_eq!(
        fleet.change(&scale).expect_err("it cannot").to_string(),
        refused
    );
}

#[test]
fn a_reload_replaces_all_workers_at_known_times() {
    let mut fleet = shell().launch();
    let old = fleet.worker_pids().expect("workers of its own");
    fleet.change(&reload()).expect("a reload");
    let used = fleet.snapshot();
    assert!(
        used.workers.iter().all(|worker| worker.cpu.is_none()),
        "{used:?}"
    );
    assert!(
        used.workers_cpu.is_some(),
        "the peer has waited for those that ended: {used:?}"
    );
    assert!(!old.iter().any(|pid| is_alive(*pid)));
    let new = fleet.worker_pids().expect("workers of its own");
    assert_eq!(new.len(), WORKERS);
    assert!(new.iter().all(|pid| is_alive(*pid) && !old.contains(pid)));
    let events = fleet.events();
    assert!(events.is_sorted_by_key(|event| event.at));
    for worker in 0..WORKERS {
        let of_worker = events.iter().filter(|it| it.role == Role::Worker(worker));
        let seen: Vec<_> = of_worker
            .map(|it| (it.generation, it.what.name()))
            .collect();
        for expected in [(0, "fork"), (0, "exit"), (1, "fork"), (1, "listening")] {
            assert!(seen.contains(&expected), "{expected:?} is not in {seen:?}");
        }
    }
    assert_eq!(deaths_of_workers(&mut fleet), 0);
}

#[test]
fn a_worker_that_dies_and_is_replaced_by_its_peer_has_two_generations() {
    let mut fleet = shell().launch();
    let old = fleet.worker_pids().expect("workers of its own");
    kill(Pid::from_raw(old[1]), Signal::SIGKILL).expect("it runs");
    eventually("its successor is seen", || {
        let events = fleet.events();
        let mut of_successor = events.iter().filter(|it| it.generation == 1);
        of_successor.any(|it| it.role == Role::Worker(1) && it.pid != Some(old[1]))
    });
    let events = fleet.events();
    let mut ends = events.iter().filter(|event| event.pid == Some(old[1]));
    assert!(ends.any(|end| matches!(
        end.what,
        FleetEventKind::Exit {
            intended: false,
            ..
        }
    )));
    assert_eq!(deaths_of_workers(&mut fleet), 1, "nobody asked for it");
}
