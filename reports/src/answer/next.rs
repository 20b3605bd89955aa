//! Which command would settle what is open.

use super::scenario::ScenarioAnswer;
use super::standing::Standing;
use crate::compare::{MIN_BLOCKS, MOST_BLOCKS};
use crate::study::Study;
use crate::units::plural;

/// Times as many blocks as there are that a reader may want to run: for more, the answer is that the difference
/// is too small to matter.
const REASONABLE: usize = 10;

pub(super) fn sentences(study: &Study, scenarios: &[ScenarioAnswer], folder: &str) -> Vec<String> {
    let ran = study.header.plan.blocks as usize;
    let command = |blocks: usize| format!("evenkeel run --resume {folder} -b {blocks}");
    let more = |blocks: usize| plural(blocks - ran, "more block");
    let has_rivals = study.header.plan.strategies.len() > 1;
    if ran < MIN_BLOCKS && has_rivals {
        let needed = MIN_BLOCKS.max(needed(scenarios, ran).map_or(0, |(blocks, _)| blocks));
        return vec![format!(
            "{} may show what {} cannot: {}",
            more(needed),
            plural(ran, "block"),
            command(needed)
        )];
    }
    let sentence = needed(scenarios, ran).map(|(blocks, what)| {
        format!(
            "{} will probably show that {what}: {}",
            more(blocks),
            command(blocks)
        )
    });
    sentence.into_iter().collect()
}

/// The fewest blocks that would show something that was only seen so far, and what that is.
fn needed(scenarios: &[ScenarioAnswer], ran: usize) -> Option<(usize, String)> {
    let open = scenarios.iter().flat_map(|here| {
        let open = here
            .places()
            .filter(|place| place.standing == Standing::Behind);
        open.filter_map(move |place| {
            let blocks = place.behind?.blocks_needed?;
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
