//! `pacewise pace`: the largest pace that keeps a risk under a bound.

use std::io::{self, Write};
use std::sync::atomic::Ordering;

use pacewise::engine::Control;
use pacewise::pace::{self, Event, PaceConfig, Recommendation, Risk, Whose};
use pacewise::report::{self, PaceAnswer, PaceReport};
use pacewise::scenario::Scenario;
use pacewise::stats::proportion::Method;

use super::Outcome;
use super::args::{EventArg, PaceArgs, WhoseArg};
use super::running::{self, REPLICATES};
use super::terminal;

pub(crate) fn run(args: &PaceArgs) -> io::Result<Outcome> {
    let scenario = match running::read(&args.file)? {
        Ok(scenario) => scenario,
        Err(outcome) => return Ok(outcome),
    };
    let risk = match risk(args, &scenario) {
        Ok(risk) => risk,
        Err(problem) => {
            terminal::complain(&problem);
            return Ok(Outcome::Failed);
        }
    };
    if let Some(Err(error)) = args.out.as_deref().map(report::check_pace_folder) {
        terminal::complain(&error.to_string());
        return Ok(Outcome::Failed);
    }
    let config = PaceConfig {
        seed: args.run.seed.or(scenario.seed).unwrap_or(1),
        replicates: args.replicates.or(scenario.replicates).unwrap_or(REPLICATES),
        threads: args.run.threads.map(usize::from),
        level: args.run.level,
        method: Method::Wilson,
    };
    let control = running::stoppable();
    let found = running::watched(&control, "paces", || search(args, &scenario, risk, &config, &control));
    let Some((found, answer)) = found else {
        terminal::complain("interrupted before all paces were done");
        return Ok(Outcome::Interrupted);
    };
    let mut provenance = running::provenance(&scenario, command(args), config.seed);
    provenance.replicates = config.replicates;
    "all paces are done".clone_into(&mut provenance.stop_reason);
    let report = PaceReport {
        scenario: &scenario,
        provenance: &provenance,
        curve: &found.curve,
        bound: args.risk,
        answer: answer.as_ref(),
    };
    present(args, &report)
}

fn risk(args: &PaceArgs, scenario: &Scenario) -> Result<Risk, String> {
    let action = args.action.as_ref().map(|name| {
        let found = scenario.actions.iter().position(|action| action == name);
        let wanted = |action: &usize| {
            scenario.groups.iter().any(|group| group.demand.iter().any(|demand| demand.action == *action))
        };
        let with_demand =
            (0..scenario.actions.len()).filter(wanted).map(|action| scenario.actions[action].as_str());
        let names = with_demand.collect::<Vec<_>>().join(", ");
        found
            .filter(wanted)
            .ok_or_else(|| format!("no account has a demand for `{name}`; there is demand for {names}"))
    });
    Ok(Risk {
        action: action.transpose()?,
        event: match args.event {
            EventArg::Flagged => Event::Flagged,
            EventArg::Restricted => Event::Restricted,
            EventArg::Permanent => Event::Permanent,
            EventArg::Disconnected => Event::Disconnected,
        },
        of: match args.of {
            WhoseArg::Worst => Whose::Worst,
            WhoseArg::Mean => Whose::Mean,
            WhoseArg::Team => Whose::Team,
        },
    })
}

/// None when the stop signal came.
fn search(
    args: &PaceArgs,
    scenario: &Scenario,
    risk: Risk,
    config: &PaceConfig,
    control: &Control,
) -> Option<(Recommendation, Option<PaceAnswer>)> {
    let found = pace::recommend(scenario, risk, args.risk, config, control).ok()?;
    let days = |factor| {
        args.total.map(|total| (total, pace::days_for(scenario, risk, factor, total, config, control)))
    };
    let answer = found.best.as_ref().map(|best| PaceAnswer {
        factor: best.factor,
        per_day: best.per_day,
        confirmed: best.risk,
        delivered: best.delivered,
        total: days(best.factor),
    });
    (!control.stop.load(Ordering::Relaxed)).then_some((found, answer))
}

fn command(args: &PaceArgs) -> Vec<String> {
    let mut words = vec!["pacewise".to_owned(), "pace".to_owned(), args.file.display().to_string()];
    let mut option = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            words.extend([name.to_owned(), value]);
        }
    };
    option("--action", args.action.clone());
    option("--risk", Some(args.risk.to_string()));
    option("--event", (args.event != EventArg::Flagged).then(|| format!("{:?}", args.event).to_lowercase()));
    option("--of", (args.of != WhoseArg::Worst).then(|| format!("{:?}", args.of).to_lowercase()));
    option("--total", args.total.map(|total| total.to_string()));
    option("--replicates", args.replicates.map(|n| n.to_string()));
    option("--seed", args.run.seed.map(|seed| seed.to_string()));
    option("--level", (args.run.level != 0.95).then(|| args.run.level.to_string()));
    words
}

fn present(args: &PaceArgs, report: &PaceReport) -> io::Result<Outcome> {
    let mut outcome = if report.answer.is_some() { Outcome::Good } else { Outcome::No };
    if let Some(folder) = &args.out {
        match report::write_pace_folder(report, folder) {
            Ok(()) => terminal::say(&format!("answer: {}", folder.display())),
            Err(error) => {
                terminal::complain(&error.to_string());
                outcome = Outcome::Failed;
            }
        }
    }
    let mut out = io::stdout().lock();
    let written = report::write_pace(report, running::format(args.run.format), &mut out);
    terminal::shown(written.and_then(|()| out.flush()), outcome)
}
