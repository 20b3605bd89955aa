//! Seeds of the parts of a study, derived from the seed of the study.

/// Derives the seed of a part from the seed of the study.
///
/// Equal parts have equal seeds on every machine, and different parts have unrelated seeds. FNV-1a
/// hashes the bytes; the finalizer of SplitMix64 (Steele, Lea and Flood, "Fast
/// splittable pseudorandom number generators", OOPSLA 2014) spreads them over all bits.
pub(crate) fn derive(seed: u64, part: &str, number: u32) -> u64 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let bytes = seed
        .to_le_bytes()
        .into_iter()
        .chain(number.to_le_bytes())
        .chain(part.bytes());
    let gathered = bytes.fold(OFFSET_BASIS, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    });
    spread(gathered)
}

fn spread(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_study_has_its_own_seed() {
        let seeds = [
            derive(1, "skewed", 0),
            derive(1, "skewed", 1),
            derive(2, "skewed", 0),
            derive(1, "keep-alive", 0),
        ];
        for (index, seed) in seeds.iter().enumerate() {
            assert!(!seeds[..index].contains(seed));
        }
    }

    /// Studies can be repeated only as long as seeds stay the same. The number comes from an
    /// implementation of the same functions in another language.
    #[test]
    fn a_seed_stays_the_same_from_version_to_version() {
        assert_eq!(derive(1, "skewed", 2), 12_314_475_395_920_538_462);
    }
}
