//! Absolute paths in a record, which holds text only.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Before a path that is not UTF-8, which is then written as a URL (RFC 8089). No absolute path begins like
/// this.
const SCHEME: &str = "file://";

/// Returns the text of an absolute path.
pub(crate) fn text_of_path(path: &Path) -> String {
    if let Some(text) = path.to_str() {
        return text.to_owned();
    }
    let bytes = path.as_os_str().as_bytes().iter();
    let encoded = bytes.map(|byte| match byte {
        b'%' | 0x80.. => format!("%{byte:02X}"),
        plain => char::from(*plain).to_string(),
    });
    encoded.fold(SCHEME.to_owned(), |text, part| text + &part)
}

/// Returns the path of such a text.
pub(crate) fn path_of_text(text: &str) -> PathBuf {
    let Some(encoded) = text.strip_prefix(SCHEME) else {
        return text.into();
    };
    let mut bytes = Vec::new();
    let mut rest = encoded.as_bytes();
    while let [first, after @ ..] = rest {
        let byte = after.get(..2).filter(|_| *first == b'%').and_then(hex);
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    OsString::from_vec(bytes).into()
}

fn hex(digits: &[u8]) -> Option<u8> {
    let digits = str::from_utf8(digits).ok()?;
    u8::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_in_utf_8_is_its_own_text() {
        for path in ["/a b/100%/c.toml", "/\u{e9}/%41"] {
            assert_eq!(text_of_path(path.as_ref()), path);
        }
    }

    proptest! {
        #[test]
        fn every_absolute_path_comes_back(name in prop::collection::vec(1u8.., 0..20)) {
            let path = PathBuf::from(OsString::from_vec([b"/".as_slice(), &name].concat()));
            prop_assert_eq!(path_of_text(&text_of_path(&path)), path);
        }
    }
}
