//! The report page in a real browser: what a person would see and do.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod chromium;
#[path = "../common/mod.rs"]
mod common;

use chromium::Chromium;
use evenkeel_reports::format::HTML;
use evenkeel_reports::{Study, Style};
use serde_json::json;
use tempfile::TempDir;

/// The page of a study with everything that a record may hold.
fn open() -> Option<(Chromium, TempDir)> {
    open_page_of(&common::time_series::study())
}

fn open_page_of(study: &Study) -> Option<(Chromium, TempDir)> {
    let folder = TempDir::new().unwrap();
    let page = folder.path().join("report.html");
    let html = HTML.render(study, Style::default()).unwrap();
    std::fs::write(&page, html).unwrap();
    Some((Chromium::open(&page)?, folder))
}

/// The number of elements that a selector finds.
fn count(chromium: &mut Chromium, selector: &str) -> u64 {
    let found = chromium.value(&format!("document.querySelectorAll(`{selector}`).length"));
    found.as_u64().unwrap()
}

#[test]
fn the_page_loads_without_an_error_and_asks_for_nothing_else_and_prints() {
    let Some((mut chromium, _folder)) = open() else {
        return;
    };
    let pdf = chromium.call("Page.printToPDF", json!({}));
    assert!(
        pdf["data"].as_str().unwrap().starts_with("JVBERi0"),
        "%PDF- in base64"
    );
    for event in &chromium.events {
        let method = event["method"].as_str().unwrap_or("");
        let complaint = [
            "Runtime.exceptionThrown",
            "Runtime.consoleAPICalled",
            "Log.entryAdded",
        ];
        assert!(!complaint.contains(&method), "{event}");
        if method == "Network.requestWillBeSent" {
            let url = event["params"]["request"]["url"].as_str().unwrap();
            assert!(
                url.starts_with("file://") && url.ends_with("/report.html"),
                "{url}"
            );
        }
    }
}

#[test]
fn every_chart_has_a_series_for_every_strategy_that_has_figures() {
    let Some((mut chromium, _folder)) = open() else {
        return;
    };
    for (scenario, strategies) in [(0, 8), (1, 8), (2, 7)] {
        for chart in [
            "throughput",
            "latency",
            "distribution",
            "time-series",
            "heat",
            "shares",
            "cpu",
        ] {
            let script = format!(
                "new Set([...document.querySelectorAll(`#scenario-{scenario} [data-chart={chart}] \
                 svg [data-series]`)].map((one) => one.dataset.series)).size"
            );
            assert_eq!(chromium.value(&script), strategies, "{chart} of {scenario}");
        }
    }
    assert_eq!(
        count(&mut chromium, "[data-chart=waiting]"),
        1,
        "only the open loop has waits"
    );
    assert_eq!(
        count(
            &mut chromium,
            "#theory [data-chart=theory] svg g[data-series='0'][color]"
        ),
        2,
        "mean and p99 of the only strategy that theory has a value for"
    );
    assert_eq!(
        count(&mut chromium, "figure"),
        count(&mut chromium, "figure:has(table)")
    );
}

#[test]
fn a_table_sorts_by_pointer_and_by_keyboard_and_says_so() {
    let Some((mut chromium, _folder)) = open() else {
        return;
    };
    let column = "[...document.querySelector('table.sorts').tBodies[0].rows]\
                  .map((row) => Number(row.cells[1].dataset.value))";
    let heading = "document.querySelector('table.sorts thead tr:last-child th:nth-child(2)')";
    let is_sorted = |chromium: &mut Chromium, sign: &str| {
        let script =
            format!("{column}.every((v, i, all) => i === 0 || {sign}(v - all[i - 1]) >= 0)");
        chromium.value(&script) == json!(true)
    };
    assert!(
        !is_sorted(&mut chromium, ""),
        "the plan's order is not that of the figures"
    );
    chromium.value(&format!("{heading}.querySelector('button').click()"));
    assert!(is_sorted(&mut chromium, ""));
    assert_eq!(
        chromium.value(&format!("{heading}.getAttribute('aria-sort')")),
        "ascending"
    );
    chromium.value(&format!("{heading}.querySelector('button').focus()"));
    chromium.press("Enter", 13, "\r");
    assert!(is_sorted(&mut chromium, "-"));
    assert_eq!(
        chromium.value(&format!("{heading}.getAttribute('aria-sort')")),
        "descending"
    );
}

#[test]
fn a_click_shows_one_strategy_alone_and_a_second_one_all_again() {
    let Some((mut chromium, _folder)) = open() else {
        return;
    };
    let shown = |series: u32, chromium: &mut Chromium| {
        let of_series = format!("main section [data-series=\"{series}\"]");
        let script = format!(
            "[...document.querySelectorAll(`{of_series}`)]\
             .filter((one) => getComputedStyle(one).display !== 'none').length"
        );
        chromium.value(&script).as_u64().unwrap()
    };
    let before = [3, 4].map(|series| shown(series, &mut chromium));
    assert!(
        before.iter().all(|shown| *shown > 30),
        "tables and charts have them: {before:?}"
    );
    let click = "document.querySelector('.series [data-series=\"3\"]').click()";
    chromium.value(click);
    let alone = [3, 4].map(|series| shown(series, &mut chromium));
    assert_eq!(alone, [before[0], 0]);
    chromium.value(click);
    let after = [3, 4].map(|series| shown(series, &mut chromium));
    assert_eq!(after, before);
}

#[test]
fn a_chosen_baseline_is_the_one_that_ratios_are_drawn_for() {
    let Some((mut chromium, _folder)) = open() else {
        return;
    };
    chromium.value(
        "const select = document.querySelector('.chooser select'); select.value = 'reuseport'; \
         select.dispatchEvent(new Event('change'))",
    );
    let shown = "[...document.querySelectorAll('#scenario-0 [data-choice]:not([hidden])')]\
                 .map((one) => one.dataset.choice).join()";
    assert_eq!(chromium.value(shown), "reuseport");
}

#[test]
fn arrow_keys_tell_the_figures_of_a_chart_and_colours_follow_the_system() {
    let Some((mut chromium, _folder)) = open() else {
        return;
    };
    chromium.value("document.querySelector('[data-chart=throughput] svg').focus()");
    let tip = "document.getElementById('tip').textContent";
    chromium.press("ArrowRight", 39, "");
    let first = chromium.value(tip);
    assert!(first.as_str().unwrap().starts_with("single: "), "{first}");
    chromium.press("ArrowDown", 40, "");
    let second = chromium.value(tip);
    assert!(
        second.as_str().unwrap().starts_with("shared-listener: "),
        "{second}"
    );
    let mut page_in = |scheme: &str| {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        chromium.call(
            "Emulation.setEmulatedMedia",
            json!({ "features": features }),
        );
        chromium.value("getComputedStyle(document.body).backgroundColor")
    };
    assert_eq!(page_in("light"), "rgb(255, 255, 255)");
    assert_eq!(page_in("dark"), "rgb(13, 17, 23)");
}

#[test]
fn of_many_strategies_a_mechanism_is_hidden_at_once_and_the_few_that_stay_stand_out() {
    let Some((mut chromium, _folder)) = open_page_of(&common::many::study()) else {
        return;
    };
    let shown = "document.querySelector('.series output').textContent";
    assert_eq!(chromium.value(shown), "40");
    let of_mechanism = "[aria-label=splice] .mechanism";
    chromium.value(&format!("document.querySelector('{of_mechanism}').click()"));
    assert_eq!(chromium.value(shown), "32", "eight have one mechanism");
    chromium.value(&format!("document.querySelector('{of_mechanism}').click()"));
    assert_eq!(chromium.value(shown), "40");
    let opacity = "getComputedStyle(document.querySelector(\
                   '[data-chart=latency] .pale:not(.hidden) polyline')).strokeOpacity";
    assert_eq!(chromium.value(opacity), "0.3");
    chromium.value("document.querySelector('.series .none').click()");
    assert_eq!(chromium.value(shown), "0");
    chromium.value(&format!("document.querySelector('{of_mechanism}').click()"));
    assert_eq!(chromium.value(shown), "8");
    assert_eq!(chromium.value(opacity), "1", "so few can be followed");
}

#[test]
fn on_a_narrow_screen_the_ratios_to_systems_stand_beside_their_names_and_go_with_their_system() {
    let Some((mut chromium, _folder)) = open_page_of(&common::peers::study(2)) else {
        return;
    };
    let narrow = json!({ "width": 400, "height": 900, "deviceScaleFactor": 1, "mobile": false });
    chromium.call("Emulation.setDeviceMetricsOverride", narrow);
    let widest = "Math.max(...[...document.querySelectorAll('#systems tbody th')]\
                  .map((name) => name.getBoundingClientRect().right))";
    let widest = chromium.value(widest).as_f64().unwrap();
    assert!(widest < 250.0, "names end at {widest} of 400 pixels");
    chromium.value("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
    assert_eq!(
        chromium.value("document.documentElement.scrollWidth <= innerWidth"),
        json!(true),
        "the page itself does not scroll to the side, whatever is unfolded"
    );
    let shown = "[...document.querySelectorAll('#systems tbody tr:not(.hidden) th')]\
                 .filter((name) => name.textContent.includes(': envoy')).length";
    assert_eq!(chromium.value(shown), 8, "four ways under two scenarios");
    chromium.value("document.querySelector(`[aria-label='peer:envoy'] .mechanism`).click()");
    assert_eq!(chromium.value(shown), 0);
    let files = "[...document.querySelectorAll('#strategies details pre')]\
                 .every((text) => text.textContent.includes('<made up>'))";
    assert_eq!(chromium.value(files), json!(true));
}

#[test]
fn at_every_width_commands_stay_whole_and_only_what_says_so_scrolls_to_the_side() {
    let Some((mut chromium, _folder)) = open() else {
        return;
    };
    for width in [1400, 800, 400] {
        let screen =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        chromium.call("Emulation.setDeviceMetricsOverride", screen);
        let holds = [
            "document.documentElement.scrollWidth <= innerWidth",
            "[...document.querySelectorAll('.advice code')].every((one) => one.clientHeight < 40)",
            "[...document.querySelectorAll('.wide')].every((one) => one.scrollWidth <= one.clientWidth \
             || getComputedStyle(one.previousElementSibling).display === 'block' \
             || one.closest('details'))",
        ];
        for script in holds {
            assert_eq!(chromium.value(script), json!(true), "{script} at {width}");
        }
    }
}
