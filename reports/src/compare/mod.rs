//! Whether one strategy is better than another, and by how much.
//!
//! Strategies are compared block by block: within a block they ran minutes apart under the same
//! plan, so what the machine did to one it mostly did to the other. The ratio of a figure, on a
//! logarithmic scale, is one value per block, and its mean over blocks is what is judged.
//!
//! [`with_baseline`] compares all strategies of a study with one, [`rankings`] orders the strategies of each
//! scenario, [`peer_comparisons`] compares our strategies with the peers that they stand for, and
//! [`studies`] compares two studies that did not run interleaved. [`losses`] compares what is lost while fleets
//! change. [`Precision`] decides when there are
//! enough blocks. [`Noise`] and [`false_verdicts`] check the method itself.

mod all_pairs;
mod builds;
mod by_block;
mod comparison;
mod copies;
mod criteria;
mod evidence;
mod family;
mod judge;
mod losses;
mod metric;
mod noise;
mod peer_pair;
mod peers;
mod precision;
mod ranking;
mod ratio;
mod standings;
mod study;

pub use builds::{BUILD_MARK, builds};
pub(crate) use by_block::ByBlock;
pub use comparison::{Comparison, Verdict};
pub use copies::{COPY_MARK, FalseVerdicts, false_verdicts, is_aa, stem};
pub use criteria::{Criteria, Exception, MOST_BLOCKS, Margin};
pub(crate) use evidence::Evidence;
pub use family::leading_metric;
pub use losses::{LossComparison, losses};
pub use metric::{Direction, Metric, UnknownMetric};
pub use noise::{Noise, Tally};
pub(crate) use peer_pair::{PeerPair, peer_pairs};
pub use peers::{PEER_METRICS, counterparts, peer_comparisons};
pub use precision::Precision;
pub use ranking::{Ranked, Ranking, rankings};
pub use ratio::Ratio;
pub use standings::{Standing, standings};
pub use study::{leading, pairs, strategies, studies, with_baseline};

pub use crate::stats::MIN_BLOCKS;
