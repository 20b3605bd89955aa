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

/// Wraps the lines of a table that are longer than `width` within their last column, which two spaces precede;
/// `None` keeps all as they are.
pub(crate) fn fit(text: &str, width: Option<usize>) -> String {
    let Some(width) = width else {
        return text.to_owned();
    };
    let lines = text.lines().map(|line| {
        let last = line.rfind("  ").map_or(0, |gap| gap + 2);
        let (first, last) = line.split_at(last);
        match line.chars().count() > width {
            true => wrap(first, first.chars().count(), last, width),
            false => format!("{line}\n"),
        }
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::{fit, wrap};

    #[test]
    fn a_table_wraps_within_its_last_column_and_short_lines_stay() {
        let table = "key     one two three\nlonger  four\n";
        assert_eq!(
            fit(table, Some(15)),
            "key     one two\n        three\nlonger  four\n"
        );
        assert_eq!(fit(table, None), table);
        assert_eq!(fit("no columns at all\n", Some(10)), "no columns\nat all\n");
    }

    #[test]
    fn lines_end_between_words_and_a_long_word_stays_whole() {
        let wrapped = wrap("a  ", 3, "one two three-and-more", 10);
        assert_eq!(wrapped, "a  one two\n   three-and-more\n");
        assert_eq!(wrap("  ", 2, "", 10), "  \n");
    }
}
