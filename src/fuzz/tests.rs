//! Broken files, made of files that are right: keys, values and bytes changed.

use proptest::prelude::*;

use super::property::KINDS;

/// A right file of each kind, in the order of the kinds.
const RIGHT: [&[&str]; 3] = [
    &[
        include_str!("../../studies/skewed.toml"),
        include_str!("../../studies/short-lived.toml"),
        "name = 'a'\nloop = 'open'\nrate_rps = 50\narrivals = 'burst:1ms:2ms'\nconnections = 2\nwork = { exponential = '/block/10' }\n",
    ],
    &[
        include_str!("../../studies/thorough.toml"),
        include_str!("../../studies/regression.toml"),
        "blocks = 2\n[fleet]\nworkers = 2\nweights = [1, 2]\n[load]\nrate = 5\n[[scenario]]\nname = 'a'\nloop = 'open'\nutilization = 0.5\nconnections = 2\nwork = '/spin/10'\n",
    ],
    &[
        include_str!("../../strategies/peers/nginx-proxy/recipe.toml"),
        include_str!("../../strategies/peers/node-cluster-rr/recipe.toml"),
    ],
];

/// Values that are right nowhere, or only somewhere.
const VALUES: [&str; 16] = [
    "nan",
    "-inf",
    "-1",
    "0",
    "1e308",
    "9223372036854775807",
    "''",
    "'\u{fffd}'",
    "[]",
    "{}",
    "true",
    "[[]]",
    "'1e30s'",
    "'999999h'",
    "'/block/18446744073709551615'",
    "'trace:'",
];

/// Changes a line: its value, its key, or whether it is there.
fn changed(line: &str, how: usize) -> String {
    let key = line.split('=').next().unwrap_or_default();
    match how {
        0 => String::new(),
        1 => format!("{line}\n{line}"),
        2 => format!("x{line}"),
        3 => line.replace(['\'', '"'], ""),
        value => format!("{key}= {}", VALUES[value % VALUES.len()]),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn a_file_with_changed_lines_is_refused_with_its_name_or_can_be_used(
        kind in 0..KINDS.len(),
        file in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0usize..24), 1..4),
    ) {
        let text = file.get(RIGHT[kind]);
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (at, how) in changes {
            let line = at.get(&lines).clone();
            let at = at.index(lines.len());
            lines[at] = changed(&line, how);
        }
        KINDS[kind](&lines.join("\n"));
    }

    #[test]
    fn a_file_with_changed_bytes_is_refused_with_its_name_or_can_be_used(
        kind in 0..KINDS.len(),
        file in any::<prop::sample::Index>(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), 1u8..128), 1..4),
    ) {
        let mut bytes = file.get(RIGHT[kind]).as_bytes().to_vec();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        KINDS[kind](&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn the_right_files_are_right() {
    for (check, files) in KINDS.iter().zip(RIGHT) {
        files.iter().for_each(|text| check(text));
    }
}
