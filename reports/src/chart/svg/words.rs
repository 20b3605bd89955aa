//! Text that goes into SVG, HTML and file names.

/// A name that is safe as part of a file name.
pub(in crate::chart) fn file_stem(name: &str) -> String {
    name.chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '-' {
                c
            } else {
                '_'
            }
        })
        .collect()
}

/// A label cut to a number of characters, without control characters, which XML forbids.
pub(in crate::chart) fn label(text: &str, max_chars: usize) -> String {
    let mut label: String = text.chars().filter(|c| !c.is_control()).collect();
    if let Some((cut, _)) = label.char_indices().nth(max_chars) {
        let keep = label[..cut]
            .char_indices()
            .next_back()
            .map_or(0, |(at, _)| at);
        label.truncate(keep);
        label.push('…');
    }
    label
}

/// Text for an element or attribute of XML or HTML, without what XML 1.0 has no place for.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
