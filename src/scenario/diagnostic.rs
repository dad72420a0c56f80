//! What is wrong with a scenario's text, and where. It prints nothing.

use std::collections::HashSet;
use std::ops::Range;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The scenario cannot be used.
    Error,
    /// The scenario can be used, but it probably does not say what its author means.
    Warning,
}

/// One finding about a scenario's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The bytes of the text that it concerns; may be empty, always on character borders of the text.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub hint: Option<String>,
}

impl Diagnostic {
    pub(crate) fn hint(&mut self, hint: impl Into<String>) {
        self.hint = Some(hint.into());
    }
}

/// The largest number of findings about one text.
pub(crate) const MOST: usize = 100;

/// Collects findings and knows which tables have lost parts, so that nobody misses these parts a second time.
#[derive(Debug, Default)]
pub(crate) struct Report {
    findings: Vec<Diagnostic>,
    damaged: HashSet<(usize, usize)>,
    /// Keys of the file's top under which something is wrong, or which are unknown.
    broken: HashSet<String>,
    unreadable: Vec<Diagnostic>,
}

impl Report {
    /// The text is no TOML; what seems to be missing from it may stand in its unreadable parts.
    pub(crate) fn syntax_error(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.unreadable.push(Diagnostic {
            severity: Severity::Error,
            span,
            message: message.into(),
            hint: None,
        });
    }

    pub(crate) fn error(&mut self, span: Range<usize>, message: impl Into<String>) -> &mut Diagnostic {
        self.add(Severity::Error, span, message.into())
    }

    pub(crate) fn warning(&mut self, span: Range<usize>, message: impl Into<String>) -> &mut Diagnostic {
        self.add(Severity::Warning, span, message.into())
    }

    /// Something is missing from the table at `span`; silent if the table has lost parts already.
    pub(crate) fn missing(&mut self, span: &Range<usize>, message: impl Into<String>, hint: &str) {
        if self.is_intact(span) {
            self.error(span.clone(), message).hint(hint);
        }
    }

    /// Whether there are more findings already than anybody is shown.
    pub(crate) fn is_flooded(&self) -> bool {
        self.findings.len() > MOST
    }

    /// Whether nothing has been cut out of the table at `span`.
    pub(crate) fn is_intact(&self, span: &Range<usize>) -> bool {
        self.unreadable.is_empty() && !self.damaged.contains(&(span.start, span.end))
    }

    /// The table at `span` has lost a part.
    pub(crate) fn damage(&mut self, span: Range<usize>) {
        self.damaged.insert((span.start, span.end));
    }

    /// The number of errors so far.
    pub(crate) fn errors(&self) -> usize {
        let errors = self.findings.iter().filter(|finding| finding.severity == Severity::Error);
        errors.count() + self.unreadable.len()
    }

    /// Remembers that something is wrong under a key of the file's top, if there are more errors than before.
    pub(crate) fn note_part(&mut self, part: &str, errors_before: usize) {
        if self.errors() > errors_before {
            self.broken.insert(part.to_owned());
        }
    }

    /// Whether nothing is wrong under any of these keys of the file's top.
    pub(crate) fn are_sound(&self, parts: &[&str]) -> bool {
        self.unreadable.is_empty()
            && self.is_intact(&(0..0))
            && !parts.iter().any(|part| self.broken.contains(*part))
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.errors() > 0
    }

    /// All findings in the order of the text, `MOST` and a remark at most, with spans inside the text.
    pub(crate) fn into_findings(self, text: &str) -> Vec<Diagnostic> {
        let lines: Vec<Range<usize>> =
            self.unreadable.iter().map(|error| lines_of(text, &error.span)).collect();
        let mut findings = self.findings;
        findings.retain(|finding| !lines.iter().any(|line| line.contains(&finding.span.start)));
        findings.extend(self.unreadable);
        for finding in &mut findings {
            let start = text.floor_char_boundary(finding.span.start);
            finding.span = start..text.ceil_char_boundary(finding.span.end).max(start);
        }
        findings.sort_by_key(|finding| (finding.span.start, finding.span.end, finding.severity));
        findings.dedup();
        let more = findings.len().saturating_sub(MOST);
        if more > 0 {
            let worst = findings[MOST..].iter().map(|finding| finding.severity).min();
            findings.truncate(MOST);
            findings.push(Diagnostic {
                severity: worst.unwrap_or(Severity::Error),
                span: text.len()..text.len(),
                message: format!("and {more} more findings"),
                hint: None,
            });
        }
        findings
    }

    fn add(&mut self, severity: Severity, span: Range<usize>, message: String) -> &mut Diagnostic {
        let at = self.findings.len();
        self.findings.push(Diagnostic { severity, span, message, hint: None });
        &mut self.findings[at]
    }
}

/// The whole lines that a span touches: what is said about the rest of an unreadable line would be guesswork.
fn lines_of(text: &str, span: &Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes();
    let (start, end) = (span.start.min(bytes.len()), span.end.min(bytes.len()));
    let from = bytes[..start].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let to = bytes[end..].iter().position(|&byte| byte == b'\n').map_or(bytes.len(), |at| end + at);
    from..to + 1
}

/// The names as prose: `a`, `b` or `c`.
pub(crate) fn alternatives<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    joined(names, "or")
}

/// The names as prose: `a`, `b` and `c`.
pub(crate) fn all_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    joined(names, "and")
}

fn joined<'a>(names: impl IntoIterator<Item = &'a str>, word: &str) -> String {
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {word} {last}", rest.join(", ")),
        None => "nothing".to_owned(),
    }
}

/// "did you mean …?" where a slip is likely, else the list of what is known.
pub(crate) fn suggestion(written: &str, known: &[&str]) -> String {
    match super::spelling::nearest(written, known.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("known: {}", alternatives(known.iter().copied())),
    }
}
