//! The command line of this process.

/// Returns the command line as text, for a record. What is not UTF-8 in it, such as the name of a file,
/// becomes U+FFFD.
pub fn shown() -> Vec<String> {
    let words = std::env::args_os();
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}
