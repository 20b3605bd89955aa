//! What each request says.

use super::{SpecError, Work};

/// What each request says.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestSpec {
    /// The method, such as `GET`.
    pub method: String,
    /// Header fields, in addition to those that the generator writes. A `host` field given here
    /// replaces that of the generator.
    pub headers: Vec<(String, String)>,
    /// The body; empty sends none.
    pub body: Vec<u8>,
    /// What requests cost, which determines their target.
    pub work: Work,
}

impl Default for RequestSpec {
    /// `GET /` without a body.
    fn default() -> Self {
        Self {
            method: "GET".to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            work: Work::Target("/".to_owned()),
        }
    }
}

/// Fields that frame the request: if they were given twice, it could not be read.
const OWN_FIELDS: [&str; 3] = ["connection", "content-length", "transfer-encoding"];

impl RequestSpec {
    pub(super) fn validate(&self, authority: &str) -> Result<(), SpecError> {
        let check = |is_sendable: bool, part, text: &str, remedy| {
            let text = text.to_owned();
            SpecError::Unsendable { part, text, remedy }.unless(is_sendable)
        };
        for method in self.methods() {
            let remedy = "a method is letters and digits, such as GET; CONNECT is only for proxies";
            // After CONNECT, a connection no longer carries HTTP.
            check(
                is_token(method) && method != "CONNECT",
                "method",
                method,
                remedy,
            )?;
        }
        let is_graphic = authority.bytes().all(|byte| byte.is_ascii_graphic());
        let remedy = "give HOST or HOST:PORT";
        check(
            !authority.is_empty() && is_graphic,
            "authority",
            authority,
            remedy,
        )?;
        for (name, value) in &self.headers {
            let remedy = "a field name consists of letters, digits and hyphens";
            check(is_token(name), "field name", name, remedy)?;
            let is_own = OWN_FIELDS.iter().any(|own| name.eq_ignore_ascii_case(own));
            let remedy = "the generator writes this field; leave it out";
            check(!is_own, "field", name, remedy)?;
            let is_text = |byte: u8| !byte.is_ascii_control() || byte == b'\t';
            let remedy = "a field value must not contain line breaks or control characters";
            check(value.bytes().all(is_text), "field value", value, remedy)?;
        }
        self.work.validate()
    }

    /// Whether all requests are GET without a body.
    pub(super) fn is_plain(&self) -> bool {
        let bodies = match &self.work {
            Work::Targets(targets) => targets.as_slice(),
            Work::Target(_) | Work::Mix(_) => &[],
        };
        let has_body = bodies.iter().any(|target| target.body.is_some());
        !has_body && self.body.is_empty() && self.methods().all(|method| method == "GET")
    }

    /// Bytes of the longest request at least: those of its body, and some for its head.
    pub(super) fn least_bytes(&self) -> u64 {
        const HEAD: usize = 64;
        let targets = match &self.work {
            Work::Targets(targets) => targets.as_slice(),
            Work::Target(_) | Work::Mix(_) => &[],
        };
        let bodies = targets.iter().filter_map(|target| target.body.as_ref());
        let longest = bodies.map(Vec::len).chain([self.body.len()]).max();
        (HEAD + longest.unwrap_or(0)) as u64
    }

    fn methods(&self) -> impl Iterator<Item = &String> {
        let targets = match &self.work {
            Work::Targets(targets) => targets.as_slice(),
            Work::Target(_) | Work::Mix(_) => &[],
        };
        let own = targets.iter().filter_map(|target| target.method.as_ref());
        std::iter::once(&self.method).chain(own)
    }
}

/// Whether it is a token (RFC 9110, section 5.6.2).
fn is_token(text: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !text.is_empty() && text.chars().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_break_the_framing_is_refused() {
        let with = |name: &str, value: &str| RequestSpec {
            headers: vec![(name.into(), value.into())],
            ..RequestSpec::default()
        };
        for spec in [
            with("content-length", "3"),
            with("Connection", "close"),
            with("a b", "c"),
            with("a", "b\r\nc: d"),
            RequestSpec {
                method: "GE T".into(),
                ..RequestSpec::default()
            },
            RequestSpec {
                method: "CONNECT".into(),
                ..RequestSpec::default()
            },
            RequestSpec {
                work: Work::Target("no-slash".into()),
                ..RequestSpec::default()
            },
            RequestSpec {
                work: Work::Target("/a b".into()),
                ..RequestSpec::default()
            },
        ] {
            assert!(spec.validate("here").is_err(), "{spec:?}");
        }
        assert!(RequestSpec::default().validate("").is_err());
        assert!(with("accept", "*/*").validate("here").is_ok());
    }
}
