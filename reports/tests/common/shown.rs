//! Studies as they are shown, and what must hold of all.

use evenkeel_reports::format::{HTML, Paint};
use evenkeel_reports::{FORMATS, Format, LoopKind, Study, Style, Trial, chart};

use super::header;

pub(crate) fn page(study: &Study) -> String {
    HTML.render(study, Style::default()).unwrap()
}

pub(crate) fn chart_of(study: &Study, name: &str) -> String {
    let charts = chart::all(study, None).unwrap();
    let found = charts.into_iter().find(|(file, _)| file == name);
    found.unwrap_or_else(|| panic!("no chart {name}")).1
}

/// The formats that are one text.
pub(crate) fn one_text() -> impl Iterator<Item = Format> {
    let formats = FORMATS.iter().copied();
    formats.filter(|format| !matches!(format.paint, Paint::Files(_)))
}

/// What must hold for every study.
pub(crate) fn assert_sound(study: &Study) {
    for format in one_text() {
        let text = format.render(study, Style::default()).unwrap();
        for word in ["NaN", "inf ", "-inf", "undefined"] {
            assert!(!text.contains(word), "{word} in {format}");
        }
    }
    let charts = chart::all(study, None).unwrap();
    for (name, svg) in charts.iter() {
        assert_eq!(svg.matches('<').count(), svg.matches('>').count(), "{name}");
        assert!(
            svg.contains("<title>") && svg.contains("aria-label=\""),
            "{name}"
        );
        for place in [" x", " y", "width", "height", "points"] {
            assert!(!svg.contains(&format!("{place}=\"-")), "{place} in {name}");
        }
    }
    let html = page(study);
    let addresses = html.matches("http://").count() + html.matches("https://").count();
    let namespaces = html.matches("xmlns=\"http://www.w3.org/2000/svg\"").count();
    assert_eq!(addresses, namespaces);
    assert!(namespaces >= charts.len());
    for outside in ["<link", "<img", " src=", "@import", "url("] {
        assert!(!html.contains(outside), "{outside}");
    }
    assert_eq!(html.matches("<script").count(), 1, "the page's own");
}

/// A study of one scenario.
pub(crate) fn study(strategies: &[&str], trials: Vec<Trial>) -> Study {
    Study {
        header: header(strategies, &[("bare", LoopKind::Closed)]),
        trials,
        warnings: Vec::new(),
    }
}
