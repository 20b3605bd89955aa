//! Ratios as a page says them.

use crate::compare::Ratio;
use crate::units;

/// A ratio and its interval as changes.
pub(super) fn changes(ratio: Ratio) -> (String, Option<String>) {
    let interval = ratio.interval.map(|interval| interval.words(change));
    (change(ratio.estimate), interval)
}

/// A ratio as a change: `+12.3%`, `−40%`, `3.4 ×`.
fn change(ratio: f64) -> String {
    if ratio >= 2.0 {
        return format!("{} ×", units::count(ratio));
    }
    let sign = if ratio < 1.0 { "−" } else { "+" };
    format!("{sign}{}", units::percent((ratio - 1.0).abs()))
}
