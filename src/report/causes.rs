//! The main causes of flags and disconnections, each with what can be done about it.

use super::table::Table;
use super::{Report, remedies};
use crate::numbers::percent;
use crate::results::{CauseKind, Savings, Warning};
use crate::scenario::Scenario;
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
    /// Whether it is the cause of that kind and name; a trait is known without its platform, too.
    #[cfg(feature = "plot")]
    pub(super) fn is(&self, kind: CauseKind, name: &str) -> bool {
        self.kind == kind && (self.name == name || kind == CauseKind::Trait && bare(&self.name) == name)
    }

    /// What it does and what helps, as a sentence.
    pub(super) fn advice(&self, scenario: &Scenario) -> String {
        let MainCause { kind, name, effect } = self;
        format!("{name} ({effect}): {}.", remedies::remedy(scenario, *kind, name))
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
    let rules = account.rules.iter().map(|rule| (CauseKind::Rule, &rule.rule, &rule.first_flag));
    let hazards = account.hazards.iter().map(|hazard| (hazard.kind, &hazard.name, &hazard.first_flag));
    let own = account.first_disconnection.iter();
    let disconnections = own.filter_map(|cause| Some((cause.kind?, &cause.cause, cause.by_day.last()?)));
    let flags = rules.chain(hazards).map(|row| ("flag", row));
    let events = flags.chain(disconnections.map(|row| ("disconnection", row)));
    let mut causes: Vec<(CauseKind, &String, f64, Vec<String>)> = Vec::new();
    for (event, (kind, name, share)) in events.filter(|(_, (.., share))| share.value > 0.0) {
        let Estimate { value, .. } = *share;
        let effect = format!("first {event} of {} of accounts", percent(share));
        match causes.iter_mut().find(|known| (known.0, known.1) == (kind, name)) {
            Some(known) => {
                known.2 += value;
                known.3.push(effect);
            }
            None => causes.push((kind, name, value, vec![effect])),
        }
    }
    causes.sort_by(|a, b| b.2.total_cmp(&a.2));
    let named = |(kind, name, _, effects): (CauseKind, &String, f64, Vec<String>)| MainCause {
        kind,
        name: name.clone(),
        effect: effects.join(", "),
    };
    causes.into_iter().map(named).collect()
}

/// A name without the platform before it.
pub(super) fn bare(name: &str) -> &str {
    name.rsplit_once(": ").map_or(name, |(_, bare)| bare)
}

/// The main causes with their remedies, and how they would be compared where the run was too small for it.
pub(super) fn table(report: &Report) -> Table {
    let mut table = Table::new("What to do about the main causes", 1, &[]);
    let causes = main_causes(report).into_iter().take(MOST);
    let mut lines: Vec<String> = causes.map(|cause| cause.advice(report.scenario)).collect();
    lines.extend(not_compared(report));
    table.note = (!lines.is_empty()).then(|| lines.join("\n"));
    table
}

/// What to do about the main causes that are not among those about which enough is said.
#[cfg(feature = "plot")]
pub(super) fn others(report: &Report, said: &[MainCause]) -> Vec<String> {
    let is_said = |cause: &MainCause| said.iter().any(|known| known.is(cause.kind, &cause.name));
    let others = main_causes(report).into_iter().take(MOST).filter(|cause| !is_said(cause));
    others.map(|cause| cause.advice(report.scenario)).collect()
}

/// How the causes would be compared, where the run was too small for it.
pub(super) fn not_compared(report: &Report) -> Option<String> {
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
