//! The sheet that pictures are drawn on: lengths in units of the finished picture, drawn on a canvas four times as fine
//! because the SVG backend knows whole numbers only.

use std::cell::RefCell;

use plotters::coord::Shift;
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::prelude::{
    Color, DrawingArea, FontFamily, FontStyle, FontTransform, IntoDrawingArea, RGBColor, SVGBackend,
    ShapeStyle, TextStyle, TriangleMarker,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::PlotError;

const FINE: f64 = 4.0;
/// What the SVG backend divides font sizes by.
const FONT_FACTOR: f64 = 1.24;
/// Stretches into which a line of more than four times as many points is thinned.
const BUCKETS: usize = 500;
const FONTS: &str = "Noto Sans, Open Sans, Helvetica, Arial, sans-serif";

/// Width of every picture.
pub(super) const WIDTH: f64 = 960.0;

pub(super) const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
pub(super) const MUTED: RGBColor = RGBColor(0x5f, 0x5f, 0x5f);
pub(super) const GRID: RGBColor = RGBColor(0xe4, 0xe4, 0xe4);
pub(super) const PALE: RGBColor = RGBColor(0xf3, 0xf3, 0xf3);
/// Colours of Okabe and Ito, which colour-blind readers can tell apart.
pub(super) const VERMILLION: RGBColor = RGBColor(0xd5, 0x5e, 0x00);
/// Vermillion dark enough for small letters on white.
pub(super) const VERMILLION_TEXT: RGBColor = RGBColor(0xa8, 0x48, 0x00);
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
    /// The dash of each line drawn so far: the backend knows none, so they are written in afterwards.
    dashes: RefCell<Vec<Option<(f64, f64)>>>,
}

/// Draws a picture of so many units and returns its SVG; `alt` says in words what it shows.
pub(super) fn picture(
    height: f64,
    alt: &str,
    paint: impl FnOnce(&Canvas) -> Result<(), PlotError>,
) -> Result<String, PlotError> {
    let mut svg = String::new();
    let dashes = {
        let size = ((WIDTH * FINE) as u32, (height * FINE) as u32);
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        area.fill(&RGBColor(255, 255, 255)).map_err(refused)?;
        let canvas = Canvas { area, dashes: RefCell::default() };
        paint(&canvas)?;
        canvas.area.present().map_err(refused)?;
        canvas.dashes.take()
    };
    Ok(with_size_and_words(&with_dashes(&svg, &dashes), height, alt))
}

/// Gives each line its dash; lines are the polylines of the SVG, in the order of drawing.
fn with_dashes(svg: &str, dashes: &[Option<(f64, f64)>]) -> String {
    let mut parts = svg.split("<polyline");
    let mut drawn = parts.next().unwrap_or_default().to_owned();
    for (part, dash) in parts.zip(dashes) {
        drawn.push_str("<polyline");
        if let Some((dash, gap)) = dash {
            let lengths = format!(" stroke-dasharray=\"{} {}\"", dash * FINE, gap * FINE);
            drawn.push_str(&lengths);
        }
        drawn.push_str(part);
    }
    drawn
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

/// The first and the last point of each of [`BUCKETS`] stretches, and its highest and lowest; all of a short line.
fn thinned(points: &[Point]) -> Vec<Point> {
    if points.len() <= 4 * BUCKETS {
        return points.to_vec();
    }
    let stretches = points.chunks(points.len().div_ceil(BUCKETS));
    let kept = stretches.flat_map(|stretch| {
        let by_height = |a: &usize, b: &usize| stretch[*a].1.total_cmp(&stretch[*b].1);
        let last = stretch.len() - 1;
        let (highest, lowest) = ((0..=last).min_by(by_height), (0..=last).max_by(by_height));
        let mut places = [0, highest.unwrap_or(0), lowest.unwrap_or(last), last].to_vec();
        places.sort_unstable();
        places.dedup();
        places.into_iter().map(|place| stretch[place])
    });
    kept.collect()
}

impl Canvas<'_> {
    pub(super) fn line(&self, points: &[Point], stroke: Stroke) -> Result<(), PlotError> {
        let style = ShapeStyle::from(&stroke.color).stroke_width((stroke.width * FINE).round() as u32);
        let points: Vec<_> = thinned(points).into_iter().map(fine).collect();
        self.dashes.borrow_mut().push(stroke.dash);
        self.area.draw(&PathElement::new(points, style)).map_err(refused)
    }

    pub(super) fn fill(&self, points: &[Point], color: RGBColor, opacity: f64) -> Result<(), PlotError> {
        let points: Vec<_> = thinned(points).into_iter().map(fine).collect();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_keeps_its_ends_and_peaks_in_at_most_2000_points() {
        let wave = |place: usize| (place as f64, if place == 12_345 { 99.0 } else { (place % 7) as f64 });
        let long: Vec<Point> = (0..36_525).map(wave).collect();
        let kept = thinned(&long);
        assert!(kept.len() <= 2_000, "{}", kept.len());
        assert_eq!((kept[0], kept[kept.len() - 1]), (long[0], long[36_524]));
        assert!(kept.contains(&(12_345.0, 99.0)) && kept.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!((thinned(&long[..2_000]), thinned(&[])), (long[..2_000].to_vec(), vec![]));
    }

    #[test]
    fn only_the_line_that_is_dashed_gets_its_dash() {
        let paint = |canvas: &Canvas| {
            canvas.line(&[(0.0, 1.0), (9.0, 1.0)], Stroke::solid(INK, 1.0))?;
            canvas.fill(&[(0.0, 0.0), (9.0, 9.0), (0.0, 9.0)], BLUE, 0.5)?;
            canvas
                .line(&[(0.0, 2.0), (9.0, 2.0)], Stroke { color: INK, width: 1.0, dash: Some((3.0, 2.5)) })?;
            canvas.marker((5.0, 5.0), Marker::Ring, 3.0, INK)?;
            canvas.line(&[(0.0, 3.0), (9.0, 3.0)], Stroke::solid(INK, 1.0))
        };
        let svg = picture(10.0, "a & b", paint).expect("drawn");
        let lines: Vec<&str> = svg.lines().filter(|line| line.contains("<polyline")).collect();
        assert_eq!(lines.len(), 3, "{svg}");
        let dashed: Vec<bool> =
            lines.iter().map(|line| line.contains("stroke-dasharray=\"12 10\"")).collect();
        assert_eq!(dashed, [false, true, false], "{svg}");
        assert!(svg.trim_end().ends_with("</svg>") && svg.contains("<title>a &amp; b</title>"), "{svg}");
    }
}
