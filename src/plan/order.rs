//! The order of trials.

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

    /// Returns the trials of one block in their order.
    pub(crate) fn block(&self, block: u32) -> Vec<Cell> {
        let mut cells: Vec<Cell> = (0..self.contestants.len())
            .flat_map(|strategy| {
                (0..self.scenarios.len()).map(move |scenario| Cell {
                    block,
                    strategy,
                    scenario,
                })
            })
            .collect();
        cells.shuffle(&mut Pcg64::seed_from_u64(derive(
            self.config.seed,
            "order",
            block,
        )));
        cells
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
