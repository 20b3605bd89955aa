//! What strategies require from the host.

use thiserror::Error;

/// The properties of a host that strategies depend on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Version of the Linux kernel, major and minor.
    pub kernel: (u32, u32),
}

impl Host {
    /// Reads the properties of this host.
    pub fn probe() -> Self {
        let release = nix::sys::utsname::uname()
            .ok()
            .and_then(|names| names.release().to_str().and_then(parse_release));
        Self {
            kernel: release.unwrap_or((0, 0)),
        }
    }

    /// Checks that the kernel has at least this version.
    ///
    /// # Errors
    /// [`UnmetRequirement`] if it is older, with the feature that needs it.
    pub fn needs_kernel(&self, least: (u32, u32), feature: &str) -> Result<(), UnmetRequirement> {
        if self.kernel >= least {
            return Ok(());
        }
        let ((major, minor), (is_major, is_minor)) = (least, self.kernel);
        Err(UnmetRequirement(format!(
            "{feature} needs Linux {major}.{minor} or later; this host runs {is_major}.{is_minor}"
        )))
    }
}

/// A requirement that the host does not meet: one sentence, the reason of a recorded skip.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{0}")]
pub struct UnmetRequirement(pub String);

fn parse_release(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split(|c: char| !c.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernel_version_is_read_up_to_its_minor_number() {
        assert_eq!(parse_release("6.1.0-18-amd64"), Some((6, 1)));
        assert_eq!(parse_release("5.15"), Some((5, 15)));
        assert_eq!(parse_release("unknown"), None);
    }

    #[test]
    fn an_older_kernel_is_an_unmet_requirement_that_names_the_feature() {
        let host = Host { kernel: (3, 8) };
        let unmet = host.needs_kernel((3, 9), "SO_REUSEPORT").unwrap_err();
        assert!(unmet.to_string().contains("SO_REUSEPORT needs Linux 3.9"));
        assert_eq!(host.needs_kernel((3, 8), "anything"), Ok(()));
    }
}
