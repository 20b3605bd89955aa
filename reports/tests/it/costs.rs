//! What each strategy costs besides CPU time: figures and tables, from made-up records.

use crate::common::shown::{assert_sound, page, study};
use crate::common::{detailed, figures, measured, stored};
use evenkeel_reports::format::{self, CSV, HTML, MARKDOWN, TEXT};
use evenkeel_reports::stats::{Side, summarize};
use evenkeel_reports::{Costs, Format, Measured, ProcessCosts, Study, Style};

const WORKERS: ProcessCosts = ProcessCosts {
    voluntary_switches: Some(2_500),
    involuntary_switches: Some(1),
    system_calls: Some(800),
    descriptors: Some(1_234),
    resident_bytes: Some(3 << 20),
};

const DISPATCHER: ProcessCosts = ProcessCosts {
    voluntary_switches: Some(500),
    involuntary_switches: Some(0),
    system_calls: Some(450),
    descriptors: Some(67),
    resident_bytes: Some(2 << 20),
};

/// A thousand requests, of which a hundred came while system calls were counted.
fn costing(dispatcher: Option<ProcessCosts>, workers: ProcessCosts) -> Measured {
    Measured {
        costs: Some(Costs {
            dispatcher,
            workers: Some(workers),
            requests_while_counting: Some(100),
        }),
        ..figures(&[600, 400], 80.0, 1.5, dispatcher.map(|_| 21.0))
    }
}

/// One strategy without a dispatcher and one with it.
fn two(dispatcher: ProcessCosts, workers: ProcessCosts) -> Study {
    let single = costing(None, workers);
    let idle = costing(Some(dispatcher), workers);
    let trials = vec![
        measured("single", "bare", 0, single),
        measured("handoff:idle", "bare", 0, idle),
    ];
    study(&["single", "handoff:idle"], trials)
}

fn shown(study: &Study, format: Format) -> String {
    format.render(study, detailed()).unwrap()
}

/// The lines of the table in a report as text, blanks between cells made one.
fn table(text: &str) -> Vec<String> {
    let lines = text.lines().skip_while(|line| *line != "What each costs");
    let lines = lines.skip(1).take_while(|line| !line.is_empty());
    lines
        .filter(|line| !line.starts_with('─'))
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

#[test]
fn counts_are_per_request_of_the_time_in_which_they_were_counted() {
    let study = two(DISPATCHER, WORKERS);
    let summaries = summarize(&study);
    let figures = summaries[0].strategies[1].figures.as_ref().unwrap();
    let workers = figures.costs(Side::Workers).unwrap();
    assert_eq!(workers.voluntary_switches_per_request.unwrap().mean, 2.5);
    assert_eq!(workers.system_calls_per_request.unwrap().mean, 8.0);
    assert_eq!(workers.descriptors.unwrap().mean, 1_234.0);
    let dispatcher = figures.costs(Side::Dispatcher).unwrap();
    assert_eq!(dispatcher.system_calls_per_request.unwrap().mean, 4.5);
}

#[test]
fn each_strategy_has_a_row_for_each_kind_of_process_that_it_has() {
    let study = two(DISPATCHER, WORKERS);
    assert_eq!(
        table(&shown(&study, &TEXT)),
        [
            "strategy process CPU µs vol. switches invol. switches system calls descriptors memory",
            "single workers 62.0 2.50 <0.01 8.00 1,234 3.00 MiB",
            "handoff:idle dispatcher 21.0 0.50 0 4.50 67 2.00 MiB",
            "handoff:idle workers 62.0 2.50 <0.01 8.00 1,234 3.00 MiB",
        ]
    );
    let markdown = shown(&study, &MARKDOWN);
    assert!(markdown.contains("| single | workers | 62.0 | 2.50 | &lt;0.01 | 8.00 | 1,234 |"));
    let html = page(&study);
    assert_eq!(html.matches("What each costs").count(), 1);
    assert_eq!(html.matches(">dispatcher</td>").count(), 1);
    assert_eq!(html.matches(">workers</td>").count(), 2);
    assert_sound(&study);
}

#[test]
fn what_was_not_counted_is_a_dash_and_an_empty_cell_and_is_explained_once() {
    let uncounted = |costs| ProcessCosts {
        system_calls: None,
        ..costs
    };
    let mut study = two(uncounted(DISPATCHER), uncounted(WORKERS));
    study.header.host.system_calls_uncounted = Some("made up: <no> rights".into());
    let text = shown(&study, &TEXT);
    assert_eq!(
        table(&text)[1],
        "single workers 62.0 2.50 <0.01 – 1,234 3.00 MiB"
    );
    for (format, reason) in [
        (&TEXT, "made up: <no> rights"),
        (&MARKDOWN, "made up: &lt;no&gt; rights"),
        (&HTML, "made up: &lt;no&gt; rights"),
    ] {
        assert_eq!(shown(&study, format).matches(reason).count(), 1, "{format}");
    }
    let metrics = shown(&study, format::find("openmetrics").unwrap());
    assert!(!metrics.contains("system_calls_per_request{"), "{metrics}");
    let csv = shown(&study, &CSV);
    let mut lines = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let names = lines.next().unwrap();
    let single = lines.next().unwrap();
    let value = |name| single[names.iter().position(|n| *n == name).unwrap()];
    assert_eq!(value("workers_descriptors"), "1234");
    assert_eq!(value("workers_system_calls_per_request"), "");
    assert_eq!(value("dispatcher_descriptors"), "");
}

#[test]
fn metrics_name_the_kind_of_process() {
    let metrics = shown(
        &two(DISPATCHER, WORKERS),
        format::find("openmetrics").unwrap(),
    );
    for line in [
        "evenkeel_system_calls_per_request{scenario=\"bare\",strategy=\"handoff:idle\",process=\"dispatcher\"} 4.5",
        "evenkeel_open_descriptors{scenario=\"bare\",strategy=\"single\",process=\"workers\"} 1234",
        "evenkeel_resident_memory_bytes{scenario=\"bare\",strategy=\"single\",process=\"workers\"} 3145728",
    ] {
        assert!(metrics.lines().any(|one| one == line), "{line}");
    }
    assert!(!metrics.contains("strategy=\"single\",process=\"dispatcher\""));
}

#[test]
fn a_table_of_costs_fits_a_terminal_by_leaving_columns_out() {
    let study = two(DISPATCHER, WORKERS);
    for table_width in [60, 80, 100, 200] {
        let style = Style {
            width: table_width,
            table_width: Some(table_width),
            ..detailed()
        };
        let text = TEXT.render(&study, style).unwrap();
        let widths = text.lines().map(|line| line.chars().count());
        assert!(widths.max() <= Some(table_width), "{table_width}: {text}");
        assert!(text.contains("system calls"), "{table_width}");
    }
}

#[test]
fn a_record_from_before_there_were_costs_has_no_such_table() {
    let old = stored();
    for format in [&TEXT, &MARKDOWN, &HTML] {
        let text = shown(&old, format);
        assert!(!text.contains("What each costs"), "{format}");
    }
}

#[test]
fn a_line_of_the_record_keeps_its_costs() {
    let study = two(DISPATCHER, WORKERS);
    let json = serde_json::to_string(&study.trials[1]).unwrap();
    assert!(json.contains("\"requests_while_counting\":100"), "{json}");
    assert_eq!(
        serde_json::from_str::<evenkeel_reports::Trial>(&json).unwrap(),
        study.trials[1]
    );
}
