//! Words on pictures: how wide they are, how they are shortened and broken into lines, headings, and labels beside lines that
//! must not cover each other.

use super::PlotError;
use super::canvas::{Canvas, INK, Lettering, MUTED, Point, Stroke, WIDTH};

/// Left edge of titles.
pub(super) const MARGIN: f64 = 20.0;
const TITLE: f64 = 17.0;
const SUBTITLE: f64 = 12.5;

/// The estimated width of a text in Noto Sans.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    text.chars().map(em).sum::<f64>() * size
}

fn em(sign: char) -> f64 {
    match sign {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ';' | ':' | '\'' | '|' | '!' | ' ' => 0.28,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' => 0.37,
        'm' | 'M' | 'w' | 'W' | '%' | '@' => 0.88,
        'A'..='Z' => 0.66,
        sign if sign.is_ascii() => 0.57,
        '–' | '·' | '…' => 0.6,
        sign if (sign as u32) < 0x500 => 0.62,
        _ => 1.0,
    }
}

/// The text, shortened with `…` where it would be wider than `width`.
pub(super) fn fitted(text: &str, size: f64, width: f64) -> String {
    if text_width(text, size) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for sign in text.chars() {
        kept.push(sign);
        if text_width(&kept, size) + em('…') * size > width {
            kept.pop();
            break;
        }
    }
    format!("{}…", kept.trim_end())
}

/// A name and what belongs to it; only the name is shortened to fit.
pub(super) fn named(name: &str, rest: &str, size: f64, width: f64) -> String {
    format!("{}{rest}", fitted(name, size, width - text_width(rest, size)))
}

/// Words that may stand on different lines: a number keeps its `%`, and `<` its number.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match words.last_mut().filter(|last| word.starts_with('%') || matches!(last.as_str(), "<" | ">")) {
            Some(last) => *last = format!("{last} {word}"),
            None => words.push(word.to_owned()),
        }
    }
    words
}

/// Breaks a text into at most `most` lines of the given width; the last is shortened.
pub(super) fn lines(text: &str, size: f64, width: f64, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in &words(text) {
        let full = lines.len() == most;
        match lines.last_mut() {
            Some(line) if text_width(&format!("{line} {word}"), size) <= width => {
                *line = format!("{line} {word}");
            }
            Some(line) if full => {
                *line = fitted(&format!("{line} {word}"), size, width);
                break;
            }
            _ => lines.push(fitted(word, size, width)),
        }
    }
    lines
}

/// Sets a title that states the fact and a line that explains the signs; returns the y below them.
pub(super) fn heading(canvas: &Canvas, title: &str, subtitle: &str) -> Result<f64, PlotError> {
    let mut y = 24.0;
    for line in lines(title, TITLE, (WIDTH - 2.0 * MARGIN) * 0.96, 2) {
        canvas.text((MARGIN, y), &line, Lettering::new(TITLE, INK).bold())?;
        y += 22.0;
    }
    for line in lines(subtitle, SUBTITLE, WIDTH - 2.0 * MARGIN, 3) {
        canvas.text((MARGIN, y), &line, Lettering::new(SUBTITLE, MUTED))?;
        y += 17.0;
    }
    Ok(y + 4.0)
}

/// The height that [`heading`] takes.
pub(super) fn heading_height(title: &str, subtitle: &str) -> f64 {
    let title = lines(title, TITLE, (WIDTH - 2.0 * MARGIN) * 0.96, 2).len();
    let subtitle = lines(subtitle, SUBTITLE, WIDTH - 2.0 * MARGIN, 3).len();
    24.0 + title as f64 * 22.0 + subtitle as f64 * 17.0 + 4.0
}

/// A label beside the end of a line: where the line ends, its name and last value, how the line looks.
#[derive(Debug, Clone)]
pub(super) struct EndLabel {
    pub(super) end: Point,
    pub(super) name: String,
    pub(super) value: String,
    pub(super) stroke: Stroke,
}

/// Sets labels in a column right of `x`, each beside its line where there is room and led to it where there is none.
pub(super) fn end_labels(
    canvas: &Canvas,
    mut labels: Vec<EndLabel>,
    x: f64,
    (top, bottom): (f64, f64),
) -> Result<(), PlotError> {
    const STEP: f64 = 17.0;
    labels.sort_by(|a, b| a.end.1.total_cmp(&b.end.1));
    let wanted: Vec<f64> = labels.iter().map(|label| label.end.1).collect();
    for (label, y) in labels.iter().zip(apart(&wanted, STEP, top, bottom)) {
        canvas.line(
            &[(label.end.0 + 2.0, label.end.1), (x - 4.0, y)],
            Stroke::solid(super::canvas::GRID, 0.8),
        )?;
        canvas.line(&[(x, y), (x + 20.0, y)], label.stroke)?;
        let text = named(&label.name, &format!(": {}", label.value), 12.5, WIDTH - x - 32.0);
        canvas.text((x + 25.0, y), &text, Lettering::new(12.5, INK))?;
    }
    Ok(())
}

/// Moves ascending places apart to at least `step`, between `top` and `bottom` as far as they fit.
pub(super) fn apart(wanted: &[f64], step: f64, top: f64, bottom: f64) -> Vec<f64> {
    let mut places: Vec<f64> = wanted.to_vec();
    let mut least = top;
    for place in &mut places {
        *place = place.max(least);
        least = *place + step;
    }
    let mut most = bottom.max(top + step * (places.len().max(1) - 1) as f64);
    for place in places.iter_mut().rev() {
        *place = place.min(most);
        most = *place - step;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_their_distance_and_stay_inside() {
        let places = apart(&[95.0, 96.0, 97.0], 10.0, 0.0, 100.0);
        assert_eq!(places, [80.0, 90.0, 100.0]);
        assert_eq!(apart(&[5.0, 50.0], 10.0, 0.0, 100.0), [5.0, 50.0]);
        assert_eq!(apart(&[], 10.0, 0.0, 100.0), [0.0; 0]);
        let crowded = apart(&[0.0; 5], 10.0, 0.0, 20.0);
        assert!(crowded.windows(2).all(|pair| pair[1] - pair[0] >= 10.0), "{crowded:?}");
    }

    #[test]
    fn a_text_that_is_too_wide_is_shortened_to_the_width() {
        let text = fitted(&"wide word ".repeat(30), 12.0, 200.0);
        assert!(text.ends_with('…') && text_width(&text, 12.0) <= 200.0, "{text}");
        assert_eq!(fitted("short", 12.0, 200.0), "short");
        assert_eq!(lines(&"word ".repeat(100), 12.0, 200.0, 2).len(), 2);
    }

    #[test]
    fn a_number_keeps_its_sign_on_its_line() {
        let text = "half of them reach 35 % of it, and the others < 12 % of the limit";
        for width in 60..200 {
            for line in lines(text, 12.0, f64::from(width), 20) {
                let (first, last) = (line.split(' ').next(), line.rsplit(' ').next());
                assert!(first != Some("%") && last != Some("<"), "{width}: {line}");
                assert!(!matches!(last, Some("35" | "12")), "{width}: {line}");
            }
        }
    }
}
