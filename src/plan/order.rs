//! The order in which trials run.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_pcg::Pcg64;

use super::{Plan, derive};

/// A trial of the plan: which strategy under which scenario in which block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cell {
    /// Repetition, from 0.
    pub(crate) block: u32,
    /// Index into [`Plan::contestants`].
    pub(crate) strategy: usize,
    /// Index into [`Plan::scenarios`].
    pub(crate) scenario: usize,
}

impl Plan {
    /// All trials in the order in which they run: block by block, and within a block in a
    /// random order that depends on the seed and on nothing else.
    ///
    /// So a drift of the machine (heat, other load) meets every strategy alike, and paired
    /// trials are near each other in time.
    pub(crate) fn cells(&self) -> Vec<Cell> {
        (0..self.config.blocks)
            .flat_map(|block| self.block(block))
            .collect()
    }

    /// The trials of one block in their order.
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

    /// The seed of the load of a trial. It is the same for every strategy: they are to see
    /// the same arrivals and the same sequence of work.
    pub(crate) fn load_seed(&self, cell: Cell) -> u64 {
        derive(
            self.config.seed,
            &self.scenarios[cell.scenario].name,
            cell.block,
        )
    }
}
