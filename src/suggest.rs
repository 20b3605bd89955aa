//! What a mistyped name was probably meant to be.

/// Below this Jaro-Winkler similarity a suggestion is more puzzling than helpful. clap draws
/// its line for mistyped options at 0.7 as well.
const ALIKE: f64 = 0.7;

/// The candidate that is most like `name`, if any is alike.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness > ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// `; did you mean `x`?` for an error message, or nothing.
pub(crate) fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> String {
    nearest(name, candidates).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 3] = ["short-lived", "keep-alive", "skewed"];

    #[test]
    fn a_typing_error_finds_the_name_that_was_meant() {
        assert_eq!(nearest("short-livd", NAMES), Some("short-lived"));
        assert_eq!(nearest("keepalive", NAMES), Some("keep-alive"));
    }

    #[test]
    fn a_name_unlike_all_others_finds_nothing() {
        assert_eq!(nearest("qqq", NAMES), None);
        assert_eq!(did_you_mean("qqq", NAMES), "");
    }
}
