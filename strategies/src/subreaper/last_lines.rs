//! The last lines that a program has written.

/// A number of lines that people read.
const MAX_LINES: usize = 12;

/// How many bytes at the end of an output hold its last lines: a limit, since lines may be long.
pub(crate) const MAX_BYTES: usize = 4096;

/// Returns the last lines of this end of an output, as the end of a message.
pub(crate) fn last_lines(end: &[u8]) -> String {
    let text = String::from_utf8_lossy(end);
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let lines: Vec<&str> = lines.collect();
    match &lines[lines.len().saturating_sub(MAX_LINES)..] {
        [] => "it wrote nothing".to_owned(),
        last => format!("its last lines of output:\n  {}", last.join("\n  ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_lines_are_returned() {
        assert_eq!(last_lines(b" \n"), "it wrote nothing");
        let written: String = (0..100)
            .map(|number| format!("line {number}\n\n"))
            .collect();
        let text = last_lines(written.as_bytes());
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert_eq!(lines.len(), MAX_LINES);
        assert_eq!(lines.last(), Some(&"  line 99"));
    }
}
