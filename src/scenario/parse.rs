//! From text to a scenario, with every finding about it.

use std::sync::LazyLock;

use serde::Deserialize;
use toml::de::{DeTable, Deserializer};

use super::Scenario;
use super::diagnostic::{Diagnostic, Report};
use super::file::ScenarioFile;
use super::resolve;
use super::shape::Shape;

static SHAPE: LazyLock<Shape> = LazyLock::new(Shape::of::<ScenarioFile>);

/// What a text turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The scenario; none when there are errors.
    pub scenario: Option<Scenario>,
    /// All findings, in the order of the text; warnings also about a good scenario.
    pub diagnostics: Vec<Diagnostic>,
}

impl Scenario {
    /// Reads and checks a scenario file's text; `stem` names the scenario if the text does not.
    ///
    /// ```
    /// use pacewise::scenario::Scenario;
    ///
    /// let text = "start = 2026-01-05\nhorizon_days = 90\n[demand.mesage]\npoisson = { mean = 10 }\n";
    /// let parsed = Scenario::parse(text, "example");
    /// assert!(parsed.scenario.is_none());
    /// assert_eq!(parsed.diagnostics[0].message, "unknown action `mesage`");
    /// ```
    #[must_use]
    pub fn parse(text: &str, stem: &str) -> Parsed {
        let read = |_: &str| Err("no files can be read here".to_owned());
        Scenario::parse_beside(text, stem, &read)
    }

    /// The same for a text that may name files: `read` hands over the text of one, or says what is wrong with it.
    #[must_use]
    pub fn parse_beside(text: &str, stem: &str, read: &dyn Fn(&str) -> Result<String, String>) -> Parsed {
        let mut report = Report::default();
        let scenario = self::read::<ScenarioFile>(text, &SHAPE, &mut report)
            .map(|file| resolve::scenario(&file, stem, read, &mut report))
            .filter(|_| !report.has_errors());
        Parsed { scenario, diagnostics: report.into_findings(text) }
    }

    /// The JSON Schema (2020-12) of scenario files, for editors.
    #[must_use]
    pub fn schema() -> serde_json::Value {
        SHAPE.schema.clone()
    }
}

/// The file as far as its text can be understood; what cannot is reported and left out.
pub(crate) fn read<'t, F: Deserialize<'t>>(text: &'t str, shape: &Shape, report: &mut Report) -> Option<F> {
    let (mut table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        report.syntax_error(error.span().unwrap_or(0..0), error.message());
    }
    shape.prune(table.get_mut(), report);
    match F::deserialize(Deserializer::from(table)) {
        Ok(file) => Some(file),
        Err(error) => {
            report.error(error.span().unwrap_or(0..0), error.message());
            None
        }
    }
}
