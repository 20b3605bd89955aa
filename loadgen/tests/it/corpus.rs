//! The seeds and findings of the fuzzer: each is read the same whole and in pieces of any size. Runs
//! without the fuzzer.

use std::fs;
use std::path::PathBuf;

fn seeds() -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/response");
    let files = fs::read_dir(folder).expect("a folder of seeds");
    files
        .map(|file| {
            let file = file.expect("a file");
            let name = file.file_name().to_string_lossy().into_owned();
            (name, fs::read(file.path()).expect("its bytes"))
        })
        .collect()
}

#[test]
fn every_seed_is_read_the_same_in_pieces_of_any_size() {
    let seeds = seeds();
    assert!(seeds.len() >= 20, "{} seeds", seeds.len());
    for (name, seed) in seeds {
        for piece in 0..=u8::MAX {
            let mut input = seed.clone();
            input[1] = piece;
            assert!(crate::pieces::check(&input).is_some(), "{name}");
        }
    }
}

#[test]
fn seeds_match_their_names() {
    for (name, seed) in seeds() {
        let (answers, end) = crate::pieces::check(&seed).expect(&name);
        if name.starts_with("bad-") {
            assert!(end.is_err(), "{name}: {answers:?}");
        } else if name.starts_with("cut-") {
            assert_eq!((answers, end), (vec![], Ok(())), "{name}");
        } else {
            assert!(end.is_ok() && !answers.is_empty(), "{name}: {end:?}");
        }
    }
}
