//! `pacewise schema`: the JSON Schema of scenario files.

use std::io::{self, Write};

use pacewise::scenario::Scenario;

use super::Outcome;

pub(crate) fn run() -> io::Result<Outcome> {
    let schema = serde_json::to_string_pretty(&Scenario::schema())?;
    writeln!(io::stdout(), "{schema}")?;
    Ok(Outcome::Good)
}
