//! From figures to pixels, and the round figures that an axis names.

/// How many ticks a linear axis should have at most.
const MOST_TICKS: f64 = 6.0;

/// A linear or logarithmic axis.
#[derive(Clone, Copy, Debug)]
pub(in crate::chart) struct Scale {
    domain: (f64, f64),
    pixels: (f64, f64),
    logarithmic: bool,
}

impl Scale {
    /// From the figures `domain` to the places `pixels`.
    pub(in crate::chart) fn linear(domain: (f64, f64), pixels: (f64, f64)) -> Scale {
        Scale {
            domain,
            pixels,
            logarithmic: false,
        }
    }

    /// The same by the logarithm; both ends of `domain` are above zero.
    pub(in crate::chart) fn logarithmic(domain: (f64, f64), pixels: (f64, f64)) -> Scale {
        Scale {
            domain,
            pixels,
            logarithmic: true,
        }
    }

    /// The place of a figure; one beyond an end stands at the end, as does the logarithm of zero.
    pub(in crate::chart) fn at(&self, value: f64) -> f64 {
        let map = |v: f64| if self.logarithmic { v.log10() } else { v };
        let (low, high) = (map(self.domain.0), map(self.domain.1));
        let share = ((map(value) - low) / (high - low)).clamp(0.0, 1.0);
        self.pixels.0 + share * (self.pixels.1 - self.pixels.0)
    }

    /// Where the axis begins and ends, in pixels.
    pub(in crate::chart) fn ends(&self) -> (f64, f64) {
        self.pixels
    }

    /// Whether a figure lies on the axis.
    pub(in crate::chart) fn holds(&self, value: f64) -> bool {
        (self.domain.0..=self.domain.1).contains(&value)
    }
}

/// Round figures from zero to `max`, and the last of them at or beyond it.
pub(in crate::chart) fn linear_ticks(max: f64) -> Vec<f64> {
    let max = if max > 0.0 && max.is_finite() {
        max
    } else {
        1.0
    };
    let rough = max / (MOST_TICKS - 1.0);
    let decade = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .map(|digit| digit * decade)
        .into_iter()
        .find(|step| *step >= rough * 0.999)
        .unwrap_or(10.0 * decade);
    let steps = (max / step - 1e-9).ceil() as u32;
    (0..=steps).map(|n| f64::from(n) * step).collect()
}

/// 1, 2, 5, 10 … that enclose two figures; only the tens if that would be many.
pub(in crate::chart) fn decades(min: f64, max: f64) -> Vec<f64> {
    let all: Vec<f64> = (-3..=11)
        .flat_map(|decade| [1.0, 2.0, 5.0].map(|digit| digit * 10f64.powi(decade)))
        .collect();
    let last = all.len() - 1;
    let low = all.iter().rposition(|v| *v <= min).unwrap_or(0);
    let high = all.iter().position(|v| *v > max).unwrap_or(last);
    let (low, high) = (low.min(last - 1), high.max(low + 1).min(last));
    let enclosing = &all[low..=high];
    if enclosing.len() <= 10 {
        return enclosing.to_vec();
    }
    // Every third is a power of ten; the ends are widened to one.
    let (low, high) = (low / 3 * 3, (high.div_ceil(3) * 3).min(last / 3 * 3));
    all[low..=high].iter().step_by(3).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_ticks_are_round_and_reach_the_largest_figure() {
        assert_eq!(
            linear_ticks(1.0),
            [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]
        );
        assert_eq!(linear_ticks(23.0), [0.0, 5.0, 10.0, 15.0, 20.0, 25.0]);
        for odd in [0.0, f64::NAN, f64::INFINITY, -3.0] {
            assert_eq!(linear_ticks(odd).len(), 6, "{odd}");
        }
    }

    #[test]
    fn decades_enclose_what_they_are_given() {
        for (min, max) in [
            (3.0, 70.0),
            (0.02, 4e6),
            (50.0, 50.0),
            (0.0, 1e-9),
            (1e12, 1e13),
        ] {
            let ticks = decades(min, max);
            assert!(
                ticks.len() >= 2 && ticks.windows(2).all(|w| w[0] < w[1]),
                "{ticks:?}"
            );
            assert!(ticks.len() <= 10, "{ticks:?}");
        }
        let ticks = decades(3.0, 70.0);
        assert_eq!((ticks[0], ticks[ticks.len() - 1]), (2.0, 100.0));
    }

    #[test]
    fn a_figure_beyond_an_end_stands_at_the_end() {
        let scale = Scale::logarithmic((1.0, 100.0), (0.0, 10.0));
        assert_eq!(
            [0.0, 1.0, 10.0, 100.0, 1e9].map(|v| scale.at(v)),
            [0.0, 0.0, 5.0, 10.0, 10.0]
        );
    }
}
