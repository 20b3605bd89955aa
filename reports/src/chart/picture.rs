//! Charts as pictures.

use std::sync::Arc;

use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{self, Options, Tree, fontdb};

use crate::error::RenderError;

/// The letters of pictures, so that none need be installed: DejaVu Sans, less what Latin and Greek
/// do not need. `font/README.md` says where it comes from.
const FONTS: [&[u8]; 2] = [
    include_bytes!("font/DejaVuSans.ttf"),
    include_bytes!("font/DejaVuSans-Bold.ttf"),
];
const FAMILY: &str = "DejaVu Sans";

/// Dots per pixel of the drawing: sharp on screens and in print.
const SCALE: f32 = 2.0;

/// Turns a drawing, with its styles, into a PNG on white.
pub(super) fn png(name: &str, svg: &str) -> Result<Vec<u8>, RenderError> {
    let failed = |reason: String| RenderError::Chart {
        chart: name.to_owned(),
        reason,
    };
    let tree = Tree::from_str(svg, &options()).map_err(|error| failed(error.to_string()))?;
    let size = tree.size().to_int_size();
    let size = size.scale_by(SCALE).unwrap_or(size);
    let mut pixels =
        Pixmap::new(size.width(), size.height()).ok_or_else(|| failed("it has no size".into()))?;
    pixels.fill(Color::WHITE);
    resvg::render(
        &tree,
        Transform::from_scale(SCALE, SCALE),
        &mut pixels.as_mut(),
    );
    pixels
        .encode_png()
        .map_err(|error| failed(error.to_string()))
}

fn options() -> Options<'static> {
    let mut fonts = fontdb::Database::new();
    for font in FONTS {
        fonts.load_font_data(font.to_vec());
    }
    fonts.set_sans_serif_family(FAMILY);
    usvg::Options {
        font_family: FAMILY.to_owned(),
        fontdb: Arc::new(fonts),
        ..usvg::Options::default()
    }
}
