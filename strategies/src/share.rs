//! Shares of things that are counted.

use std::fmt::{self, Display, Formatter};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A share of things that are counted, from a thousandth to all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Share {
    thousandths: u16,
}

const ALL: u16 = 1000;

impl Share {
    /// Rounds a share to thousandths. Returns `None` if it is none of them, or more than 1.
    pub fn new(share: f64) -> Option<Self> {
        let thousandths = (share * f64::from(ALL)).round();
        let is_share = (1.0..=f64::from(ALL)).contains(&thousandths);
        is_share.then_some(Self {
            thousandths: thousandths as u16,
        })
    }

    /// Returns the share as a number up to 1.
    pub fn number(self) -> f64 {
        f64::from(self.thousandths) / f64::from(ALL)
    }

    /// Returns this share of a number, rounded down.
    pub(crate) fn of(self, number: u64) -> u64 {
        number * u64::from(self.thousandths) / u64::from(ALL)
    }

    /// Chooses this share of the following items, evenly: of any number in a row it chooses the share, rounded
    /// down.
    pub(crate) fn choice(self) -> impl FnMut() -> bool {
        let mut due = 0;
        move || {
            due += self.thousandths;
            let is_chosen = due >= ALL;
            if is_chosen {
                due -= ALL;
            }
            is_chosen
        }
    }
}

impl Display for Share {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", f64::from(self.thousandths) / 10.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_to_thousandths() {
        let number = |share: f64| Share::new(share).map(Share::number);
        assert_eq!(number(0.25), Some(0.25));
        assert_eq!(number(1.0), Some(1.0));
        assert_eq!(number(0.0006), Some(0.001));
        let shown = |share: f64| Share::new(share).map(|it| it.to_string());
        assert_eq!(shown(0.25).as_deref(), Some("25%"));
        assert_eq!(shown(0.333).as_deref(), Some("33.3%"));
        for none in [0.0, 0.0004, -0.5, 1.001, f64::NAN, f64::INFINITY] {
            assert_eq!(number(none), None, "{none}");
        }
    }

    #[test]
    fn a_share_of_items_is_spread_evenly_over_them() {
        let chosen = |share: f64, items: usize| {
            let mut choice = Share::new(share).expect("a share").choice();
            (0..items).filter(|_| choice()).collect::<Vec<_>>()
        };
        assert_eq!(chosen(0.25, 9), [3, 7]);
        assert_eq!(chosen(1.0, 3), [0, 1, 2]);
        assert_eq!(chosen(0.001, 999).len(), 0);
        assert_eq!(chosen(0.4, 1000).len(), 400);
    }
}
