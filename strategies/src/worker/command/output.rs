//! The output of a program.

use std::collections::VecDeque;
use std::io::{self, PipeReader, Read, Write};
use std::thread::{self, JoinHandle};

use crate::subreaper::{MAX_BYTES, last_lines};

/// Reads the output of a program, so that it never waits for a reader, and keeps its end.
pub(super) struct Output {
    /// A thread that reads until no process has the other end. It returns the last bytes.
    reader: Option<JoinHandle<VecDeque<u8>>>,
}

impl Output {
    /// Starts to read. If the output is `shown`, it also appears on standard error.
    pub(super) fn collect(pipe: PipeReader, shown: bool) -> io::Result<Self> {
        let reader = thread::Builder::new().name("output".to_owned());
        Ok(Self {
            reader: Some(reader.spawn(move || read(pipe, shown))?),
        })
    }

    /// Returns the last lines, as the end of a message, once all processes of the program have ended.
    pub(super) fn last_lines(&mut self) -> String {
        let reader = self.reader.take().map(JoinHandle::join);
        let end = reader.and_then(Result::ok).unwrap_or_default();
        last_lines(&Vec::from(end))
    }
}

fn read(mut pipe: PipeReader, shown: bool) -> VecDeque<u8> {
    let mut part = [0; MAX_BYTES];
    let mut end = VecDeque::with_capacity(2 * MAX_BYTES);
    while let Ok(length @ 1..) = pipe.read(&mut part) {
        if shown {
            // Nobody reads it any longer, which is no matter of the program.
            let _written = io::stderr().write_all(&part[..length]);
        }
        end.extend(&part[..length]);
        end.drain(..end.len().saturating_sub(MAX_BYTES));
    }
    end
}
