//! Grading estimates against known answers by z = (estimate - answer) / standard error.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::cases::{Answer, Case};

/// A mean and its standard error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Measured {
    pub(crate) value: f64,
    pub(crate) standard_error: f64,
}

impl Measured {
    /// From a sum and a sum of squares of `n` independent values.
    pub(crate) fn from_sums(n: u64, sum: f64, squares: f64) -> Measured {
        let n = n as f64;
        let mean = sum / n;
        let variance = ((squares - n * mean * mean) / (n - 1.0)).max(0.0);
        Measured { value: mean, standard_error: (variance / n).sqrt() }
    }

    /// The difference of two independent means.
    pub(crate) fn less(self, other: Measured) -> Measured {
        let standard_error = self.standard_error.hypot(other.standard_error);
        Measured { value: self.value - other.value, standard_error }
    }
}

/// The answers of `tests/data/oracles.json`: by case and name the value and its own standard error.
pub(crate) struct Known(BTreeMap<(String, String), Measured>);

impl Known {
    pub(crate) fn load() -> Known {
        let text = include_str!("../data/oracles.json");
        let file: Value = serde_json::from_str(text).expect("the known answers are JSON");
        let mut known = BTreeMap::new();
        for case in file["cases"].as_array().expect("a list of cases") {
            let id = case["id"].as_str().expect("an id");
            for (name, answer) in case["answers"].as_object().expect("answers") {
                let standard_error = answer["standard_error"].as_f64().unwrap_or(0.0);
                let value = number(&answer["value"]);
                known.insert((id.to_owned(), name.clone()), Measured { value, standard_error });
            }
        }
        Known(known)
    }

    pub(crate) fn get(&self, id: &str, name: &str) -> Measured {
        let key = (id.to_owned(), name.to_owned());
        *self.0.get(&key).unwrap_or_else(|| panic!("no answer {name} of {id}"))
    }
}

/// A number, also one that is written as text; a text of several numbers stands for nothing by itself.
fn number(value: &Value) -> f64 {
    value.as_f64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(f64::NAN)
}

/// One graded answer.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) estimate: f64,
    pub(crate) answer: f64,
    pub(crate) standard_error: f64,
    pub(crate) grade: Grade,
}

/// How an estimate compares with its answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Grade {
    /// Chance is involved: the distance in standard errors.
    Z(f64),
    /// No chance is involved: whether they are equal.
    Equal(bool),
    /// Fewer than five events are expected, so that the standard error says nothing.
    TooRare,
}

/// Grades the estimate of one answer of a case that rests on `n` accounts.
pub(crate) fn grade(case: &Case, answer: &Answer, known: &Known, n: u64, measured: Measured) -> Row {
    let stated = known.get(case.id, &answer.name);
    let expected = (answer.expected)(stated.value);
    let uncertain = expected > 0.0 && expected < 1.0;
    let probability = uncertain && answer.quantity.is_probability() && case.less.is_none();
    let own_error =
        if probability { (expected * (1.0 - expected) / n as f64).sqrt() } else { measured.standard_error };
    let standard_error = own_error.hypot(stated.standard_error);
    let grade = if probability && expected * (n as f64) < 5.0 {
        Grade::TooRare
    } else if standard_error == 0.0 {
        Grade::Equal((measured.value - expected).abs() < 1e-9)
    } else {
        Grade::Z((measured.value - expected) / standard_error)
    };
    let name = format!("{} {}", case.id, answer.name);
    Row { name, estimate: measured.value, answer: expected, standard_error, grade }
}

/// The rows as a table, with the root mean square of all z at its end.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut text = format!("{:<46} {:>14} {:>14} {:>10} {:>7}\n", "answer", "estimate", "answer", "se", "z");
    for row in rows {
        let grade = match row.grade {
            Grade::Z(z) => format!("{z:.2}"),
            Grade::Equal(true) => "equal".to_owned(),
            Grade::Equal(false) => "WRONG".to_owned(),
            Grade::TooRare => "rare".to_owned(),
        };
        let (estimate, answer, error) = (row.estimate, row.answer, row.standard_error);
        writeln!(text, "{:<46} {estimate:>14.6} {answer:>14.6} {error:>10.2e} {grade:>7}", row.name)
            .expect("a string takes all");
    }
    writeln!(text, "root mean square of {} z: {:.3}", zs(rows).len(), root_mean_square(&zs(rows)))
        .expect("a string takes all");
    text
}

pub(crate) fn zs(rows: &[Row]) -> Vec<f64> {
    rows.iter().filter_map(|row| if let Grade::Z(z) = row.grade { Some(z) } else { None }).collect()
}

pub(crate) fn root_mean_square(values: &[f64]) -> f64 {
    (values.iter().map(|value| value * value).sum::<f64>() / values.len() as f64).sqrt()
}

/// Holds every row to |z| <= `most`, equality to equality, and the root mean square of all z to a band.
pub(crate) fn assert_good(rows: &[Row], most: f64, band: std::ops::RangeInclusive<f64>) {
    for row in rows {
        let good = match row.grade {
            Grade::Z(z) => z.abs() <= most,
            Grade::Equal(equal) => equal,
            Grade::TooRare => true,
        };
        assert!(good, "{row:?}");
    }
    let spread = root_mean_square(&zs(rows));
    assert!(band.contains(&spread), "the root mean square of all z is {spread}");
}
