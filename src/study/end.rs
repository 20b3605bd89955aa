//! When a study ends, and why.

use std::fmt::{self, Display, Formatter};
use std::time::Duration;

use evenkeel_common::duration::show;
use evenkeel_common::units::{percent, plural};
use evenkeel_reports::compare::Precision;

use crate::config::Goal;
use crate::plan::Plan;
use crate::values::Share;

/// Why a study ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StudyEnd {
    AllBlocks(u32),
    /// Its confidence intervals are as narrow as requested.
    Precise {
        blocks: u32,
        /// Half the width of the widest interval, relative.
        widest: f64,
        goal: Goal,
    },
    /// Another block would not end in time.
    TimeUp {
        blocks: u32,
        /// Half the width of the widest interval, relative; `None` if a comparison has no interval.
        widest: Option<f64>,
        goal: Goal,
    },
    /// No two strategies have comparable figures, so no interval would ever become narrow.
    NothingToCompare(u32),
    /// A signal requested the end.
    Interrupted,
}

/// Returns why a study with this number of blocks, which took `spent`, is at its end, if it is.
pub(super) fn reached(
    plan: &Plan,
    blocks: u32,
    spent: Duration,
    precision: Option<Precision>,
) -> Option<StudyEnd> {
    if blocks < plan.config.blocks {
        return None;
    }
    let Some(goal) = plan.config.goal else {
        return Some(StudyEnd::AllBlocks(blocks));
    };
    let Some(precision) = precision else {
        return Some(StudyEnd::NothingToCompare(blocks));
    };
    let widest = precision.widest;
    if let Some(widest) = widest.filter(|_| precision.is_reached()) {
        return Some(StudyEnd::Precise {
            blocks,
            widest,
            goal,
        });
    }
    let with_another = spent + spent.div_f64(f64::from(blocks));
    (with_another > goal.max_time).then_some(StudyEnd::TimeUp {
        blocks,
        widest,
        goal,
    })
}

impl Display for StudyEnd {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let count = |blocks: &u32| plural(*blocks as usize, "block");
        let share = |goal: &Goal| Share(goal.precision);
        match self {
            Self::AllBlocks(blocks) => write!(f, "{} done", count(blocks)),
            Self::Precise {
                blocks,
                widest,
                goal,
            } => write!(
                f,
                "after {} every interval is narrow enough: the widest reaches {}, and {} was requested",
                count(blocks),
                percent(*widest),
                share(goal)
            ),
            Self::TimeUp {
                blocks,
                widest,
                goal,
            } => {
                let time = show(goal.max_time);
                write!(
                    f,
                    "after {} another block would not end within {time}: ",
                    count(blocks)
                )?;
                match widest {
                    Some(widest) => write!(f, "the widest interval reaches {}", percent(*widest))?,
                    None => f.write_str("not every comparison has an interval")?,
                }
                write!(f, ", and {} was requested", share(goal))
            }
            Self::NothingToCompare(blocks) => write!(
                f,
                "after {} no two strategies have figures that may be compared",
                count(blocks)
            ),
            Self::Interrupted => f.write_str("it was interrupted"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::tests::plan;

    const PRECISE: &str = "precision = '3%'\nmax_time = '5m'\nstrategies = ['single', 'reuseport']";

    fn precision(widest: f64, more_blocks: usize) -> Option<Precision> {
        Some(Precision {
            widest: Some(widest),
            more_blocks: Some(more_blocks),
        })
    }

    fn minutes(minutes: u64) -> Duration {
        Duration::from_secs(60 * minutes)
    }

    #[test]
    fn without_a_precision_a_study_ends_with_its_blocks_whatever_time_they_take() {
        let plan = plan("blocks = 3");
        assert_eq!(reached(&plan, 2, minutes(99), precision(0.01, 0)), None);
        let end = reached(&plan, 3, minutes(99), precision(0.9, 50));
        assert_eq!(end, Some(StudyEnd::AllBlocks(3)));
    }

    #[test]
    fn a_study_goes_on_until_it_is_precise() {
        let plan = plan(PRECISE);
        assert_eq!(reached(&plan, 5, minutes(9), precision(0.01, 0)), None);
        assert_eq!(reached(&plan, 6, minutes(1), precision(0.05, 4)), None);
        let end = reached(&plan, 7, minutes(1), precision(0.029, 0)).expect("an end");
        assert_eq!(
            end.to_string(),
            "after 7 blocks every interval is narrow enough: the widest reaches 2.9%, and 3% was \
             requested"
        );
    }

    #[test]
    fn no_block_starts_that_would_not_end_in_time() {
        let plan = plan(PRECISE);
        assert_eq!(reached(&plan, 8, minutes(4), precision(0.05, 4)), None);
        let end = reached(&plan, 10, minutes(5), precision(0.05, 4)).expect("an end");
        assert_eq!(
            end.to_string(),
            "after 10 blocks another block would not end within 5m: the widest interval reaches \
             5.0%, and 3% was requested"
        );
    }

    #[test]
    fn a_study_without_anything_to_compare_ends() {
        let end = reached(&plan(PRECISE), 6, minutes(1), None);
        assert_eq!(end, Some(StudyEnd::NothingToCompare(6)));
    }
}
