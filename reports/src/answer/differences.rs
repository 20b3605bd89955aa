//! What became worse, and what better, between two builds, two studies or two strategies.

use super::words::{by, joined};
use super::{Advice, AdviceKind};
use crate::compare::{Comparison, Verdict};
use crate::units::plural;

/// Most sentences of a kind: the tables have all.
const MOST: usize = 6;

/// Returns what comparisons show. `than` is what a sentence calls the side that they refer to.
pub fn differences(comparisons: &[Comparison], than: &str) -> Vec<Advice> {
    let of = |verdict, kind| sentences(comparisons, verdict, kind, than);
    let mut found = of(Verdict::Worse, AdviceKind::Worse);
    found.extend(of(Verdict::Better, AdviceKind::Better));
    if found.is_empty() && !comparisons.is_empty() {
        found.push(nothing(comparisons));
    }
    found
}

/// A sentence per scenario and metric, with all strategies that have this verdict.
fn sentences(
    comparisons: &[Comparison],
    verdict: Verdict,
    kind: AdviceKind,
    than: &str,
) -> Vec<Advice> {
    let shown = comparisons.iter().filter(|one| one.verdict == verdict);
    let shown: Vec<&Comparison> = shown.collect();
    let alike = |a: &&Comparison, b: &&Comparison| (a.scenario, a.metric) == (b.scenario, b.metric);
    let each = shown.chunk_by(alike).filter_map(|all| sentence(all, than));
    let mut each: Vec<String> = each.collect();
    let more = each.len().saturating_sub(MOST);
    each.truncate(MOST);
    let left_out = || format!("{}, which the tables show.", plural(more, "more metric"));
    each.extend((more > 0).then(left_out));
    let each = each.into_iter();
    each.map(|text| Advice::of(kind, text)).collect()
}

/// `reuseport for short-lived: 9% to 11% less throughput than baseline (12 blocks).`
fn sentence(all: &[&Comparison], than: &str) -> Option<String> {
    let first = all.first()?;
    let ends = || {
        let ends = all
            .iter()
            .filter_map(|one| Some((one.ratio?.estimate, one.interval())));
        ends.flat_map(|(ratio, known)| known.map_or([ratio; 2], |known| [known.low, known.high]))
    };
    let low = ends().min_by(f64::total_cmp)?;
    let high = ends().max_by(f64::total_cmp)?;
    let (by, joint) = by(first.metric, low, high);
    let who: Vec<&str> = all.iter().map(|one| one.candidate).collect();
    let blocks = all.iter().map(|one| one.blocks).min()?;
    Some(format!(
        "{} for {}: {by} {joint} {than} ({}).",
        joined(&who, "and"),
        first.scenario,
        plural(blocks, "block")
    ))
}

fn nothing(comparisons: &[Comparison]) -> Advice {
    let all = plural(comparisons.len(), "comparison");
    let text = format!("no difference is shown in {all}, which does not prove that there is none.");
    Advice::of(AdviceKind::Same, text)
}
