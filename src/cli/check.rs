//! `pacewise check`: every mistake of some scenario files at once.

use std::io::{self, Write};

use pacewise::numbers::counted;
use pacewise::scenario::{Resolution, Scenario, Severity};

use super::Outcome;
use super::args::CheckArgs;
use super::source::Source;
use super::terminal;

pub(crate) fn run(args: &CheckArgs) -> io::Result<Outcome> {
    let mut worst = Outcome::Good;
    for path in &args.files {
        let outcome = match Source::read(path) {
            Ok(source) => check(&source)?,
            Err(error) => {
                terminal::complain(&error.to_string());
                Outcome::Failed
            }
        };
        worst = worst.max(outcome);
    }
    Ok(worst)
}

fn check(source: &Source) -> io::Result<Outcome> {
    let parsed = source.parse();
    terminal::draw(source, &parsed.diagnostics)?;
    let path = source.path.display();
    let count = |severity| parsed.diagnostics.iter().filter(|finding| finding.severity == severity).count();
    let warnings = counted(count(Severity::Warning) as u64, "warning");
    if let Some(scenario) = &parsed.scenario {
        let with = if count(Severity::Warning) > 0 { format!(" ({warnings})") } else { String::new() };
        writeln!(io::stdout(), "{path}: ok{with}: {}", facts(scenario))?;
        return Ok(Outcome::Good);
    }
    let errors = counted(count(Severity::Error) as u64, "error");
    writeln!(io::stderr(), "{path}: {errors}, {warnings}")?;
    Ok(Outcome::No)
}

/// What a run of the scenario would simulate, in a line.
fn facts(scenario: &Scenario) -> String {
    let resolution = match (scenario.effective_resolution(), scenario.needs_events()) {
        (Resolution::Event, Some(reason)) => format!("event resolution, because {reason}"),
        (Resolution::Event, None) => "event resolution, as the file asks".to_owned(),
        _ => "day resolution".to_owned(),
    };
    let accounts = counted(u64::from(scenario.accounts()), "account");
    let days = counted(u64::from(scenario.horizon_days), "day");
    let rules = counted(scenario.rules().count() as u64, "rule");
    format!("{accounts}, {days} from {}, {rules}, {resolution}", scenario.start)
}
