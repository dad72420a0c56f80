//! Drawing on the terminal: findings with the line that they concern, and complaints. Colour only where it is seen.

use std::io::{self, IsTerminal, Write};
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use pacewise::scenario::{Diagnostic, Severity};

use super::Outcome;
use super::source::Source;

/// Draws findings about a file on standard error, as compilers do.
pub(crate) fn draw(source: &Source, findings: &[Diagnostic]) -> io::Result<()> {
    let stderr = io::stderr();
    let colour = stderr.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let text = drawing(&renderer.decor_style(DecorStyle::Ascii), source, findings);
    stderr.lock().write_all(text.as_bytes())
}

/// The longest line that is drawn; of longer ones only the place is named.
const LONGEST_LINE: usize = 1_000;

/// The findings as text.
fn drawing(renderer: &Renderer, source: &Source, findings: &[Diagnostic]) -> String {
    let path = source.path.display().to_string();
    let mut text = String::new();
    for finding in findings {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let place = Place::of(&source.text, finding);
        let title = level.primary_title(finding.message.as_str());
        let mut group: Group<'_> = if place.line.len() > LONGEST_LINE {
            let column = source.text[place.start..finding.span.start].chars().count() + 1;
            title.element(Origin::path(path.as_str()).line(place.number).char_column(column))
        } else {
            let annotation = AnnotationKind::Primary.span(place.marked);
            title.element(
                Snippet::source(place.line)
                    .line_start(place.number)
                    .path(path.as_str())
                    .annotation(annotation),
            )
        };
        if let Some(hint) = &finding.hint {
            group = group.element(Level::HELP.message(hint.as_str()));
        }
        text += &renderer.render(&[group]);
        text += "\n\n";
    }
    text
}

/// The line on which a finding starts, so that a table of many lines does not fill the screen.
struct Place<'t> {
    number: usize,
    start: usize,
    line: &'t str,
    /// What the finding concerns of the line.
    marked: Range<usize>,
}

impl<'t> Place<'t> {
    fn of(text: &'t str, finding: &Diagnostic) -> Place<'t> {
        let span = &finding.span;
        let start = text[..span.start].rfind('\n').map_or(0, |end| end + 1);
        let end = text[span.start..].find('\n').map_or(text.len(), |end| span.start + end);
        let end = start + text[start..end].trim_end_matches('\r').len();
        Place {
            number: text[..start].matches('\n').count() + 1,
            start,
            line: &text[start..end],
            marked: span.start.min(end) - start..span.end.min(end) - start,
        }
    }
}

/// Says on standard error what has been done.
pub(crate) fn say(message: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(io::stderr(), "{message}");
}

/// Says on standard error what is odd about what was read.
pub(crate) fn warn(message: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(io::stderr(), "warning: {message}");
}

/// Says on standard error why something could not be done.
pub(crate) fn complain(message: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(io::stderr(), "error: {message}");
}

/// How a command ends whose answer has been written to standard output: as it would anyway, unless the answer did not get
/// there. A reader that closed it had enough.
pub(crate) fn shown(written: io::Result<()>, outcome: Outcome) -> io::Result<Outcome> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(outcome),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn of_a_very_long_line_only_the_place_is_named() {
        let text =
            format!("start = 2026-01-05 # {}\nhorizon_days = 0 # {}\n", "é".repeat(9), "x".repeat(2000));
        let source = Source { path: PathBuf::from("team.toml"), text };
        let findings = source.parse().diagnostics;
        let drawn = drawing(&Renderer::plain().decor_style(DecorStyle::Ascii), &source, &findings[..1]);
        assert!(drawn.contains("--> team.toml:2:16") && drawn.len() < 200, "{drawn}");
    }

    #[test]
    fn a_finding_shows_its_place_its_line_and_its_hint() {
        let text = "start = 2026-01-05\nhorizon_days = 0\n".to_owned();
        let source = Source { path: PathBuf::from("team.toml"), text };
        let findings = source.parse().diagnostics;
        let drawn = drawing(&Renderer::plain().decor_style(DecorStyle::Ascii), &source, &findings[..1]);
        let expected = "error: `horizon_days` must be a whole number from 1 to 36525, found 0
 --> team.toml:2:16
  |
2 | horizon_days = 0
  |                ^
";
        assert_eq!(drawn.trim_end(), expected.trim_end());
    }
}
