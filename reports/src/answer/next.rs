//! Which command would settle what is open.

use super::scenario::ScenarioAnswer;
use super::standing::Standing;
use super::{Advice, AdviceKind};
use crate::compare::{MIN_BLOCKS, MOST_BLOCKS};
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
    let (blocks, what) = match needed(scenarios, ran) {
        _ if study.header.plan.strategies.len() < 2 => return None,
        open if ran < MIN_BLOCKS => {
            let needed = open.map_or(MIN_BLOCKS, |(blocks, _)| blocks.max(MIN_BLOCKS));
            let cannot = plural(ran, "block");
            (needed, format!("may show what {cannot} cannot"))
        }
        open => {
            let (blocks, what) = open?;
            (blocks, format!("will probably show that {what}"))
        }
    };
    let more = plural(blocks - ran, "more block");
    Some(Advice {
        command: Some(format!("evenkeel run --resume {folder} -b {blocks}")),
        ..Advice::of(AdviceKind::Next, format!("{more} {what}"))
    })
}

/// The fewest blocks that would show something that was only seen so far, and what that is.
fn needed(scenarios: &[ScenarioAnswer], ran: usize) -> Option<(usize, String)> {
    let open = scenarios.iter().flat_map(|here| {
        let open = here
            .places()
            .filter(|place| place.standing == Standing::Behind);
        open.filter_map(move |place| {
            let behind = place.behind?;
            // Blocks in which one of the two has no valid trial do not count.
            let lacking = ran + MIN_BLOCKS.saturating_sub(behind.blocks);
            let blocks = behind.blocks_needed?.max(lacking);
            let (strategy, leader) = (place.strategy, here.leader()?);
            let what = format!("{strategy} is worse than {leader} for {}", here.scenario);
            Some((blocks, what))
        })
    });
    let in_reach = |(blocks, _): &(usize, String)| {
        *blocks > ran && *blocks <= ran * REASONABLE && *blocks < MOST_BLOCKS
    };
    open.filter(in_reach).min_by_key(|(blocks, _)| *blocks)
}
