use std::fs;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;

use super::*;
use crate::catalog;
use crate::mechanism::peer::recipe::PeerKind;
use crate::mechanism::peer::requirements::Item;
use crate::mechanism::peer::variables::RESERVED;
use crate::strategy::Strategy;

#[test]
fn every_built_in_recipe_can_be_used() {
    for peers in Peer::built_in(&catalog::check_counterpart) {
        peers.unwrap_or_else(|error| panic!("{error}"));
    }
}

/// Returns the output of the install script's `--list`, with a line for each peer.
fn installable() -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/install-peers");
    let output = Command::new(script).arg("--list").output().expect("bash");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn the_script_installs_what_built_in_recipes_need() {
    let installable = installable();
    for peers in Peer::built_in(&catalog::check_counterpart) {
        let peers = peers.unwrap_or_else(|error| panic!("{error}"));
        let name = peers[0].key().trim_start_matches("peer:");
        let known = installable
            .lines()
            .find(|line| line.split(' ').next() == Some(name));
        let known = known.unwrap_or_else(|| panic!("{name} is not in:\n{installable}"));
        for requirement in &peers[0].recipe().needs {
            assert_eq!(requirement.get, format!("scripts/install-peers {name}"));
            let item = match &requirement.item {
                Item::Program { name, .. } | Item::Module(name) => name.into(),
                Item::File(path) => path.to_string_lossy(),
            };
            assert!(known.contains(&*item), "{item} is not in: {known}");
        }
    }
}

/// The document that explains recipes.
const ADDING: &str = include_str!("../../../../../docs/adding.md");

#[test]
fn the_recipe_of_the_documentation_can_be_used() {
    let (_, recipe) = ADDING.split_once("```toml recipe\n").expect("an example");
    let (recipe, _) = recipe.split_once("```").expect("the end of the example");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mine.toml");
    fs::write(&path, recipe).expect("room");
    fs::write(folder.path().join("nginx.conf"), "{{ method }}").expect("room");
    let peers = Peer::from_file(&path, &catalog::check_counterpart)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(peers.len(), 2);
}

#[test]
fn the_documentation_has_every_variable_of_templates() {
    for name in RESERVED {
        let is_there = [format!("`{name}`"), format!("`{name}.NAME`")]
            .iter()
            .any(|name| ADDING.contains(name));
        assert!(is_there, "{name}");
    }
}

/// A valid recipe, with one line for each value that a test breaks.
const SERVER: &str = r#"summary = "a server"
kind = "server"
layer = "connections"
chooser = "its master"
serves = ["/", "/bytes/N"]
templates = ["server.conf"]
stop_signal = "SIGQUIT"
workers = { named = "server: worker" }
start = [{ command = ["{{ programs.server }}", "{{ folder }}/server.conf"] }]
reload = { signal = "SIGHUP" }
scale = { command = ["{{ programs.server }}", "{{ worker_count }}"] }
[[needs]]
program = "server"
get = "apt-get install server"
[set]
mode = "plain"
[variants.fast]
summary = "a fast server"
counterparts = ["reuseport"]
set = { mode = "fast" }
"#;

/// Reads a recipe `my-server.toml` next to a template.
fn read(recipe: &str, template: &str) -> Result<Vec<Peer>, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("my-server.toml");
    fs::write(&path, recipe).expect("room");
    fs::write(folder.path().join("server.conf"), template).expect("room");
    let beginning = format!("{}/", folder.path().display());
    Peer::from_file(&path, &catalog::check_counterpart)
        .map_err(|error| error.to_string().replace(&beginning, ""))
}

#[test]
fn a_recipe_has_the_name_of_its_file_and_its_variants() {
    let peers = read(SERVER, "mode {{ mode }} on {{ port }};").expect("a recipe");
    let keys: Vec<_> = peers.iter().map(Strategy::key).collect();
    assert_eq!(keys, ["peer:my-server", "peer:my-server:fast"]);
    let [server, fast] = &peers[..] else {
        panic!("two: {keys:?}");
    };
    assert_eq!((server.is_variant(), fast.is_variant()), (false, true));
    assert_eq!(server.profile().summary, "a server");
    assert_eq!(fast.profile().summary, "a fast server");
    assert_eq!(fast.recipe().set["mode"], "fast");
    assert_eq!(fast.profile().counterparts, ["reuseport"]);
    assert_eq!(fast.profile().chooser, "its master");
    assert_eq!(fast.recipe().kind, PeerKind::Server);
}

#[test]
fn a_recipe_with_the_usual_file_name_has_the_name_of_its_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().join("mine");
    fs::create_dir(&folder).expect("room");
    let path = folder.join("recipe.toml");
    fs::write(folder.join("server.conf"), "").expect("room");
    fs::write(&path, SERVER).expect("room");
    assert_eq!(Peer::key_of(&path).ok().as_deref(), Some("peer:mine"));
    fs::write(folder.join("my server.toml"), SERVER).expect("room");
    let error = Peer::key_of(&folder.join("my server.toml")).expect_err("a space");
    assert!(
        error.to_string().contains("would be the peer `my server`"),
        "{error}"
    );
}

#[test]
fn a_server_serves_what_its_recipe_says_and_a_balancer_everything() {
    let peers = read(SERVER, "").expect("a recipe");
    let serves = |target| peers[0].profile().targets.include(target);
    assert!(serves("/") && serves("/bytes/512"));
    for target in ["/bytes/", "/bytes/x", "/bytes/1/2", "/spin/50", "/bytes"] {
        assert!(!serves(target), "{target}");
    }
    let sizes = SERVER.replace("kind", "bodies = [512]\nkind");
    let peers = read(&sizes, "").expect("a recipe");
    assert!(
        peers[0].profile().targets.include("/bytes/512")
            && !peers[0].profile().targets.include("/bytes/513")
    );
    let balancer = SERVER
        .replace("\"server\"\nlayer", "\"balancer\"\nlayer")
        .replace("workers = { named = \"server: worker\" }\n", "")
        .replace("scale = ", "# scale = ");
    assert!(
        read(&balancer, "").expect("a recipe")[0]
            .profile()
            .targets
            .include("/spin/50")
    );
}

/// A text in the recipe, its replacement, the beginning of the error and a part of it.
const INVALID: [(&str, &str, &str, &str); 26] = [
    (
        "kind",
        "kidn",
        "my-server.toml:2:1: ",
        "unknown field `kidn`",
    ),
    (
        "\"server\"\nlayer",
        "\"proxy\"\nlayer",
        "my-server.toml:2:8: ",
        "unknown variant `proxy`",
    ),
    (
        "\"SIGQUIT\"",
        "\"QUIT NOW\"",
        "my-server.toml:7:15: ",
        "unknown signal `QUIT NOW`",
    ),
    (
        "workers = { named = \"server: worker\" }",
        "",
        "my-server.toml:2:8: `kind`: ",
        "a server needs `[workers]`",
    ),
    (
        "named = \"server: worker\"",
        "named = \"\"",
        "my-server.toml:8:21: `workers.named`: ",
        "matches every process",
    ),
    (
        "serves = [\"/\", \"/bytes/N\"]",
        "",
        "my-server.toml:2:8: `kind`: ",
        "a server needs `serves`",
    ),
    (
        "\"server\"\nlayer",
        "\"balancer\"\nlayer",
        "my-server.toml:8:11: `workers`: ",
        "remove `[workers]`",
    ),
    (
        "templates = [\"server.conf\"]",
        "templates = [\"absent.conf\"]",
        "my-server.toml:6:14: `templates.0`: ",
        "absent.conf cannot be read",
    ),
    (
        "templates = [\"server.conf\"]",
        "templates = [\"server.conf\", \"./server.conf\"]",
        "my-server.toml:6:29: `templates.1`: ",
        "rename one",
    ),
    (
        "counterparts = [\"reuseport\"]",
        "counterparts = [\"reusport\"]",
        "my-server.toml:19:17: `variants.fast.counterparts.0`: ",
        "did you mean `reuseport`?",
    ),
    (
        "kind",
        "ready_within_s = -1.0\nkind",
        "my-server.toml:2:18: ",
        "`ready_within_s`: a time limit is a number of seconds above 0 up to 3600",
    ),
    (
        "{{ folder }}",
        "{{ foldre }}",
        "my-server.toml:9:48: `start.0.command.1`: ",
        "unknown variable `foldre`",
    ),
    (
        "programs.server",
        "programs.sevrer",
        "my-server.toml:9:23: `start.0.command.0`: ",
        "unknown variable `programs.sevrer`",
    ),
    (
        "[{ command = [\"{{ programs.server }}\", \"{{ folder }}/server.conf\"] }]",
        "[{ command = [] }]",
        "my-server.toml:9:22: `start.0.command`: ",
        "at least the path of a program",
    ),
    (
        "program = \"server\"\n",
        "",
        "my-server.toml:12:1: ",
        "exactly one of `program`, `module` and `file`",
    ),
    (
        "get = \"apt-get install server\"",
        "known = \">=one\"\nget = \"\"",
        "my-server.toml:14:9: ",
        "unexpected character",
    ),
    (
        "mode = \"plain\"",
        "port = \"80\"",
        "my-server.toml:16:8: `set.port`: ",
        "`port` is a variable of evenkeel",
    ),
    (
        "[variants.fast]",
        "[variants.\"a:b\"]",
        "my-server.toml:17:1: `variants.a:b`: ",
        "`a:b` cannot be part of a key",
    ),
    (
        "signal = \"SIGHUP\"",
        "signal = \"HUP\"",
        "my-server.toml:10:21: ",
        "unknown signal `HUP`",
    ),
    (
        "signal = \"SIGHUP\"",
        "signal = \"SIGHUP\", cannot = \"never\"",
        "my-server.toml:10:10: ",
        "give exactly one of `signal`, `command` and `cannot`",
    ),
    (
        "signal = \"SIGHUP\"",
        "more = \"SIGTTIN\"",
        "my-server.toml:10:10: ",
        "`more` and `fewer` belong together",
    ),
    (
        "signal = \"SIGHUP\"",
        "reload = true",
        "my-server.toml:10:10: `reload`: ",
        "the others are for `scale`",
    ),
    (
        "signal = \"SIGHUP\"",
        "signal = \"SIGHUP\", within_s = 0",
        "my-server.toml:10:42: ",
        "a time limit is a number of seconds above 0",
    ),
    (
        "command = [\"{{ programs.server }}\", \"{{ worker_count }}\"]",
        "signal = \"SIGHUP\"",
        "my-server.toml:11:9: `scale`: ",
        "a number cannot be sent by a signal",
    ),
    (
        "reload = { signal = \"SIGHUP\" }\nscale = { command = [\"{{ programs.server }}\", \"{{ worker_count }}\"] }",
        "scale = { reload = true }",
        "my-server.toml:10:9: `scale`: ",
        "needs a table `reload`",
    ),
    (
        "{{ worker_count }}",
        "{{ worker_cuont }}",
        "my-server.toml:11:47: `scale.command.1`: ",
        "unknown variable `worker_cuont`",
    ),
];

#[test]
fn an_invalid_value_is_reported_with_file_line_column_and_key() {
    for (good, bad, place, text) in INVALID {
        assert!(SERVER.contains(good), "{good}");
        let error = read(&SERVER.replace(good, bad), "").expect_err(bad);
        assert!(error.starts_with(place), "{place} is missing in {error}");
        assert!(error.contains(text), "{text} is missing in {error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

#[test]
fn an_error_in_a_template_is_reported_with_the_templates_file_and_line() {
    let error = read(SERVER, "fine\nlisten {{ prot }};\n").expect_err("no such variable");
    assert_eq!(error, "server.conf:2: unknown variable `prot`");
    let error = read(SERVER, "\n{% for worker in workers %}\n").expect_err("no end");
    assert!(error.starts_with("server.conf:"), "{error}");
}

#[test]
fn a_name_that_exists_is_rejected() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mine.toml");
    fs::write(folder.path().join("server.conf"), "").expect("room");
    fs::write(&path, SERVER).expect("room");
    assert!(catalog::with_peers(&[&path]).is_ok());
    let error = catalog::with_peers(&[&path, &path]).expect_err("twice");
    assert!(
        error.to_string().contains("would be `peer:mine`"),
        "{error}"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_causes_a_panic(text in ".*", template in ".*") {
        let _read = read(&text, &template);
        let _read = read(SERVER, &template);
    }

    #[test]
    fn no_change_of_a_recipe_causes_a_panic(
        at in 0..SERVER.len(), length in 0..40_usize, instead in "[a-z\"'\\[\\]{}=%\n .:]{0,8}",
    ) {
        let end = SERVER.len().min(at + length);
        let changed = format!("{}{instead}{}", &SERVER[..at], &SERVER[end..]);
        let _read = read(&changed, "{{ mode }}");
    }
}
