//! What a load test asks: the workload that was typed, and the rules that answers are held against.

use std::path::Path;

use pacewise::eventlog::{EventLog, Input, LogError};
use pacewise::load::{Call, Names, Pattern, Synthetic, Workload};
use pacewise::rulebook::Rulebook;
use pacewise::rules::Calendar;
use pacewise::scenario::STANDARD_ACTIONS;

use super::load_args::{OfRules, OfWorkload, PatternArg};
use super::log::{in_words, list, shown};
use super::rules::{calendar, choose};
use super::source::Source;
use super::terminal;

/// Rules and a workload.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) book: Rulebook,
    pub(crate) workload: Workload,
    /// What its accounts are called, where they have names.
    pub(crate) names: Names,
}

/// Reads the rules and the workload; without rules only where none are needed.
pub(crate) fn wanted(
    rules: &OfRules,
    workload: &OfWorkload,
    seed: u64,
    needs_rules: bool,
) -> Result<Wanted, String> {
    let calendar = calendar(rules.zone.as_deref())?;
    if let Some(path) = &workload.scenario {
        let (book, workload) = of_scenario(path, rules, calendar, seed)?;
        return Ok(Wanted { book, workload, names: Names::default() });
    }
    let book = book(rules, calendar, needs_rules)?;
    if let Some(path) = &workload.log {
        let (workload, names) = recorded(path, rules, workload, &book)?;
        return Ok(Wanted { book, workload, names });
    }
    let workload = Workload::Synthetic(synthetic(workload, seed, &book)?);
    Ok(Wanted { book, workload, names: Names::default() })
}

fn of_scenario(
    path: &Path,
    rules: &OfRules,
    calendar: Calendar,
    seed: u64,
) -> Result<(Rulebook, Workload), String> {
    if rules.of.rules.is_some() {
        return Err("--scenario brings its own rules: leave out --rules".to_owned());
    }
    let source = Source::read(path).map_err(|error| error.to_string())?;
    let parsed = source.parse();
    terminal::draw(&source, &parsed.diagnostics).map_err(|error| error.to_string())?;
    let scenario = parsed.scenario.ok_or_else(|| format!("{}: the scenario has mistakes", path.display()))?;
    let platform = choose(&scenario.platforms, rules.of.platform.as_deref());
    let platform = platform.map_err(|problem| format!("{}: {problem}", path.display()))?;
    let book =
        Rulebook::of_platform(platform, scenario.actions.clone(), calendar, path.display().to_string());
    let book = book.map_err(|error| error.to_string())?;
    Ok((book, Workload::of_scenario(&scenario, seed)))
}

fn book(args: &OfRules, calendar: Calendar, needs_rules: bool) -> Result<Rulebook, String> {
    if args.of.are_named() {
        return args.of.read(calendar);
    }
    if needs_rules {
        return Err(
            "no rules to hold answers against: name --rules FILE, --platform NAME or --scenario FILE"
                .to_owned(),
        );
    }
    let actions = STANDARD_ACTIONS.map(str::to_owned).to_vec();
    Ok(Rulebook::new(Vec::new(), actions, calendar, "no rules".to_owned()))
}

/// All events of a log, and the names of its accounts.
fn recorded(
    path: &Path,
    rules: &OfRules,
    args: &OfWorkload,
    book: &Rulebook,
) -> Result<(Workload, Names), String> {
    let name = shown(path);
    let named = |error: LogError| format!("{name}:{}", in_words(&error));
    let input = Input::open(path).map_err(|error| named(LogError::Input(error)))?;
    let how = args.reading.how(path, rules.zone.as_deref(), &book.calendar);
    let mut log = EventLog::open(input, &how, &book.actions).map_err(named)?;
    let (mut batch, mut calls) = (Vec::new(), Vec::new());
    while log.read(&mut batch).map_err(named)? {
        calls.extend(batch.iter().map(|event| Call {
            account: event.account,
            action: event.action,
            at: event.at,
        }));
    }
    list(&name, log.mistakes(), log.several_lines(), log.actions());
    if calls.is_empty() {
        return Err(format!("{name}: it holds no event of a known action"));
    }
    Ok((Workload::Recorded(calls.into()), Names::of_log(log.accounts())))
}

/// Monday 2026-01-05, in milliseconds.
const MONDAY: i64 = 1_767_571_200_000;

fn synthetic(args: &OfWorkload, seed: u64, book: &Rulebook) -> Result<Synthetic, String> {
    let OfWorkload { pattern, accounts, skew, mix, per_day, .. } = args;
    let pattern = match pattern {
        PatternArg::Steady => Pattern::Steady,
        PatternArg::Borders => Pattern::Borders,
        PatternArg::Ties => Pattern::Ties,
        PatternArg::Hot => Pattern::Hot,
    };
    let mix = match mix {
        Some(text) => weights(text, book)?,
        // Actions that no rule counts would be allowed without a look.
        None => (0..book.actions.len())
            .map(|action| f64::from(u8::from(!book.set.watching(action).is_empty())))
            .collect(),
    };
    let is_empty = mix.iter().all(|weight| *weight == 0.0);
    let mix = if is_empty { Vec::new() } else { mix };
    Ok(Synthetic { pattern, accounts: *accounts, skew: *skew, mix, per_day: *per_day, start: MONDAY, seed })
}

fn weights(text: &str, book: &Rulebook) -> Result<Vec<f64>, String> {
    let mut weights = vec![0.0; book.actions.len()];
    for part in text.split(',') {
        let (name, weight) = part.split_once('=').unwrap_or((part, "1"));
        let place = book.actions.iter().position(|action| action == name.trim());
        let place = place.ok_or_else(|| {
            format!("--mix: no action is called `{}`; known: {}", name.trim(), book.actions.join(", "))
        })?;
        let weight = weight.trim().parse::<f64>().ok().filter(|weight| weight.is_finite() && *weight >= 0.0);
        weights[place] =
            weight.ok_or_else(|| format!("--mix: `{part}` is no weight: write one as in message=3"))?;
    }
    if weights.iter().all(|weight| *weight == 0.0) {
        return Err(format!("--mix: `{text}` leaves no action: at least one weight must be above 0"));
    }
    Ok(weights)
}
