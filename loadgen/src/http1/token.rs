//! Tokens of HTTP (RFC 9110, section 5.6.2).

/// Whether a token may contain this byte.
pub(crate) fn is_token_byte(byte: u8) -> bool {
    const TOKEN: [bool; 256] = token_bytes();
    TOKEN[usize::from(byte)]
}

/// A table, because names are checked byte by byte on the hot path.
const fn token_bytes() -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        table[byte as usize] = matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9'
            | b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~');
        byte += 1;
    }
    table
}
