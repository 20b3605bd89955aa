//! Where the body of a message ends.

use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue};

use super::fields::{is, members};

/// The framing of a message is not clear, so its receiver and others may disagree about its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct UnclearFraming;

/// Whether the body is chunked. Only a single `chunked` is understood (RFC 9112 §7), and no list, not even
/// of this one: others may see another last coding in it.
///
/// # Errors
/// For all other transfer codings.
pub(crate) fn is_chunked(fields: &HeaderMap) -> Result<bool, UnclearFraming> {
    let mut lines = fields.get_all(TRANSFER_ENCODING).iter();
    match (lines.next(), lines.next()) {
        (None, _) => Ok(false),
        (Some(coding), None) if is(coding.as_bytes().trim_ascii(), "chunked") => Ok(true),
        _ => Err(UnclearFraming),
    }
}

/// Leaves at most one field that says where the body of an answer ends. `Transfer-Encoding` goes before
/// `Content-Length` (RFC 9112 §6.3), and a length that is repeated is one (RFC 9110 §8.6).
///
/// # Errors
/// For lengths that differ or are no numbers, and for other transfer codings than one `chunked`.
pub(crate) fn simplify(fields: &mut HeaderMap) -> Result<(), UnclearFraming> {
    if is_chunked(fields)? {
        fields.remove(CONTENT_LENGTH);
    } else if let Some(length) = length(fields)? {
        fields.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    Ok(())
}

fn length(fields: &HeaderMap) -> Result<Option<u64>, UnclearFraming> {
    if !fields.contains_key(CONTENT_LENGTH) {
        return Ok(None);
    }
    let mut lengths = members(fields, &CONTENT_LENGTH).map(number);
    let first = lengths.next().flatten().ok_or(UnclearFraming)?;
    let all_equal = lengths.all(|length| length == Some(first));
    all_equal.then_some(Some(first)).ok_or(UnclearFraming)
}

fn number(digits: &[u8]) -> Option<u64> {
    // `u64::from_str` also accepts a plus sign.
    let all_digits = digits.iter().all(u8::is_ascii_digit);
    let digits = std::str::from_utf8(digits).ok().filter(|_| all_digits);
    digits?.parse().ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderName;
    use proptest::prelude::*;

    use super::*;

    fn simplified(lines: &[(&HeaderName, &str)]) -> Result<Vec<String>, UnclearFraming> {
        let mut fields = HeaderMap::new();
        for (name, value) in lines {
            fields.append(*name, HeaderValue::try_from(*value).expect("visible"));
        }
        simplify(&mut fields)?;
        let values = fields.values();
        Ok(values
            .map(|it| it.to_str().expect("visible").to_owned())
            .collect())
    }

    #[test]
    fn equal_lengths_are_one_and_different_ones_are_refused() {
        let (cl, te) = (&CONTENT_LENGTH, &TRANSFER_ENCODING);
        for (lines, expected) in [
            (vec![], Ok(vec![])),
            (vec![(cl, "5")], Ok(vec!["5"])),
            (vec![(cl, "5"), (cl, "5")], Ok(vec!["5"])),
            (vec![(cl, "5, 5"), (cl, ",5,")], Ok(vec!["5"])),
            (vec![(cl, "5"), (cl, "6")], Err(UnclearFraming)),
            (vec![(cl, "5, 6")], Err(UnclearFraming)),
            (vec![(cl, "")], Err(UnclearFraming)),
            (vec![(cl, "+5")], Err(UnclearFraming)),
            (vec![(cl, "99999999999999999999")], Err(UnclearFraming)),
            (vec![(cl, "5"), (te, "Chunked")], Ok(vec!["Chunked"])),
            (vec![(te, "chunked"), (cl, "x")], Ok(vec!["chunked"])),
            (vec![(te, " chunked ")], Ok(vec!["chunked"])),
            (vec![(te, "chunked,")], Err(UnclearFraming)),
            (vec![(te, ""), (te, "chunked")], Err(UnclearFraming)),
            (vec![(te, "gzip, chunked")], Err(UnclearFraming)),
            (vec![(te, "chunked"), (te, "chunked")], Err(UnclearFraming)),
            (vec![(te, "chunked, identity")], Err(UnclearFraming)),
            (vec![(te, "chunked;q=1")], Err(UnclearFraming)),
            (vec![(te, "")], Err(UnclearFraming)),
        ] {
            let expected = expected.map(|it| it.into_iter().map(str::to_owned).collect::<Vec<_>>());
            let found =
                simplified(&lines).map(|it| it.iter().map(|it| it.trim().to_owned()).collect());
            assert_eq!(found, expected, "{lines:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_left_says_the_length_once(
            lengths in prop::collection::vec("[0-9, x]{0,4}", 0..4),
            codings in prop::collection::vec("(chunked|gzip|,| ){0,3}", 0..3),
        ) {
            let lengths = lengths.iter().map(|value| (&CONTENT_LENGTH, value.as_str()));
            let codings = codings.iter().map(|value| (&TRANSFER_ENCODING, value.as_str()));
            let lines: Vec<_> = lengths.chain(codings).collect();
            if let Ok(left) = simplified(&lines) {
                prop_assert!(left.len() <= 1, "{:?} of {:?}", left, lines);
                prop_assert_eq!(left.is_empty(), lines.is_empty());
            }
        }
    }
}
