//! Names in labels and file names.

/// Returns a name that is safe as part of a file name.
pub(crate) fn file_stem(name: &str) -> String {
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

/// Returns a label cut to a number of characters, without control characters, which XML forbids.
pub(crate) fn label(text: &str, max_chars: usize) -> String {
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

/// Returns the heading of a chart: its title, and the scenario or sweep.
pub(crate) fn heading(title: &str, of: &str) -> String {
    format!("{title} · {}", label(of, 60))
}
