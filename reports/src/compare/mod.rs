//! Whether one strategy is better than another, and by how much.
//!
//! Strategies are compared block by block: within a block they ran minutes apart under the same
//! plan, so what the machine did to one it mostly did to the other. The ratio of a figure, on a
//! logarithmic scale, is one value per block, and its mean over blocks is what is judged.
//!
//! [`with_baseline`] holds all strategies of a study against one, [`standings`] finds the leader
//! of each scenario and who is tied with it, [`peer_comparisons`] holds our strategies against the
//! systems that they stand for, and [`studies`] compares two studies that did not run interleaved. [`Precision`] says when there are blocks enough. [`Noise`] and
//! [`false_verdicts`] check the method itself.

mod builds;
mod comparison;
mod criteria;
mod evidence;
mod logs;
mod metric;
mod noise;
mod peer_pair;
mod peers;
mod precision;
mod standing;
mod study;
mod twins;

pub use builds::{BUILD_MARK, builds};
pub use comparison::{Comparison, Ratio, Verdict};
pub use criteria::{Criteria, Exception, MIN_BLOCKS, MOST_BLOCKS, Margin};
pub use metric::{Direction, Metric, UnknownMetric};
pub use noise::{Noise, Tally};
pub(crate) use peer_pair::{PeerPair, peer_pairs};
pub use peers::{PEER_METRICS, PeerComparison, counterparts, peer_comparisons};
pub use precision::Precision;
pub use standing::{Standing, standings};
pub use study::{leading, leading_metric, pairs, studies, with_baseline};
pub use twins::{FalseVerdicts, TWIN_MARK, false_verdicts, is_aa, stem};
