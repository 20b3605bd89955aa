//! Ours and theirs side by side.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::common::peers::{self, CONFIGURED, DIFFERENCE};
use crate::common::shown::one_text;
use crate::common::{detailed, eight, stored};
use evenkeel_reports::compare::{
    Comparison, Criteria, Metric, PEER_METRICS, Verdict, counterparts, peer_comparisons,
};
use evenkeel_reports::format::{CSV, HTML, JSON, MARKDOWN, TEXT};
use evenkeel_reports::{Format, LoopKind, Study, Style, chart};
use serde_json::Value;

/// Enough for a verdict.
const BLOCKS: u32 = 8;

/// Made once for all tests, as its page is.
static STUDY: LazyLock<Study> = LazyLock::new(|| peers::study(BLOCKS));
static PAGE: LazyLock<String> = LazyLock::new(|| rendered(&STUDY, &HTML));

fn rendered(study: &Study, format: Format) -> String {
    format.render(study, detailed()).unwrap()
}

fn comparisons(study: &Study) -> Vec<Comparison<'_>> {
    peer_comparisons(study, &Criteria::of(&study.header.plan))
}

fn of_pair<'a>(all: &'a [Comparison<'a>], ours: &str, theirs: &str) -> Vec<&'a Comparison<'a>> {
    let is_it = |b: &&Comparison| (b.candidate, b.baseline) == (ours, theirs);
    all.iter().filter(is_it).collect()
}

#[test]
fn each_of_ours_is_paired_with_every_system_that_it_stands_for() {
    let study = peers::study(1);
    let pairs: BTreeSet<_> = counterparts(&study).into_iter().collect();
    let planned = study.header.plan.strategies.iter();
    let expected: BTreeSet<_> = planned
        .flat_map(|system| {
            system
                .counterparts
                .iter()
                .map(|ours| (&*system.key, &**ours))
        })
        .collect();
    assert_eq!(pairs, expected);
    assert!(pairs.contains(&("peer:node-cluster-rr", "handoff:idle")));
    assert!(pairs.contains(&("peer:envoy:sticky", "proxy:sticky")));
    assert!(!pairs.iter().any(|(system, _)| *system == "peer:granian"));
}

#[test]
fn pairs_have_the_same_build_or_copy_on_both_sides() {
    let mut study = peers::study(1);
    let mut planned = study.header.plan.strategies.clone();
    planned.retain(|s| ["handoff:idle", "peer:node-cluster-rr"].contains(&s.key.as_str()));
    for mark in ["@old", "@new", "#1"] {
        let marked = planned.clone().into_iter().map(|mut strategy| {
            strategy.key.push_str(mark);
            strategy
        });
        study.header.plan.strategies.extend(marked);
    }
    let pairs = counterparts(&study);
    for mark in ["", "@old", "@new", "#1"] {
        let ours = format!("handoff:idle{mark}");
        let theirs = pairs.iter().filter(|(_, key)| *key == ours);
        let theirs: Vec<_> = theirs.map(|(system, _)| *system).collect();
        assert!(
            theirs.contains(&&*format!("peer:node-cluster-rr{mark}")),
            "{ours}"
        );
        assert_eq!(theirs.len(), if mark.is_empty() { 2 } else { 1 }, "{ours}");
    }
}

#[test]
fn a_ratio_is_ours_over_theirs_and_of_all_processes() {
    let study = &*STUDY;
    let all = comparisons(study);
    let pair = of_pair(&all, "shared-listener", "peer:nginx-mutex");
    let cpu = pair
        .iter()
        .find(|b| b.metric == Metric::CpuPerRequest)
        .unwrap();
    let of = |key: &str| {
        let trials = study.trials.iter();
        let mut trials = trials.filter(|t| (&*t.strategy, t.block) == (key, 0));
        trials.next().unwrap().measured().cloned().unwrap()
    };
    let (ours, theirs) = (of("shared-listener"), of("peer:nginx-mutex"));
    let both = theirs.workers_cpu_us_per_request().unwrap()
        + theirs.dispatcher_cpu_us_per_request().unwrap();
    let expected = ours.workers_cpu_us_per_request().unwrap() / both;
    let ratio = cpu.ratio.unwrap();
    assert!(
        (ratio.estimate / expected - 1.0).abs() < 0.02,
        "{ratio:?} {expected}"
    );
    assert_eq!(cpu.verdict, Verdict::Better, "it costs less");
}

#[test]
fn a_scenario_has_the_metrics_that_its_loop_has() {
    let study = &*STUDY;
    let all = comparisons(study);
    let pair = of_pair(&all, "handoff:idle", "peer:pm2-cluster");
    for scenario in &study.header.plan.scenarios {
        let here = pair.iter().filter(|b| b.scenario == scenario.name);
        let metrics: Vec<Metric> = here.map(|b| b.metric).collect();
        let expected: &[Metric] = match scenario.loop_kind {
            LoopKind::Closed => &PEER_METRICS,
            LoopKind::Open => &[Metric::P99, Metric::CpuPerRequest],
        };
        assert_eq!(metrics, expected, "{}", scenario.name);
    }
    assert!(
        of_pair(&all, "reuseport", "peer:node-cluster-reuseport").is_empty(),
        "skipped"
    );
}

#[test]
fn of_few_blocks_the_ratio_is_shown_and_no_verdict() {
    for blocks in [1, 2, 5] {
        let study = peers::study(blocks);
        for one in &comparisons(&study) {
            assert_eq!(one.verdict, Verdict::NoDifferenceShown);
            let ratio = one.ratio.unwrap();
            assert!(
                ratio
                    .interval
                    .is_none_or(|interval| !interval.is_confidence())
            );
            assert_eq!(ratio.interval.is_some(), blocks > 1);
        }
        let text = rendered(&study, &TEXT);
        assert!(
            text.contains("No verdict is given: it takes 6 blocks"),
            "{text}"
        );
        assert!(!text.contains('▲') && !text.contains('▼'));
        let row = text
            .lines()
            .find(|l| l.starts_with("handoff:idle : node-cluster-rr"));
        assert!(row.unwrap().contains("  1.7"), "{row:?}");
    }
}

#[test]
fn every_format_for_people_has_a_row_for_each_pair_and_says_how_to_read_it() {
    let study = &*STUDY;
    let rows = counterparts(study).len() - 1; // one system is skipped
    let page = PAGE.replace("\u{a0}: ", " : ");
    let section = &page[page.find("<section id=\"systems\">").unwrap()..];
    let section = &section[..section.find("</section>").unwrap()];
    for text in [
        &rendered(study, &TEXT),
        &rendered(study, &MARKDOWN),
        section,
    ] {
        let is_row = |line: &&str| line.contains(" : ") && !line.contains("evenkeel");
        let named = text.lines().filter(is_row).count();
        assert_eq!(named, 2 * rows, "under two scenarios");
        assert!(text.contains("proxy:sticky : nginx-proxy:sticky"));
        assert!(
            text.contains("handoff:idle : pm2-cluster †"),
            "out of parity"
        );
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("above 1 in throughput evenkeel serves more"));
    }
}

#[test]
fn who_is_out_of_parity_is_flagged_in_the_main_table_with_what_differs() {
    let study = &*STUDY;
    for format in [&TEXT, &MARKDOWN, &HTML] {
        let text = rendered(study, format);
        assert!(text.contains("peer:pm2-cluster †"), "{format}");
        assert!(!text.contains("peer:node-cluster-rr †"), "{format}");
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let words = words.replace("&#39;", "'");
        assert!(words.contains(DIFFERENCE), "{format}");
        assert!(words.contains("(8 of 344 trials: peer:pm2-cluster)") || format == &HTML);
    }
}

#[test]
fn every_report_shows_the_versions_of_the_peers() {
    let mut study = peers::study(2);
    let versions = "envoy 1.2.3, granian 1.2.3, gunicorn 1.2.3, haproxy 1.2.3, nginx 1.2.3, node 1.2.3, pm2 1.2.3";
    for format in [&TEXT, &MARKDOWN, &HTML] {
        let text = rendered(&study, format);
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(versions), "{format}");
    }
    let is_late = |t: &&mut evenkeel_reports::Trial| t.strategy == "peer:gunicorn" && t.block == 1;
    let late = study.trials.iter_mut().find(is_late).unwrap();
    let version = late
        .peer
        .as_mut()
        .unwrap()
        .versions
        .get_mut("gunicorn")
        .unwrap();
    *version = "1.3.0".into();
    assert!(rendered(&study, &TEXT).contains("gunicorn 1.2.3 and 1.3.0"));
}

#[test]
fn the_page_has_each_systems_configuration_folded_away_and_harmless() {
    let shown = CONFIGURED.replace('<', "&lt;").replace('>', "&gt;");
    let folded = format!("<details><summary>haproxy.conf</summary><pre>{shown}</pre></details>");
    assert_eq!(
        PAGE.matches(&folded).count(),
        5,
        "four variants, and the TCP mode"
    );
    assert!(!PAGE.contains(CONFIGURED));
}

#[test]
fn json_has_the_systems_and_the_ratios_with_whole_keys() {
    let study = &*STUDY;
    let json: Value = serde_json::from_str(&rendered(study, &JSON)).unwrap();
    let systems = json["systems"].as_array().unwrap();
    let pm2 = systems
        .iter()
        .find(|s| s["strategy"] == "peer:pm2-cluster")
        .unwrap();
    assert_eq!(pm2["versions"]["pm2"][0], "1.2.3");
    assert_eq!(pm2["configuration"]["pm2.conf"], CONFIGURED);
    assert_eq!(pm2["differs"][0], DIFFERENCE);
    assert_eq!(pm2["counterparts"][0], "handoff:idle");
    let ratios = json["beside_systems"].as_array().unwrap();
    assert_eq!(ratios.len(), comparisons(study).len());
    let row = ratios
        .iter()
        .find(|r| r["baseline"] == "peer:pm2-cluster")
        .unwrap();
    assert_eq!(row["candidate"], "handoff:idle");
    assert_eq!(row["verdict"], "better");
    let interval = &row["ratio"]["interval"];
    assert_eq!(interval["kind"], "confidence");
    assert!(row["ratio"]["estimate"].as_f64() > interval["low"].as_f64());
}

#[test]
fn csv_tells_of_a_trial_which_version_it_was_and_what_differs() {
    let study = peers::study(1);
    let text = rendered(&study, &CSV);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let head = reader.headers().unwrap().clone();
    let column = |name: &str| head.iter().position(|h| h == name).unwrap();
    let (versions, differs) = (column("versions"), column("out_of_parity"));
    for row in reader.records().map(Result::unwrap) {
        let is_system = row[0].starts_with("peer:") && &row[3] != "skipped";
        assert_eq!(row[versions].is_empty(), !is_system, "{}", &row[0]);
        let expected = if &row[0] == "peer:pm2-cluster" {
            DIFFERENCE
        } else {
            ""
        };
        assert_eq!(&row[differs], expected, "{}", &row[0]);
    }
}

#[test]
fn a_chart_has_a_row_for_every_system_below_the_one_of_ours_that_stands_for_it() {
    let study = &*STUDY;
    let charts = chart::all(study, None).unwrap();
    for scenario in ["bare-keep-alive", "steady"] {
        let name = format!("{scenario}-systems.svg");
        let (_, svg) = charts.iter().find(|(file, _)| *file == name).unwrap();
        let at = |text: &str| svg.find(&format!(">{text}</text>"));
        assert!(at("handoff:idle :").unwrap() < at("node-cluster-rr").unwrap());
        assert!(at("pm2-cluster †").unwrap() < at("handoff:random :").unwrap());
        assert_eq!(
            svg.matches(" :</text>").count(),
            13,
            "one for each of our strategies"
        );
        assert_eq!(at("throughput").is_some(), scenario != "steady");
        assert!(at("node-cluster-reuseport").is_none(), "skipped");
    }
    let of_one_block = chart::all(&peers::study(1), None).unwrap();
    assert!(
        of_one_block
            .iter()
            .all(|(name, _)| !name.contains("-systems"))
    );
}

#[test]
fn nothing_of_it_stands_in_a_study_without_systems() {
    for study in [stored(), eight::study()] {
        assert!(comparisons(&study).is_empty());
        for format in one_text() {
            let text = rendered(&study, format);
            for word in [
                "ystems that they stand for",
                "beside_systems",
                "out_of_parity",
                "†",
            ] {
                assert!(!text.contains(word), "{word} in {format}");
            }
        }
    }
}

#[test]
fn a_narrow_terminal_leaves_columns_out_and_says_which_and_no_column_is_empty() {
    let narrow = Style {
        table_width: Some(80),
        width: 80,
        ..detailed()
    };
    let text = TEXT.render(&*STUDY, narrow).unwrap();
    let section = &text[text.find("Next to the systems").unwrap()..];
    let widest = section.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{section}");
    assert!(section.contains("Left out for lack of room: interval, p99, blocks."));
    let of_one_block = rendered(&peers::study(1), &MARKDOWN);
    let section = &of_one_block[of_one_block.find("Next to the systems").unwrap()..];
    assert!(!section.contains("| interval"), "one block has none");
}
