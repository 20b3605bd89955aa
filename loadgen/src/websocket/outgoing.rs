//! Frames of the client.

/// The value of `sec-websocket-key`: that of the example in RFC 6455, section 1.3. It need not be secret: it lets a
/// client see that the other side knows the protocol.
pub(crate) const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// The value of `sec-websocket-accept` that answers [`KEY`], from the same example.
pub(crate) const ACCEPT: &[u8] = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// Each byte of the masking key. Clients mask what they send (section 5.3), so that scripts in browsers cannot choose
/// the bytes on the wire. A load generator has nothing to hide, so its key has four equal bytes, and any part of a
/// message can be replaced without regard to its position.
pub(crate) const MASK: u8 = 0x5a;

/// A final frame of text, and the bit that says that a frame is masked (section 5.2).
const TEXT: u8 = 0x81;
const MASKED: u8 = 0x80;

/// A masked close frame with the status 1000, for a regular end (section 7.4.1).
pub(crate) const CLOSE: [u8; 8] = [
    0x88,
    MASKED | 2,
    MASK,
    MASK,
    MASK,
    MASK,
    0x03 ^ MASK,
    0xe8 ^ MASK,
];

/// Returns a masked frame with a text, and where the text begins.
pub(crate) fn text_frame(text: &[u8]) -> (Vec<u8>, usize) {
    let mut frame = vec![TEXT];
    match (u8::try_from(text.len()), u16::try_from(text.len())) {
        (Ok(length @ ..126), _) => frame.push(MASKED | length),
        (_, Ok(length)) => {
            frame.push(MASKED | 126);
            frame.extend(length.to_be_bytes());
        }
        (_, Err(_)) => {
            frame.push(MASKED | 127);
            frame.extend((text.len() as u64).to_be_bytes());
        }
    }
    frame.extend([MASK; 4]);
    let start = frame.len();
    frame.extend(text.iter().map(|byte| byte ^ MASK));
    (frame, start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_gives_its_length_in_as_many_bytes_as_needed() {
        for (length, head) in [
            (0, &[0x81, 0x80][..]),
            (125, &[0x81, 0xfd]),
            (126, &[0x81, 0xfe, 0, 126]),
            (65_535, &[0x81, 0xfe, 255, 255]),
            (65_536, &[0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let (frame, start) = text_frame(&vec![b'a'; length]);
            assert!(frame.starts_with(head), "{length}");
            assert_eq!(start, head.len() + 4);
            assert_eq!(frame.len(), start + length);
            assert!(frame[start..].iter().all(|byte| byte ^ MASK == b'a'));
        }
    }
}
