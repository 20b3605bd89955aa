//! The order of trials.

use std::ops::Range;

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;

use super::{Plan, derive};

/// A trial of the plan: a contestant under a scenario in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cell {
    /// Number of the block, from 0.
    pub(crate) block: u32,
    /// Index into [`Plan::contestants`].
    pub(crate) strategy: usize,
    /// Index into [`Plan::scenarios`].
    pub(crate) scenario: usize,
}

impl Plan {
    /// Returns all trials in their order: block by block, and within a block in a random order that
    /// depends only on the seed.
    ///
    /// So a drift of the machine (heat, other load) affects every strategy equally, and paired
    /// trials are close in time.
    pub(crate) fn cells(&self) -> Vec<Cell> {
        (0..self.config.blocks)
            .flat_map(|block| self.block(block))
            .collect()
    }

    /// Returns the trials of one block in their order. Scenarios that were added later come after the
    /// others, so these keep the order that they had.
    pub(crate) fn block(&self, block: u32) -> Vec<Cell> {
        let of_group = |(part, scenarios): (String, Range<usize>)| {
            let mut cells: Vec<Cell> = (0..self.contestants.len())
                .flat_map(|strategy| {
                    scenarios.clone().map(move |scenario| Cell {
                        block,
                        strategy,
                        scenario,
                    })
                })
                .collect();
            let seed = derive(self.config.seed, &part, block);
            cells.shuffle(&mut Pcg64::seed_from_u64(seed));
            cells
        };
        self.groups().into_iter().flat_map(of_group).collect()
    }

    /// Returns the scenarios that were planned together, each group with the part of the seed that
    /// orders its trials.
    fn groups(&self) -> Vec<(String, Range<usize>)> {
        let added = || self.extensions.iter().map(|it| it.scenarios.len());
        let mut end = self.scenarios.len() - added().sum::<usize>();
        let mut groups = vec![("order".to_owned(), 0..end)];
        for (number, added) in (1..).zip(added()) {
            groups.push((format!("order of extension {number}"), end..end + added));
            end += added;
        }
        groups
    }

    /// Returns the seed of the load of a trial. It is the same for every strategy, so all get the
    /// same arrivals and the same work sequence.
    pub(crate) fn load_seed(&self, cell: Cell) -> u64 {
        derive(
            self.config.seed,
            &self.scenarios[cell.scenario].name,
            cell.block,
        )
    }
}
