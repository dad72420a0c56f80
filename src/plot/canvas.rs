//! The sheet that pictures are drawn on: lengths in units of the finished picture, drawn on a canvas four times as fine
//! because the SVG backend knows whole numbers only.

use plotters::coord::Shift;
use plotters::element::{Circle, DashedPathElement, PathElement, Polygon, Rectangle};
use plotters::prelude::{
    Color, DrawingArea, FontFamily, FontStyle, FontTransform, IntoDrawingArea, RGBColor, SVGBackend,
    ShapeStyle, TextStyle, TriangleMarker,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::PlotError;

const FINE: f64 = 4.0;
/// What the SVG backend divides font sizes by.
const FONT_FACTOR: f64 = 1.24;
const FONTS: &str = "Noto Sans, Open Sans, Helvetica, Arial, sans-serif";

/// Width of every picture.
pub(super) const WIDTH: f64 = 960.0;

pub(super) const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
pub(super) const MUTED: RGBColor = RGBColor(0x5f, 0x5f, 0x5f);
pub(super) const GRID: RGBColor = RGBColor(0xe4, 0xe4, 0xe4);
pub(super) const PALE: RGBColor = RGBColor(0xf3, 0xf3, 0xf3);
/// Colours of Okabe and Ito, which colour-blind readers can tell apart.
pub(super) const VERMILLION: RGBColor = RGBColor(0xd5, 0x5e, 0x00);
pub(super) const BLUE: RGBColor = RGBColor(0x00, 0x72, 0xb2);
pub(super) const ORANGE: RGBColor = RGBColor(0xe6, 0x9f, 0x00);
pub(super) const GREEN: RGBColor = RGBColor(0x00, 0x9e, 0x73);
pub(super) const PURPLE: RGBColor = RGBColor(0xcc, 0x79, 0xa7);
pub(super) const SKY: RGBColor = RGBColor(0x56, 0xb4, 0xe9);

/// A point, x to the right and y down, in units of the finished picture.
pub(super) type Point = (f64, f64);

/// How a line is drawn: colour, width, and dash and gap lengths (none: solid).
#[derive(Debug, Clone, Copy)]
pub(super) struct Stroke {
    pub(super) color: RGBColor,
    pub(super) width: f64,
    pub(super) dash: Option<(f64, f64)>,
}

impl Stroke {
    pub(super) fn solid(color: RGBColor, width: f64) -> Stroke {
        Stroke { color, width, dash: None }
    }
}

/// How a text is set.
#[derive(Clone, Copy)]
pub(super) struct Lettering {
    pub(super) size: f64,
    pub(super) color: RGBColor,
    pub(super) bold: bool,
    pub(super) across: HPos,
    pub(super) upright: bool,
}

impl Lettering {
    pub(super) fn new(size: f64, color: RGBColor) -> Lettering {
        Lettering { size, color, bold: false, across: HPos::Left, upright: false }
    }
    pub(super) fn right(self) -> Lettering {
        Lettering { across: HPos::Right, ..self }
    }
    pub(super) fn center(self) -> Lettering {
        Lettering { across: HPos::Center, ..self }
    }
    pub(super) fn bold(self) -> Lettering {
        Lettering { bold: true, ..self }
    }
}

/// The shape of a marker.
#[derive(Debug, Clone, Copy)]
pub(super) enum Marker {
    Dot,
    Ring,
    Square,
    Triangle,
}

/// A sheet under the pen.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// Draws a picture of so many units and returns its SVG; `alt` says in words what it shows.
pub(super) fn picture(
    height: f64,
    alt: &str,
    paint: impl FnOnce(&Canvas) -> Result<(), PlotError>,
) -> Result<String, PlotError> {
    let mut svg = String::new();
    {
        let size = ((WIDTH * FINE) as u32, (height * FINE) as u32);
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        area.fill(&RGBColor(255, 255, 255)).map_err(refused)?;
        let canvas = Canvas { area };
        paint(&canvas)?;
        canvas.area.present().map_err(refused)?;
    }
    Ok(with_size_and_words(&svg, height, alt))
}

/// Shrinks the outer size (the view box stays fine) and gives the picture a name for readers who do not see it.
fn with_size_and_words(svg: &str, height: f64, alt: &str) -> String {
    let alt = escaped(alt);
    let fine = format!("width=\"{}\" height=\"{}\"", (WIDTH * FINE) as u32, (height * FINE) as u32);
    let real = format!("width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-label=\"{alt}\"");
    let svg = svg.replacen(&fine, &real, 1);
    match svg.find("<svg").and_then(|start| svg[start..].find('>').map(|end| start + end + 1)) {
        Some(end) => format!("{}\n<title>{alt}</title>{}\n", &svg[..end], svg[end..].trim_end()),
        None => svg,
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn refused(error: impl std::fmt::Display) -> PlotError {
    PlotError::Draw(error.to_string())
}

fn fine((x, y): Point) -> (i32, i32) {
    ((x * FINE).round() as i32, (y * FINE).round() as i32)
}

impl Canvas<'_> {
    pub(super) fn line(&self, points: &[Point], stroke: Stroke) -> Result<(), PlotError> {
        let style = ShapeStyle::from(&stroke.color).stroke_width((stroke.width * FINE).round() as u32);
        let points: Vec<_> = points.iter().copied().map(fine).collect();
        match stroke.dash {
            None => self.area.draw(&PathElement::new(points, style)),
            Some((dash, gap)) => {
                let lengths = ((dash * FINE) as i32, (gap * FINE) as i32);
                self.area.draw(&DashedPathElement::new(points, lengths.0, lengths.1, style))
            }
        }
        .map_err(refused)
    }

    pub(super) fn fill(&self, points: &[Point], color: RGBColor, opacity: f64) -> Result<(), PlotError> {
        let points: Vec<_> = points.iter().copied().map(fine).collect();
        self.area.draw(&Polygon::new(points, color.mix(opacity))).map_err(refused)
    }

    pub(super) fn rectangle(
        &self,
        from: Point,
        to: Point,
        color: RGBColor,
        opacity: f64,
    ) -> Result<(), PlotError> {
        let element = Rectangle::new([fine(from), fine(to)], color.mix(opacity).filled());
        self.area.draw(&element).map_err(refused)
    }

    pub(super) fn marker(
        &self,
        at: Point,
        marker: Marker,
        radius: f64,
        color: RGBColor,
    ) -> Result<(), PlotError> {
        let size = (radius * FINE).round() as i32;
        let (x, y) = fine(at);
        match marker {
            Marker::Dot => self.area.draw(&Circle::new((x, y), size, color.filled())),
            Marker::Ring => {
                let white = RGBColor(255, 255, 255);
                self.area.draw(&Circle::new((x, y), size, white.filled())).map_err(refused)?;
                let style = ShapeStyle::from(&color).stroke_width((1.6 * FINE) as u32);
                self.area.draw(&Circle::new((x, y), size, style))
            }
            Marker::Square => {
                self.area.draw(&Rectangle::new([(x - size, y - size), (x + size, y + size)], color.filled()))
            }
            Marker::Triangle => self.area.draw(&TriangleMarker::new((x, y), size, color.filled())),
        }
        .map_err(refused)
    }

    /// Sets one line of text; `at` is the left, middle or right end of its vertical centre.
    pub(super) fn text(&self, at: Point, text: &str, lettering: Lettering) -> Result<(), PlotError> {
        let style = if lettering.bold { FontStyle::Bold } else { FontStyle::Normal };
        let font = (FontFamily::Name(FONTS), lettering.size * FINE * FONT_FACTOR, style);
        let style =
            TextStyle::from(font).color(&lettering.color).pos(Pos::new(lettering.across, VPos::Center));
        let style = if lettering.upright { style.transform(FontTransform::Rotate270) } else { style };
        self.area.draw_text(text, &style, fine(at)).map_err(refused)
    }
}
