//! Results go to stdout; everything else goes to stderr.

use std::io::{self, ErrorKind, Write};

use crate::failure::Failure;

/// Writes a result to stdout.
///
/// A reader that has seen enough (`evenkeel list | head -1`) is no error.
///
/// # Errors
/// [`Failure::Failed`] if stdout cannot be written to, as on a full disk.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Failed(format!(
            "the result could not be written to standard output ({error}); send it to a place \
             that has room for it"
        ))),
        _ => Ok(()),
    }
}

/// Tells something beside the result, on stderr. That nobody listens there is no error.
pub(crate) fn tell(message: &str) {
    let _ = writeln!(io::stderr().lock(), "{message}");
}
