//! Any number of strategies under any number of scenarios, all figures made up.

use evenkeel_reports::{LoopKind, Measured, Study};

use super::{figures, header, measured};

/// Keys as long as those of a catalogue.
pub(crate) fn keys(count: usize) -> Vec<String> {
    let mechanisms = ["handoff", "splice-sockmap", "proxy", "peer"];
    let key = |number: usize| format!("{}:policy-{number}", mechanisms[number % 4]);
    (0..count).map(key).collect()
}

/// A study in which each figure of a strategy is `factor` times as good as that of the first one; `factor` is
/// given the number of the strategy, of the scenario and of the block, and `None` makes the trial invalid.
pub(crate) fn study(
    keys: &[&str],
    scenarios: &[(&str, LoopKind)],
    blocks: u32,
    factor: impl Fn(usize, usize, u32) -> Option<f64>,
) -> Study {
    let usual = figures(&[150, 150, 150, 150], 900.0, 1.6, Some(9.0));
    let mut trials = Vec::new();
    for block in 0..blocks {
        for (here, (scenario, _)) in scenarios.iter().enumerate() {
            trials.extend(keys.iter().enumerate().map(|(number, key)| {
                let figures = times(&usual, factor(number, here, block));
                measured(key, scenario, block, figures)
            }));
        }
    }
    let mut header = header(keys, scenarios);
    header.plan.blocks = blocks;
    Study {
        header,
        trials,
        warnings: Vec::new(),
    }
}

fn times(usual: &Measured, factor: Option<f64>) -> Measured {
    let mut figures = usual.clone();
    let Some(factor) = factor else {
        figures.valid = false;
        figures.invalid_because = vec!["made up: the generator was late".into()];
        return figures;
    };
    figures.throughput_rps *= factor;
    if let Some(latency) = &mut figures.latency_us {
        latency.p50 /= factor;
        latency.p99 /= factor;
    }
    figures
}
