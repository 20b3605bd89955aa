//! Rendering of templates.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior};
use serde::Serialize;
use thiserror::Error;

/// Why a template cannot be rendered.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("line {line}: {problem}")]
pub struct TemplateError {
    /// Line of the text, from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: String,
}

/// Replaces the variables in a text. Nothing is escaped and trailing newlines stay, since the texts
/// are configuration files and command lines.
pub(crate) fn render(text: &str, variables: &impl Serialize) -> Result<String, TemplateError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
    syntax
        .and_then(|syntax| {
            environment.set_syntax(syntax);
            environment.render_str(text, Serde(variables))
        })
        .map_err(|error| problem(text, &error))
}

fn problem(text: &str, error: &minijinja::Error) -> TemplateError {
    let text = error.range().and_then(|range| text.get(range));
    let problem = match (error.kind(), text) {
        (ErrorKind::UndefinedError, Some(name)) => format!("unknown variable `{name}`"),
        (kind, _) => error
            .detail()
            .map_or_else(|| kind.to_string(), |detail| format!("{kind}: {detail}")),
    };
    TemplateError {
        line: error.line().unwrap_or(1),
        problem,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_keeps_everything_except_its_variables() {
        let text =
            "listen {{ port }}; # <&>\n{% for worker in workers %}{{ worker.port }},{% endfor %}\n";
        let variables = json!({ "port": 80, "workers": [{ "port": 1 }, { "port": 2 }] });
        assert_eq!(
            render(text, &variables).as_deref(),
            Ok("listen 80; # <&>\n1,2,\n")
        );
    }

    #[test]
    fn an_unknown_variable_is_named_with_its_line() {
        for (text, line, name) in [
            ("one\n{{ prot }}\n", 2, "prot"),
            ("{{ programs.nginx }}", 1, "programs.nginx"),
            ("{% for worker in workres %}{% endfor %}", 1, "workres"),
            ("\n\n{% if nobody %}{% endif %}", 3, "nobody"),
        ] {
            let error = render(text, &json!({ "programs": {} })).expect_err(text);
            assert_eq!(error.line, line, "{error}");
            assert!(error.problem.contains(name), "{text}: {error}");
        }
    }

    #[test]
    fn an_invalid_template_is_an_error_with_its_line() {
        let error = render("fine\n{% if %}", &json!({})).expect_err("no condition");
        assert_eq!(error.line, 2, "{error}");
    }
}
