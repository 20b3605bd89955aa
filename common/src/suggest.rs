//! Suggestions for mistyped names.

/// Least Jaro-Winkler similarity of a suggestion: slips of one letter in a short name reach 0.8,
/// unrelated names about 0.5. clap uses 0.7 for mistyped options as well.
const LEAST_SIMILARITY: f64 = 0.7;

/// Returns the candidate that is most similar to `name`, if any is similar.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(similarity, _)| *similarity > LEAST_SIMILARITY)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// Returns `; did you mean `x`?` for an error message, or nothing.
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    suggestion(nearest(name, candidates))
}

/// Returns `; did you mean `x`?` for a name found by [`nearest`], or nothing.
pub fn suggestion(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |name| format!("; did you mean `{name}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 3] = ["short-lived", "keep-alive", "skewed"];

    #[test]
    fn a_typing_error_finds_the_intended_name() {
        assert_eq!(nearest("short-livd", NAMES), Some("short-lived"));
        assert_eq!(nearest("keepalive", NAMES), Some("keep-alive"));
    }

    #[test]
    fn a_name_unlike_all_others_finds_nothing() {
        assert_eq!(nearest("qqq", NAMES), None);
        assert_eq!(did_you_mean("qqq", NAMES), "");
    }
}
