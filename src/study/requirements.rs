//! Whether a contestant can run under a scenario on this host.

use evenkeel_strategies::{Host, Strategy, Targets, catalog};

use crate::plan::{Contestant, Plan};
use crate::scenario::Scenario;

/// Checks that the build has the strategy, that the strategy can serve the scenario, and that this
/// host meets the requirements of the strategy.
///
/// # Errors
/// Why the trial is skipped, one sentence.
pub(super) fn check(
    plan: &Plan,
    contestant: &Contestant,
    scenario: &Scenario,
    host: &Host,
) -> Result<(), String> {
    let (strategy, build) = (contestant.strategy, contestant.build.as_ref());
    if let Some(build) = build.filter(|build| !build.knows(strategy.key())) {
        return Err(format!(
            "evenkeel {} of the build {} does not know {}",
            build.version,
            build.label,
            strategy.key()
        ));
    }
    let fleet = contestant.fleet(&plan.config);
    match fleet.command() {
        Some(_) => check_command(strategy, scenario)?,
        None => check_load(strategy, scenario)?,
    }
    if !fleet.counter.is_none() {
        check_counter(strategy)?;
    }
    strategy.check(host).map_err(|unmet| unmet.to_string())
}

/// Checks that the workers can count their requests together.
fn check_counter(strategy: &dyn Strategy) -> Result<(), String> {
    match strategy.profile().targets.include(TOTAL) {
        true => Ok(()),
        false => Err(
            "its own application does not count requests (`counter`); evenkeel's workers do"
                .to_owned(),
        ),
    }
}

/// The target that only evenkeel's own workers answer with the number of all requests.
const TOTAL: &str = "/total";

/// Checks that a program of the user can serve this load under the strategy.
fn check_command(strategy: &dyn Strategy, scenario: &Scenario) -> Result<(), String> {
    catalog::check_command(strategy).map_err(|unmet| unmet.to_string())?;
    match scenario.send_proxy {
        None => Ok(()),
        Some(_) => Err(
            "connections of this scenario begin with a PROXY header, which a worker command need not \
             understand: leave out `send_proxy`"
                .to_owned(),
        ),
    }
}

/// Checks that the strategy can serve connections and requests of this kind.
fn check_load(strategy: &dyn Strategy, scenario: &Scenario) -> Result<(), String> {
    let profile = strategy.profile();
    if profile.is_peer && scenario.send_proxy.is_some() {
        return Err(
            "connections of this scenario begin with a PROXY header, which only evenkeel's own \
             strategies support: leave out `send_proxy` to compare peers"
                .to_owned(),
        );
    }
    let Targets::Listed { patterns, .. } = profile.targets else {
        return Ok(());
    };
    let targets = scenario.websocket.iter().cloned();
    let mut targets = targets.chain(scenario.work.target_texts());
    match targets.find(|target| !profile.targets.include(target)) {
        None => Ok(()),
        Some(target) => Err(format!(
            "its own application does not serve `{target}`, which this scenario requests, only {}; \
             evenkeel's own strategies, and peers in front of evenkeel's workers, serve every target",
            listed(patterns)
        )),
    }
}

fn listed(targets: &[String]) -> String {
    let quoted = targets.iter().map(|target| format!("`{target}`"));
    quoted.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use evenkeel_common::toml_file;
    use evenkeel_strategies::mechanism::peer::Peer;

    use super::*;

    /// A peer that serves files, so its application knows two kinds of targets.
    fn file_server() -> Peer {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("files.toml");
        let recipe = "summary = 'serves files'\nkind = 'server'\nlayer = 'connections'\n\
                      chooser = 'the kernel'\nserves = ['/', '/bytes/N']\nbodies = [1024]\n\
                      [workers]\nnamed = 'worker'\n[[start]]\ncommand = ['/bin/true']\n";
        std::fs::write(&path, recipe).expect("there is room");
        catalog::peers_of(&path).expect("a recipe").remove(0)
    }

    fn scenario(rest: &str) -> Scenario {
        let text = format!("name = 'mine'\nloop = 'closed'\nconnections = 8\n{rest}");
        toml_file::parse(&text, Path::new("mine.toml")).expect("a scenario")
    }

    #[test]
    fn a_target_that_an_application_does_not_serve_is_named_with_those_that_it_serves() {
        let refused = |work: &str| check_load(&file_server(), &scenario(work)).err();
        for served in ["work = '/'", "work = '/bytes/1024'"] {
            assert_eq!(refused(served), None, "{served}");
        }
        let of_a_mix =
            "work = [{ share = 0.5, target = '/' }, { share = 0.5, target = '/spin/9' }]";
        for (work, target) in [
            (of_a_mix, "/spin/9"),
            ("work = '/bytes/1025'", "/bytes/1025"),
            ("work = { exponential = '/block/1000' }", "/block/1000"),
            ("work = 'sleep:uniform:1ms-3ms'", "/sleep/2000"),
        ] {
            let reason = refused(work).expect(work);
            let said = format!(
                "its own application does not serve `{target}`, which this scenario requests, only \
                 `/`, `/bytes/N`; evenkeel's own strategies"
            );
            assert!(reason.starts_with(&said), "{reason}");
        }
    }

    #[test]
    fn a_proxy_header_is_for_our_own_strategies_only() {
        let behind_another = scenario("work = '/'\nsend_proxy = 'v2'");
        let refused = check_load(&file_server(), &behind_another).expect_err("it knows none");
        assert!(refused.contains("leave out `send_proxy`"), "{refused}");
        let ours = catalog::select(&["single"]).expect("a key")[0];
        assert_eq!(check_load(ours, &behind_another), Ok(()));
    }
}
