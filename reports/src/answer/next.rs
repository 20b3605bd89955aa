//! Which command would settle what is open.

use super::scenario::ScenarioAnswer;
use super::standing::{Place, Standing};
use super::words::name;
use super::{Advice, AdviceKind};
use crate::compare::{Comparison, MIN_BLOCKS, MOST_BLOCKS};
use crate::study::Study;
use crate::units::plural;

/// Times as many blocks as there are that a reader may want to run: for more, the answer is that the difference
/// is too small to matter.
const REASONABLE: usize = 10;

/// More blocks, if they would show something.
pub(super) fn more_blocks(
    study: &Study,
    scenarios: &[ScenarioAnswer],
    folder: &str,
) -> Option<Advice> {
    let ran = study.header.plan.blocks as usize;
    let shown = shown_by(scenarios, ran);
    let (blocks, what) = match shown {
        _ if study.header.plan.strategies.len() < 2 => return None,
        shown if ran < MIN_BLOCKS => {
            let needed = shown.map_or(MIN_BLOCKS, |(blocks, _)| blocks.max(MIN_BLOCKS));
            let cannot = plural(ran, "block");
            (needed, format!("may show what {cannot} cannot"))
        }
        Some((blocks, what)) => (blocks, format!("will probably show that {what}")),
        None => ranked_by(scenarios, ran)?,
    };
    Some(command(ran, blocks, &what, folder))
}

/// More blocks, if they would show a difference between the first build and another.
pub(super) fn for_differences(
    study: &Study,
    compared: &[Comparison],
    label: &str,
    folder: &str,
) -> Option<Advice> {
    let ran = study.header.plan.blocks as usize;
    let open = compared
        .iter()
        .filter_map(|one| Some((one.blocks_needed?, one)));
    let in_reach = open.filter(|(blocks, _)| is_in_reach(*blocks, ran));
    let (blocks, one) = in_reach.min_by_key(|(blocks, _)| *blocks)?;
    let (metric, candidate, scenario) = (name(one.metric), one.candidate, one.scenario);
    let what = match ran < MIN_BLOCKS {
        true => format!("may show what {} cannot", plural(ran, "block")),
        false => format!(
            "will probably show that {candidate} differs from {label} in {metric} for {scenario}"
        ),
    };
    Some(command(ran, blocks, &what, folder))
}

/// Advice to go on to so many blocks.
fn command(ran: usize, blocks: usize, what: &str, folder: &str) -> Advice {
    let more = plural(blocks - ran, "more block");
    Advice {
        command: Some(format!("evenkeel run --resume {folder} -b {blocks}")),
        ..Advice::of(AdviceKind::Next, format!("{more} {what}"))
    }
}

/// Whether a reader may want to run so many blocks.
fn is_in_reach(blocks: usize, ran: usize) -> bool {
    blocks > ran && blocks <= ran * REASONABLE && blocks < MOST_BLOCKS
}

/// The fewest blocks that would show something that was only seen so far, and what that is.
fn shown_by(scenarios: &[ScenarioAnswer], ran: usize) -> Option<(usize, String)> {
    let open = scenarios.iter().flat_map(|here| {
        let is_open = |place: &&Place| matches!(place.standing, Standing::Behind | Standing::Open);
        here.places().filter(is_open).filter_map(move |place| {
            let behind = place.behind?;
            // Blocks in which one of the two has no valid trial do not count.
            let lacking = ran + MIN_BLOCKS.saturating_sub(behind.blocks);
            let blocks = behind.blocks_needed?.max(lacking);
            let (strategy, leader) = (place.strategy, here.leader()?);
            let what = format!("{strategy} is worse than {leader} for {}", here.scenario);
            Some((blocks, what))
        })
    });
    open.filter(|(blocks, _)| is_in_reach(*blocks, ran))
        .min_by_key(|(blocks, _)| *blocks)
}

/// The fewest blocks after which a strategy may have enough for a rank, and which one that is.
fn ranked_by(scenarios: &[ScenarioAnswer], ran: usize) -> Option<(usize, String)> {
    let few = scenarios.iter().flat_map(|here| {
        here.too_few.iter().map(move |few| {
            let (blocks, scenario) = (ran + here.rank_takes - few.blocks, here.scenario);
            let what = format!("may give {} a rank under {scenario}", few.strategy);
            (blocks, what)
        })
    });
    few.min_by_key(|(blocks, _)| *blocks)
}
