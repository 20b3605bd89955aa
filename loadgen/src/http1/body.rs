//! Finds the end of a body.

use memchr::memchr;

use super::malformed::{MAX_HEAD_BYTES, Malformed};

/// The rest of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// This number of bytes.
    Length(u64),
    /// Chunks.
    Chunked(Chunked),
    /// All bytes until the server closes.
    UntilClose,
}

impl Body {
    /// Returns how many bytes of `input` belong to the body, and whether it ends there.
    pub(super) fn feed(&mut self, input: &[u8]) -> Result<(usize, bool), Malformed> {
        match self {
            Self::Length(left) => {
                let used = take(left, input);
                Ok((used, *left == 0))
            }
            Self::Chunked(chunked) => chunked.feed(input),
            Self::UntilClose => Ok((input.len(), false)),
        }
    }
}

/// Takes up to `left` bytes of `input`, and lowers `left` by their number.
fn take(left: &mut u64, input: &[u8]) -> usize {
    let used = usize::try_from(*left).map_or(input.len(), |left| left.min(input.len()));
    *left -= used as u64;
    used
}

/// The state within a chunked body (RFC 9112, section 7.1).
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chunked {
    place: Place,
    /// Bytes of this chunk that are missing; while its size is read, the size so far.
    left: u64,
    /// Bytes in sizes, extensions and trailers since the last data. They are limited, so that a server
    /// cannot send them without end.
    overhead: usize,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    #[default]
    SizeStart,
    Size,
    Extension,
    Data,
    DataCr,
    DataLf,
    TrailerStart,
    Trailer,
    LastLf,
    End,
}

impl Chunked {
    fn feed(&mut self, input: &[u8]) -> Result<(usize, bool), Malformed> {
        let mut at = 0;
        while at < input.len() && self.place != Place::End {
            at += match self.place {
                Place::Data => self.skip_data(&input[at..]),
                Place::Extension | Place::Trailer => self.skip_line(&input[at..])?,
                _ => self.step(input[at])?,
            };
        }
        Ok((at, self.place == Place::End))
    }

    fn skip_data(&mut self, input: &[u8]) -> usize {
        let used = take(&mut self.left, input);
        if self.left == 0 {
            self.place = Place::DataCr;
        }
        used
    }

    /// Skips the rest of a line whose content does not matter.
    fn skip_line(&mut self, input: &[u8]) -> Result<usize, Malformed> {
        let end = memchr(b'\n', input);
        let used = end.map_or(input.len(), |end| end + 1);
        self.count_overhead(used)?;
        if end.is_some() {
            self.end_line();
        }
        Ok(used)
    }

    /// The line with a size, or a trailer, has ended.
    fn end_line(&mut self) {
        self.place = Place::TrailerStart;
        if self.left > 0 {
            self.overhead = 0;
            self.place = Place::Data;
        }
    }

    fn step(&mut self, byte: u8) -> Result<usize, Malformed> {
        self.count_overhead(1)?;
        self.place = match (self.place, byte) {
            (Place::SizeStart | Place::Size, _) if byte.is_ascii_hexdigit() => {
                self.add_digit(byte)?;
                Place::Size
            }
            (Place::Size, b'\n') => {
                self.end_line();
                self.place
            }
            // An extension, or blanks; like other clients, it does not matter what it is.
            (Place::Size, _) => Place::Extension,
            (Place::DataCr, b'\r') => Place::DataLf,
            (Place::DataCr | Place::DataLf, b'\n') => Place::SizeStart,
            (Place::DataCr | Place::DataLf, _) => return Err(Malformed::ChunkEnd),
            (Place::TrailerStart, b'\r') => Place::LastLf,
            (Place::TrailerStart, b'\n') | (Place::LastLf, b'\n') => Place::End,
            (Place::TrailerStart, _) => Place::Trailer,
            (Place::LastLf, _) => return Err(Malformed::FieldLine),
            _ => return Err(Malformed::ChunkSize),
        };
        Ok(1)
    }

    fn add_digit(&mut self, digit: u8) -> Result<(), Malformed> {
        let value = char::from(digit).to_digit(16).ok_or(Malformed::ChunkSize)?;
        let size = self.left.checked_mul(16).ok_or(Malformed::ChunkSize)?;
        self.left = size + u64::from(value);
        Ok(())
    }

    fn count_overhead(&mut self, bytes: usize) -> Result<(), Malformed> {
        self.overhead += bytes;
        let fits = self.overhead <= MAX_HEAD_BYTES;
        fits.then_some(()).ok_or(Malformed::TooLong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(text: &str) -> Result<(usize, bool), Malformed> {
        Body::Chunked(Chunked::default()).feed(text.as_bytes())
    }

    #[test]
    fn chunks_end_after_the_last_one_and_its_trailers() {
        for text in [
            "0\r\n\r\n",
            "3\r\nabc\r\n0\r\n\r\n",
            "00003;name=value\r\nabc\r\nA \r\n0123456789\r\n0\r\n\r\n",
            "3\r\n\r\n\r\r\n0\r\nexpires: never\r\nx: y\r\n\r\n",
            "3\nabc\nA ; a = \"b\"\n0123456789\r\n0 \nx: y\n\n",
        ] {
            assert_eq!(feed(text), Ok((text.len(), true)), "{text:?}");
            let followed = format!("{text}HTTP/1.1");
            assert_eq!(feed(&followed), Ok((text.len(), true)), "{text:?}");
            let short = &text[..text.len() - 1];
            assert_eq!(feed(short), Ok((short.len(), false)), "{text:?}");
        }
    }

    #[test]
    fn wrong_chunks_are_malformed() {
        for (text, expected) in [
            ("\r\n", Malformed::ChunkSize),
            ("g\r\n", Malformed::ChunkSize),
            (" 3\r\nabc", Malformed::ChunkSize),
            ("3\r\nabc\r\r\n", Malformed::ChunkEnd),
            ("-1\r\n", Malformed::ChunkSize),
            ("10000000000000000\r\n", Malformed::ChunkSize),
            ("3\r\nabcd", Malformed::ChunkEnd),
            ("0\r\n\rx", Malformed::FieldLine),
        ] {
            assert_eq!(feed(text), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn endless_extensions_and_trailers_are_cut_off() {
        let filler = "x".repeat(MAX_HEAD_BYTES);
        assert_eq!(feed(&format!("1;{filler}")), Err(Malformed::TooLong));
        assert_eq!(feed(&format!("0\r\n{filler}")), Err(Malformed::TooLong));
    }
}
