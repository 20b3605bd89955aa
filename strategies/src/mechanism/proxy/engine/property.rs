//! What holds for any bytes: the fast path and the slow path do the same. For tests and for the fuzzer.

pub mod answer;
pub mod request;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Fields in alphabetical order of their names, which are in lower case.
type Fields = Vec<(String, Vec<u8>)>;

fn sorted<'a>(fields: impl Iterator<Item = (&'a str, &'a [u8])>) -> Fields {
    let fields = fields.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    let mut fields: Fields = fields.collect();
    fields.sort_by(|(one, _), (other, _)| one.cmp(other));
    fields
}

/// Runs a future that waits for nothing outside of it.
fn run<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

/// Reads the seeds of a fuzz target: their names and their bytes.
#[cfg(test)]
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    let seeds = std::fs::read_dir(folder.join(target)).expect("a folder of seeds");
    let seed = |seed: std::fs::DirEntry| {
        let name = seed.file_name().into_string().expect("letters");
        (name, std::fs::read(seed.path()).expect("its bytes"))
    };
    seeds.map(|entry| seed(entry.expect("a file"))).collect()
}
