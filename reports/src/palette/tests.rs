//! How far apart the colours are for eyes of every kind.

use std::collections::BTreeSet;

use super::{COLORS, INK, Rgb, styles};

type Linear = [f64; 3];

/// Ink on a dark page, where it is what the page calls its text colour.
const DARK_INK: Rgb = Rgb(0xE6, 0xED, 0xF3);

/// Full severity protanopia, deuteranopia and tritanopia in linear RGB: G. Machado, M. Oliveira,
/// L. Fernandes, "A Physiologically-based Model for Simulation of Color Vision Deficiency",
/// IEEE TVCG 15(6), 2009. The last one is normal sight.
const SIGHTS: [[Linear; 3]; 4] = [
    [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
    [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
];

/// The least CIE76 difference in Okabe and Ito's own palette, seen through the same simulation
/// (bluish green and sky blue under tritanopia: 16.05), rounded down.
const LEAST_DIFFERENCE: f64 = 16.0;

fn linear(color: Rgb) -> Linear {
    [color.0, color.1, color.2].map(|byte| {
        let c = f64::from(byte) / 255.0;
        if c <= 0.04045 {
            c / 12.92
        } else {
            ((c + 0.055) / 1.055).powf(2.4)
        }
    })
}

fn dot(a: Linear, b: Linear) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// CIE L*a*b* of linear sRGB under D65.
fn lab(rgb: Linear) -> Linear {
    let f = |t: f64| {
        if t > 0.008856 {
            t.cbrt()
        } else {
            7.787 * t + 16.0 / 116.0
        }
    };
    let x = f(dot([0.4124, 0.3576, 0.1805], rgb) / 0.9505);
    let y = f(dot([0.2126, 0.7152, 0.0722], rgb));
    let z = f(dot([0.0193, 0.1192, 0.9505], rgb) / 1.089);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

fn difference(a: Rgb, b: Rgb, sight: [Linear; 3]) -> f64 {
    let seen = |color| lab(sight.map(|row| dot(row, linear(color)).clamp(0.0, 1.0)));
    let (a, b) = (seen(a), seen(b));
    a.iter()
        .zip(b)
        .map(|(a, b)| (a - b).powi(2))
        .sum::<f64>()
        .sqrt()
}

#[test]
fn every_two_colours_are_told_apart_by_eyes_of_every_kind_on_either_page() {
    for ink in [INK, DARK_INK] {
        let shown = COLORS.map(|color| if color == INK { ink } else { color });
        for sight in SIGHTS {
            for (index, a) in shown.iter().enumerate() {
                for b in &shown[..index] {
                    let apart = difference(*a, *b, sight);
                    assert!(apart >= LEAST_DIFFERENCE, "{a:?} {b:?} {apart}");
                }
            }
        }
    }
}

#[test]
fn many_strategies_share_the_colour_of_their_family_and_have_looks_of_their_own() {
    let families = ["a", "b", "c", "d", "e"];
    let families = families.into_iter().flat_map(|family| [family; 20]);
    let styles = styles(families);
    let distinct: BTreeSet<String> = styles
        .iter()
        .map(|l| format!("{:?} {:?} {:?}", l.color, l.marker, l.dash))
        .collect();
    assert_eq!(distinct.len(), styles.len());
    for of_family in styles.chunks(20) {
        assert!(of_family.iter().all(|l| l.color == of_family[0].color));
    }
}

#[test]
fn a_few_strategies_have_a_colour_each() {
    let styles = styles(["a", "a", "a"].into_iter());
    let colors: Vec<Rgb> = styles.iter().map(|style| style.color).collect();
    assert_eq!(colors, COLORS[..3]);
}
