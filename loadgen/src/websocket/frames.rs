//! Finds the ends of messages in what a server sends. Messages are counted, never kept.

/// Bytes of the longest head of a frame that a server sends: without a mask (RFC 6455, section 5.2).
const MAX_HEAD: usize = 10;

/// Longest payload of a control frame (section 5.5).
const MAX_CONTROL: u64 = 125;

/// The frames of one connection, in any pieces. It never panics, whatever the input.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    /// The beginning of a head, and how much of it has arrived.
    head: [u8; MAX_HEAD],
    arrived: usize,
    /// The frame whose payload arrives.
    frame: Option<Frame>,
    /// Whether a message has begun, of which more frames follow.
    in_message: bool,
}

/// A frame, and how many bytes of its payload are missing.
#[derive(Debug, Clone, Copy)]
struct Frame {
    kind: Kind,
    left: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A part of a message that another one follows.
    Part,
    /// The last part of a message, or a whole one.
    End,
    /// A ping or a pong.
    Control,
    Close,
}

/// What follows from some input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scanned {
    /// All of the input was used.
    Incomplete,
    /// A message is complete with this number of bytes of the input.
    Message { used: usize },
    /// The server closes the connection.
    Close,
}

/// A frame that a server must not send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadFrame;

impl Frames {
    /// Whether part of a message has arrived.
    pub(crate) fn has_begun(&self) -> bool {
        let is_data = |frame: &Frame| matches!(frame.kind, Kind::Part | Kind::End);
        self.in_message || self.frame.as_ref().is_some_and(is_data)
    }

    /// Reads the next bytes, up to the end of a message.
    pub(crate) fn feed(&mut self, input: &[u8]) -> Result<Scanned, BadFrame> {
        let mut used = 0;
        loop {
            let mut frame = match self.frame.take() {
                Some(frame) => frame,
                None => match self.next_head(&input[used..])? {
                    Some((frame, head)) => {
                        used += head;
                        frame
                    }
                    None => return Ok(Scanned::Incomplete),
                },
            };
            let rest = input.len() - used;
            let taken = usize::try_from(frame.left).map_or(rest, |left| left.min(rest));
            used += taken;
            frame.left -= taken as u64;
            if frame.left > 0 {
                self.frame = Some(frame);
                return Ok(Scanned::Incomplete);
            }
            match frame.kind {
                Kind::End => return Ok(Scanned::Message { used }),
                Kind::Close => return Ok(Scanned::Close),
                Kind::Part | Kind::Control => {}
            }
        }
    }

    /// Returns the next frame, and how much of the input its head used; `None` if the head is not whole.
    fn next_head(&mut self, input: &[u8]) -> Result<Option<(Frame, usize)>, BadFrame> {
        let mut used = 0;
        while self.arrived < self.head_length() {
            let Some(byte) = input.get(used) else {
                return Ok(None);
            };
            self.head[self.arrived] = *byte;
            self.arrived += 1;
            used += 1;
        }
        self.arrived = 0;
        let left = match self.head[1] {
            126 => u64::from(u16::from_be_bytes([self.head[2], self.head[3]])),
            127 => self.head[2..]
                .iter()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
            // With the bit of a mask it is above them.
            length => u64::from(length),
        };
        let kind = self.kind(left)?;
        Ok(Some((Frame { kind, left }, used)))
    }

    /// Length of the head that begins with what has arrived.
    fn head_length(&self) -> usize {
        match (self.arrived, self.head[1]) {
            (..2, _) => 2,
            (_, 126) => 4,
            (_, 127) => MAX_HEAD,
            _ => 2,
        }
    }

    /// Checks a head, and returns what its frame is (sections 5.1, 5.4 and 5.5). There are no extensions.
    fn kind(&mut self, length: u64) -> Result<Kind, BadFrame> {
        let (first, is_masked) = (self.head[0], self.head[1] >= 128);
        let (is_final, opcode) = (first >= 128, first & 0x7f);
        let is_control = is_final && length <= MAX_CONTROL;
        let kind = match opcode {
            0 if self.in_message => Kind::End,
            1 | 2 if !self.in_message => Kind::End,
            8 if is_control => Kind::Close,
            9 | 10 if is_control => Kind::Control,
            _ => return Err(BadFrame),
        };
        if is_masked {
            return Err(BadFrame);
        }
        if kind != Kind::End {
            return Ok(kind);
        }
        self.in_message = !is_final;
        Ok(if is_final { Kind::End } else { Kind::Part })
    }
}

/// Whether bytes begin with a close frame.
pub(crate) fn is_close(input: &[u8]) -> bool {
    input.first() == Some(&0x88)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &[u8] = b"\x81\x02ok";
    const PING: &[u8] = b"\x89\x01!";
    const CLOSE: &[u8] = b"\x88\x02\x03\xe9";

    fn scan(input: &[u8]) -> Result<Scanned, BadFrame> {
        Frames::default().feed(input)
    }

    #[test]
    fn a_message_ends_with_its_last_frame_and_pings_belong_to_none() {
        let in_parts: &[u8] = b"\x01\x01o\x89\x00\x80\x01k";
        for message in [TEXT, in_parts, &[PING, TEXT].concat()] {
            let used = message.len();
            assert_eq!(scan(message), Ok(Scanned::Message { used }));
            assert_eq!(
                scan(&[message, PING].concat()),
                Ok(Scanned::Message { used })
            );
            assert_eq!(scan(&message[..used - 1]), Ok(Scanned::Incomplete));
        }
        let mut frames = Frames::default();
        assert_eq!(frames.feed(PING), Ok(Scanned::Incomplete));
        assert!(!frames.has_begun());
        assert_eq!(frames.feed(&TEXT[..3]), Ok(Scanned::Incomplete));
        assert!(frames.has_begun());
    }

    #[test]
    fn long_messages_have_long_heads() {
        for (head, length) in [
            (&[0x82, 126, 1, 0][..], 256),
            (&[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0], 65_536),
        ] {
            let message = [head, &vec![0; length]].concat();
            assert_eq!(
                scan(&message),
                Ok(Scanned::Message {
                    used: message.len()
                })
            );
        }
    }

    #[test]
    fn a_close_frame_ends_a_connection() {
        assert_eq!(scan(CLOSE), Ok(Scanned::Close));
        assert_eq!(scan(&[PING, CLOSE].concat()), Ok(Scanned::Close));
        assert!(is_close(CLOSE) && !is_close(TEXT) && !is_close(b""));
    }

    #[test]
    fn frames_that_a_server_must_not_send_are_found() {
        for bad in [
            &[0x81, 0x82, 0, 0, 0, 0][..], // with a mask
            &[0xc1, 0],                    // with an extension
            &[0x83, 0],                    // of an unknown kind
            &[0x80, 0],                    // the continuation of nothing
            &[0x01, 0, 0x81, 0],           // a message within another one
            &[0x09, 0],                    // a ping in parts
            &[0x88, 126, 0, 126],          // a control frame that is too long
            b"HTTP/1.1",
        ] {
            assert_eq!(scan(bad), Err(BadFrame), "{bad:x?}");
        }
    }

    proptest! {
        #[test]
        fn pieces_mean_the_same_as_the_whole(bytes in prop::collection::vec(any::<u8>(), 0..40), at in 0_usize..40) {
            let at = at.min(bytes.len());
            let mut frames = Frames::default();
            let pieces = match frames.feed(&bytes[..at]) {
                Ok(Scanned::Incomplete) => frames.feed(&bytes[at..]).map(|scanned| match scanned {
                    Scanned::Message { used } => Scanned::Message { used: at + used },
                    other => other,
                }),
                other => other,
            };
            prop_assert_eq!(pieces, scan(&bytes));
        }
    }
}
