//! Arrivals of an open loop: how many were late or waited.

use serde::Serialize;

use crate::units::{self, plural};

/// What became of the arrivals that were due in the measured time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArrivalFigures {
    /// Number of arrivals that were due.
    pub due: u64,
    /// Arrivals that were sent before the measured time was over.
    pub sent_in_time: u64,
    /// Arrivals that found all connections busy.
    pub waited: u64,
    /// Arrivals that the generator sent later than `late_after_us` after it could have.
    pub late: u64,
    /// Microseconds.
    pub late_after_us: f64,
    /// Successive gaps that the check of the schedule looked at.
    pub gaps_checked: usize,
    /// How far the gaps are from what they should be; absent where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spacing: Option<Checked>,
    /// Random arrivals: correlation of each gap with the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation: Option<Checked>,
    /// Arrivals in excess of the schedule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<Checked>,
}

/// A figure and the largest absolute value that it may have.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Checked {
    /// The figure.
    pub figure: f64,
    /// The limit, which a correct schedule does not exceed.
    pub allowed: f64,
}

impl Checked {
    fn holds(self) -> bool {
        self.figure.abs() <= self.allowed
    }
}

impl ArrivalFigures {
    pub(super) fn text(&self) -> String {
        let due = plural(self.due as usize, "arrival");
        let (waited, late) = (units::whole(self.waited), units::whole(self.late));
        format!(
            "{due}; {waited} waited for a connection, {late} sent late; {}",
            self.schedule()
        )
    }

    fn schedule(&self) -> &'static str {
        let checks = [self.spacing, self.correlation, self.count];
        let made: Vec<Checked> = checks.into_iter().flatten().collect();
        match made.iter().all(|checked| checked.holds()) {
            _ if made.is_empty() => "schedule not checked",
            true => "schedule as configured",
            false => "schedule NOT as configured",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_as_configured_if_all_checks_hold() {
        let checked = |figure| {
            Some(Checked {
                figure,
                allowed: 1.0,
            })
        };
        for (spacing, count, schedule) in [
            (None, None, "schedule not checked"),
            (None, checked(-1.0), "schedule as configured"),
            (checked(0.5), checked(-1.5), "schedule NOT as configured"),
        ] {
            let arrivals = ArrivalFigures {
                due: 1_000,
                sent_in_time: 1_000,
                waited: 3,
                late: 2,
                late_after_us: 1_000.0,
                gaps_checked: 999,
                spacing,
                correlation: None,
                count,
            };
            let text = arrivals.text();
            let start = "1,000 arrivals; 3 waited for a connection, 2 sent late; ";
            assert_eq!(text, format!("{start}{schedule}"));
        }
    }
}
