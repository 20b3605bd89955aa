//! Files that users name, read up to a limit: a device or a huge file is an error, not the end of memory.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use crate::units;

/// Bytes of a mebibyte. Limits are whole mebibytes.
const MIB: u64 = 1 << 20;

/// Most bytes of a file of settings: a study, a scenario, a recipe. They have a few thousand.
pub const SETTINGS: u64 = MIB;

/// Most bytes of certificates. The authorities that a host trusts have about 200 KiB.
pub const CERTIFICATES: u64 = 16 * MIB;

/// Most bytes of data that load is made of: the body of a request, or a trace, in which 20 million
/// arrivals have this size.
pub const LOAD: u64 = 256 * MIB;

/// Most bytes of a record, or of an executable. A trial takes about 20 KiB in a record, so 25,000 trials
/// fit, which run for a day.
pub const LARGEST: u64 = 512 * MIB;

/// Reads a file of at most `limit` bytes.
///
/// # Errors
/// Those of the system, and [`ErrorKind::FileTooLarge`] with the limit in its text.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let about = file.metadata()?;
    if about.is_file() && about.len() > limit {
        return Err(too_large(limit));
    }
    let mut bytes = Vec::new();
    let read = file.take(limit + 1).read_to_end(&mut bytes)?;
    if read as u64 > limit {
        return Err(too_large(limit));
    }
    Ok(bytes)
}

/// Reads a file of at most `limit` bytes of UTF-8.
///
/// # Errors
/// Those of [`read`], and [`ErrorKind::InvalidData`] for anything but UTF-8.
pub fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    String::from_utf8(read(path, limit)?)
        .map_err(|_| io::Error::new(ErrorKind::InvalidData, "it is not text in UTF-8"))
}

fn too_large(limit: u64) -> io::Error {
    let limit = units::whole(limit / MIB);
    io::Error::new(
        ErrorKind::FileTooLarge,
        format!("it has more than {limit} MiB, the most that is read"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        std::fs::write(&file, "12345").expect("room");
        assert_eq!(read(&file, 5).expect("small enough"), b"12345");
        assert_eq!(read_text(&file, 5).expect("small enough"), "12345");
        for (path, limit) in [(file.as_path(), 4), (Path::new("/dev/zero"), 1 << 20)] {
            let error = read(path, limit).expect_err("too large");
            assert_eq!(error.kind(), ErrorKind::FileTooLarge);
        }
        let error = read(Path::new("/dev/zero"), 1 << 20).expect_err("endless");
        assert_eq!(
            error.to_string(),
            "it has more than 1 MiB, the most that is read"
        );
    }

    #[test]
    fn anything_but_utf_8_is_no_text() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        std::fs::write(&file, [0xff]).expect("room");
        let error = read_text(&file, 5).expect_err("no text");
        assert_eq!(error.kind(), ErrorKind::InvalidData);
    }
}
