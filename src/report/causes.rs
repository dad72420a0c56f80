//! The main causes of flags and disconnections, each with what can be done about it.

use super::table::Table;
use super::{Report, remedies};
use crate::numbers::percent;
use crate::results::{CauseKind, Savings, Warning};
use crate::scenario::{Scenario, Trait};
use crate::stats::Estimate;

/// Causes that a table names, at most.
const MOST: usize = 5;

/// A cause and what it does, in words.
pub(super) struct MainCause {
    pub(super) kind: CauseKind,
    pub(super) name: String,
    effect: String,
}

impl MainCause {
    /// What it does and what helps, as a sentence.
    pub(super) fn advice(&self, scenario: &Scenario) -> String {
        let MainCause { kind, name, effect } = self;
        format!("{name} ({effect}): {}.", remedies::remedy(scenario, *kind, bare(name)))
    }
}

/// The causes, the most expensive first: those whose cost was compared and is surely above 0, else by the first events of
/// the run.
pub(super) fn main_causes(report: &Report) -> Vec<MainCause> {
    let compared = report.savings.map(by_savings).unwrap_or_default();
    if compared.is_empty() { by_first_events(report) } else { compared }
}

fn by_savings(savings: &Savings) -> Vec<MainCause> {
    let row = |row: &crate::results::Saving| {
        let events = [
            ("flagged", &row.flagged, &row.flagged_shares),
            ("disconnected", &row.disconnected, &row.disconnected_shares),
        ];
        let sure = events.into_iter().filter(|(_, saved, _)| saved.low > 0.0);
        let effect: Vec<String> =
            sure.map(|(event, _, shares)| format!("{event} {}", remedies::change(shares))).collect();
        let without = if row.closed_accounts > 0 { "without these accounts" } else { "without it" };
        let effect = format!("{without} {}", effect.join(", "));
        MainCause { kind: row.kind, name: row.name.clone(), effect }
    };
    let matters = savings.rows.iter().filter(|row| row.flagged.low > 0.0 || row.disconnected.low > 0.0);
    matters.map(row).collect()
}

fn by_first_events(report: &Report) -> Vec<MainCause> {
    let account = &report.results.mean_account;
    let rules = account.rules.iter().map(|rule| (&rule.rule, &rule.first_flag));
    let flags = rules.chain(account.hazards.iter().map(|hazard| (&hazard.name, &hazard.first_flag)));
    let own = account.first_disconnection.iter().filter(|cause| cause.cause != "restriction");
    let disconnections = own.filter_map(|cause| Some((&cause.cause, cause.by_day.last()?)));
    let events = flags.map(|row| ("flag", row)).chain(disconnections.map(|row| ("disconnection", row)));
    let mut causes: Vec<(&String, f64, Vec<String>)> = Vec::new();
    for (event, (name, share)) in events.filter(|(_, (_, share))| share.value > 0.0) {
        let Estimate { value, .. } = *share;
        let effect = format!("first {event} of {} of accounts", percent(share));
        match causes.iter_mut().find(|known| known.0 == name) {
            Some(known) => {
                known.1 += value;
                known.2.push(effect);
            }
            None => causes.push((name, value, vec![effect])),
        }
    }
    causes.sort_by(|a, b| b.1.total_cmp(&a.1));
    let named = |(name, _, effects): (&String, f64, Vec<String>)| MainCause {
        kind: kind(report.scenario, name),
        name: name.clone(),
        effect: effects.join(", "),
    };
    causes.into_iter().map(named).collect()
}

/// The kind of a cause by the name that the results give it.
pub(super) fn kind(scenario: &Scenario, name: &str) -> CauseKind {
    let mut incidents = scenario.platforms.iter().flat_map(|platform| &platform.incidents);
    let mut traits = scenario.platforms.iter().flat_map(|platform| &platform.traits);
    if incidents.any(|incident| incident.cause == name) {
        CauseKind::Incident
    } else if scenario.events.iter().any(|event| event.cause == name) {
        CauseKind::Planned
    } else if scenario.links.iter().any(|link| link.name == name) {
        CauseKind::Link
    } else if traits.any(|hazard| hazard.name == bare(name)) {
        CauseKind::Trait
    } else if matches!(name, "token_expired" | "token_idle" | "token_displaced") {
        CauseKind::Token
    } else {
        CauseKind::Rule
    }
}

/// A name without the platform before it.
pub(super) fn bare(name: &str) -> &str {
    name.rsplit_once(": ").map_or(name, |(_, bare)| bare)
}

/// The most probable a day of the causes of an event that no pace takes away: a trait of some account or a link for flags,
/// an incident or a plan besides for disconnections.
pub(super) fn besides_volume(scenario: &Scenario, event: &str) -> Option<String> {
    let traits = scenario.groups.iter().flat_map(|group| {
        let known = &scenario.platform_of(group).traits;
        let daily = |own: &Trait| if own.certain { 1.0 } else { known[own.index].per_day };
        group.traits.iter().map(move |own| (known[own.index].name.clone(), daily(own)))
    });
    let links = scenario.links.iter().map(|link| (link.name.clone(), link.per_day));
    let flags = traits.chain(links).filter(|(name, _)| remedies::can_flag(scenario, name));
    let flag = flags.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(name, _)| name);
    let incidents = scenario.platforms.iter().flat_map(|platform| &platform.incidents);
    let struck = incidents.filter(|incident| incident.per_day > 0.0);
    let struck = struck.max_by(|a, b| a.per_day.total_cmp(&b.per_day)).map(|incident| &incident.cause);
    let disconnects = || struck.or(scenario.events.first().map(|event| &event.cause)).cloned();
    flag.or_else(|| disconnects().filter(|_| event == "disconnected"))
}

/// The main causes with their remedies, and how they would be compared where the run was too small for it.
pub(super) fn table(report: &Report) -> Table {
    let mut table = Table::new("What to do about the main causes", 1, &[]);
    let causes = main_causes(report);
    let mut lines: Vec<String> =
        causes.iter().take(MOST).map(|cause| cause.advice(report.scenario)).collect();
    lines.extend(not_compared(report));
    table.note = (!lines.is_empty()).then(|| lines.join("\n"));
    table
}

fn not_compared(report: &Report) -> Option<String> {
    let results = report.results;
    let unwanted = report.provenance.command.iter().any(|word| word == "--no-savings");
    if report.savings.is_some() || unwanted || results.warnings.contains(&Warning::Interrupted) {
        return None;
    }
    let fewest = crate::savings::fewest_replicates(report.scenario)?;
    (fewest > results.replicates).then(|| {
        format!("What each cause costs is left out, since the run is too small for it: --replicates {fewest} brings it.")
    })
}
