//! Each label of a study stands for another executable.

use evenkeel_reports::ExecutableRecord;
use thiserror::Error;

/// Two labels for one executable: a study would compare a build with itself.
#[derive(Debug, Error)]
#[error(
    "`{first}` and `{second}` are the same executable (SHA-256 {sha256}), so a comparison would show \
     nothing: compile each from its own sources in its own target folder and run the study with \
     those; `evenkeel run --aa` compares strategies with copies of themselves"
)]
pub(crate) struct SameBuild {
    first: String,
    second: String,
    sha256: String,
}

/// Checks that no executable has two labels.
pub(crate) fn check_different(executables: &[ExecutableRecord]) -> Result<(), SameBuild> {
    for (index, second) in executables.iter().enumerate() {
        let mut earlier = executables[..index].iter();
        if let Some(first) = earlier.find(|first| first.sha256 == second.sha256) {
            return Err(SameBuild {
                first: first.label.clone(),
                second: second.label.clone(),
                sha256: second.sha256.clone(),
            });
        }
    }
    Ok(())
}
