//! The backend of plotters that writes SVG.

use std::convert::Infallible;
use std::fmt::{self, Display, Write};

use plotters::style::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontStyle,
};

use super::style::{FINE, TEXT_SIZE, text_width};
use crate::escape::escape;
use crate::palette::{self, SeriesStyle};

/// Gap between dashes, in pixels.
const SPACING: u32 = 4;

/// Drawing appends to a String, which takes all.
pub(super) type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// A length in plotters' pixels, [`FINE`] per pixel of the page; displayed in pixels of the page.
struct Px(i32);

impl Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", f64::from(self.0) / f64::from(FINE))
    }
}

/// A drawing in progress, in `currentColor`: of a style's colour only the opacity counts.
pub(crate) struct Svg {
    out: String,
    size: (u32, u32),
    /// Text that the next mark shows on hover; empty for none.
    tip: String,
    /// Length of the dashes of the next mark in pixels; `None` for a solid line.
    dash: Option<u32>,
}

impl Svg {
    /// Begins a drawing; `what` says what it shows, for readers who cannot see it.
    pub(super) fn new(what: &str, size: (u32, u32)) -> Svg {
        let what = escape(what);
        let (width, height) = (Px(size.0 as i32), Px(size.1 as i32));
        Svg {
            out: format!(
                "<svg class=\"chart\" role=\"group\" aria-roledescription=\"chart\" \
                 aria-label=\"{what}\" width=\"{width}\" height=\"{height}\" \
                 viewBox=\"0 0 {width} {height}\" xmlns=\"http://www.w3.org/2000/svg\">\n"
            ),
            size,
            tip: String::new(),
            dash: None,
        }
    }

    /// Begins the group of a strategy, in its colour.
    pub(super) fn begin_series(&mut self, style: SeriesStyle) {
        let (position, color) = (style.position, palette::css(style.color));
        let class = if style.pale { " class=\"pale\"" } else { "" };
        self.push(format_args!(
            "<g data-series=\"{position}\"{class} color=\"{color}\">\n"
        ));
    }

    /// Begins the texts of a strategy, in the colour of all text.
    pub(super) fn begin_label(&mut self, style: SeriesStyle) {
        let position = style.position;
        self.push(format_args!("<g data-series=\"{position}\">\n"));
    }

    pub(super) fn end_group(&mut self) {
        self.out.push_str("</g>\n");
    }

    pub(super) fn set_tip(&mut self, tip: &str) {
        self.tip = tip.to_owned();
    }

    pub(super) fn set_dash(&mut self, dash: Option<u32>) {
        self.dash = dash;
    }

    /// Draws many rectangles as one mark; `corners` has two for each.
    pub(super) fn draw_cells(
        &mut self,
        mut corners: impl Iterator<Item = BackendCoord>,
        style: &impl BackendStyle,
    ) {
        let mut path = String::new();
        while let (Some(a), Some(b)) = (corners.next(), corners.next()) {
            let (x, y) = (Px(a.0.min(b.0)), Px(a.1.min(b.1)));
            let (width, height) = (Px((b.0 - a.0).abs()), Px((b.1 - a.1).abs()));
            path.extend([format!("M{x} {y}h{width}v{height}h-{width}z")]);
        }
        self.mark("path", format_args!("d=\"{path}\""), style, true);
    }

    pub(super) fn finish(&mut self) -> String {
        self.out.push_str("</svg>\n");
        std::mem::take(&mut self.out)
    }

    fn mark(&mut self, name: &str, place: fmt::Arguments, style: &impl BackendStyle, fill: bool) {
        let tip = std::mem::take(&mut self.tip);
        let opacity = style.color().alpha;
        if opacity == 0.0 && tip.is_empty() {
            return;
        }
        self.push(format_args!("<{name} {place}"));
        match (fill, opacity) {
            (true, 0.0) => self.out.push_str(" class=\"hit\""),
            (true, _) => {
                self.out.push_str(" fill=\"currentColor\"");
                self.opacity("fill", opacity);
            }
            (false, _) => self.stroke(name, style),
        }
        if tip.is_empty() {
            self.out.push_str("/>\n");
        } else {
            let tip = escape(&tip);
            self.push(format_args!("><title>{tip}</title></{name}>\n"));
        }
    }

    /// Writes what `chart.css` does not set for an outline: it sets all for a line one pixel wide.
    fn stroke(&mut self, name: &str, style: &impl BackendStyle) {
        if name != "polyline" {
            self.out.push_str(" fill=\"none\" stroke=\"currentColor\"");
        }
        let width = style.stroke_width() as i32;
        if width != FINE {
            let width = Px(width);
            self.push(format_args!(" stroke-width=\"{width}\""));
        }
        self.opacity("stroke", style.color().alpha);
        if let Some(dash) = self.dash.take() {
            self.push(format_args!(" stroke-dasharray=\"{dash} {SPACING}\""));
        }
    }

    fn opacity(&mut self, of: &str, opacity: f64) {
        if opacity < 1.0 {
            let opacity = (opacity * 100.0).round() / 100.0;
            self.push(format_args!(" {of}-opacity=\"{opacity}\""));
        }
    }

    fn push(&mut self, text: fmt::Arguments) {
        self.out.write_fmt(text).expect("a String takes all text");
    }
}

impl DrawingBackend for Svg {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Drawn {
        self.draw_rect((x, y), (x + 1, y + 1), &color, true)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (left, top): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let [x, y, width, height] = [left, top, right - left, bottom - top].map(Px);
        self.mark(
            "rect",
            format_args!("x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\""),
            style,
            fill,
        );
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let points = points(path);
        self.mark(
            "polyline",
            format_args!("points=\"{points}\""),
            style,
            false,
        );
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let [x, y, r] = [x, y, radius as i32].map(Px);
        self.mark(
            "circle",
            format_args!("cx=\"{x}\" cy=\"{y}\" r=\"{r}\""),
            style,
            fill,
        );
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Drawn {
        let points = points(vert);
        self.mark("polygon", format_args!("points=\"{points}\""), style, true);
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &T,
        (x, y): BackendCoord,
    ) -> Drawn {
        let anchor = match style.anchor().h_pos {
            HPos::Left => "",
            HPos::Center => " text-anchor=\"middle\"",
            HPos::Right => " text-anchor=\"end\"",
        };
        // Letters rise about 0.8 em above the baseline, and their middle lies a third of one above.
        let down = match style.anchor().v_pos {
            VPos::Top => 0.8,
            VPos::Center => 0.33,
            VPos::Bottom => -0.2,
        };
        let (x, y) = (Px(x), Px(y + (down * style.size()) as i32));
        self.push(format_args!("<text x=\"{x}\" y=\"{y}\"{anchor}"));
        let size = style.size() as i32;
        if size != TEXT_SIZE {
            let size = Px(size);
            self.push(format_args!(" font-size=\"{size}\""));
        }
        if matches!(style.style(), FontStyle::Bold) {
            self.out.push_str(" font-weight=\"600\"");
        }
        self.opacity("fill", style.color().alpha);
        let text = escape(text);
        self.push(format_args!(">{text}</text>\n"));
        Ok(())
    }

    /// An estimate: the reader's font is not known.
    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        text: &str,
        style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let size = style.size();
        Ok((text_width(text, size) as u32, size as u32))
    }
}

fn points(points: impl IntoIterator<Item = BackendCoord>) -> String {
    let points = points.into_iter();
    let points = points.map(|(x, y)| format!("{},{}", Px(x), Px(y)));
    points.collect::<Vec<_>>().join(" ")
}
