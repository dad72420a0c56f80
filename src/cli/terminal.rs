//! Drawing on the terminal: findings with the line that they concern, and complaints. Colour only where it is seen.

use std::io::{self, IsTerminal, Write};

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use pacewise::scenario::{Diagnostic, Severity};

use super::source::Source;

/// Draws findings about a file on standard error, as compilers do.
pub(crate) fn draw(source: &Source, findings: &[Diagnostic]) -> io::Result<()> {
    let stderr = io::stderr();
    let colour = stderr.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let text = drawing(&renderer.decor_style(DecorStyle::Ascii), source, findings);
    stderr.lock().write_all(text.as_bytes())
}

/// The findings as text.
fn drawing(renderer: &Renderer, source: &Source, findings: &[Diagnostic]) -> String {
    let path = source.path.display().to_string();
    let mut text = String::new();
    for finding in findings {
        let level = match finding.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let annotation = AnnotationKind::Primary.span(first_line(&source.text, finding));
        let snippet = Snippet::source(source.text.as_str()).path(path.as_str()).annotation(annotation);
        let mut group: Group<'_> = level.primary_title(finding.message.as_str()).element(snippet);
        if let Some(hint) = &finding.hint {
            group = group.element(Level::HELP.message(hint.as_str()));
        }
        text += &renderer.render(&[group]);
        text += "\n\n";
    }
    text
}

/// The span without what follows its first line, so that a table of many lines does not fill the screen.
fn first_line(text: &str, finding: &Diagnostic) -> std::ops::Range<usize> {
    let span = finding.span.clone();
    let line = text[span.clone()].find('\n').map_or(span.end, |end| span.start + end);
    span.start..line
}

/// Says on standard error why something could not be done.
pub(crate) fn complain(message: &str) {
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(io::stderr(), "error: {message}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

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
