//! Text that fits the width of a terminal.

/// Wraps a text between words. `first` begins the first line, and the others are indented by `indent`
/// characters; a word that is longer than a line is not broken. A no-break space is written as a space.
pub(crate) fn wrap(first: &str, indent: usize, text: &str, width: usize) -> String {
    let mut out = first.to_owned();
    let mut column = first.chars().count();
    let mut begins = true;
    for word in text.split([' ', '\n']).filter(|word| !word.is_empty()) {
        let length = word.chars().count();
        if !begins && column + 1 + length > width {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = indent;
            begins = true;
        }
        if !begins {
            out.push(' ');
            column += 1;
        }
        out.push_str(&word.replace('\u{a0}', " "));
        column += length;
        begins = false;
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn lines_end_between_words_and_a_long_word_stays_whole() {
        let wrapped = wrap("a  ", 3, "one two three-and-more", 10);
        assert_eq!(wrapped, "a  one two\n   three-and-more\n");
        assert_eq!(wrap("  ", 2, "", 10), "  \n");
    }
}
