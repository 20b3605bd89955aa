//! From what plotters draws to SVG that a page, a reader and a screen reader can use.

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::palette::INK;
use crate::render::RenderError;

/// Width of every chart in pixels; pages scale it down where there is less room.
pub(super) const WIDTH: u32 = 880;

/// Size of text. Plotters divides it by 1.24, so 16 is 13 pixels.
pub(super) const TEXT: (&str, i32) = ("sans-serif", 16);

/// Width of an average character of [`TEXT`] in pixels, to keep room for labels. Sans-serif
/// fonts have about 0.55 em per character.
pub(super) const CHAR_WIDTH: u32 = 7;

/// How strong axes and grid are beside the text: there, but not in the way.
pub(super) const AXIS_OPACITY: f64 = 0.3;
pub(super) const GRID_OPACITY: f64 = 0.15;

/// The surface that charts are drawn on.
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// What a drawing function may fail with.
pub(super) type Drawn = Result<(), Box<dyn std::error::Error>>;

/// Draws a chart: `what` says in a sentence what is on it, for those who cannot see it.
pub(super) fn drawing(
    name: &'static str,
    what: &str,
    height: u32,
    draw: impl FnOnce(&Area) -> Drawn,
) -> Result<String, RenderError> {
    let mut raw = String::new();
    let outcome = {
        let area = SVGBackend::with_string(&mut raw, (WIDTH, height)).into_drawing_area();
        draw(&area).and_then(|()| Ok(area.present()?))
    };
    outcome.map_err(|error| RenderError::Chart {
        chart: name.to_owned(),
        reason: error.to_string(),
    })?;
    Ok(describe(&raw, what))
}

/// Text colour for the ink, a name for screen readers, and no XML prologue to stand in the way
/// of a page.
fn describe(raw: &str, what: &str) -> String {
    let ink = format!("\"#{:02X}{:02X}{:02X}\"", INK.0, INK.1, INK.2);
    let svg = raw.replace(&ink, "\"currentColor\"");
    let what = escape(what);
    svg.replacen(
        "<svg ",
        &format!("<svg class=\"chart\" role=\"img\" aria-label=\"{what}\" "),
        1,
    )
    .replacen(">\n", &format!(">\n<title>{what}</title>\n"), 1)
}

/// A drawing as a file of its own, with its own text and page colours.
pub(super) fn standalone(svg: &str) -> String {
    const STYLE: &str = "<style>svg{color:#1f2328;background:#fff}\
        @media(prefers-color-scheme:dark){svg{color:#e6edf3;background:#0d1117}}</style>\n";
    svg.replacen("<title>", &format!("{STYLE}<title>"), 1)
}

/// A name that is safe as part of a file name.
pub(super) fn file_stem(name: &str) -> String {
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
pub(super) fn label(text: &str, max_chars: usize) -> String {
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

/// Text for an element or attribute of XML or HTML.
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
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
