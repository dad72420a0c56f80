//! What the numbers do not say: warnings of the run, and what the model does not know, in general and of this scenario.

use super::Report;
use crate::numbers::{number, share};
use crate::results::Warning;
use crate::scenario::Class;

const ALWAYS: [&str; 6] = [
    "Platforms publish few of their thresholds and change them without notice.",
    "Every account is modelled as independent of the others: no shared network, no shared contacts, no duplicate accounts.",
    "Only volume is judged. What the messages say, how recipients react, and how the account looks are not part of this scenario.",
    "Volume rules stand for whatever the platform really does. A platform may act on signals that no one outside can see.",
    "Days run on local civil time without daylight-saving jumps; windows follow that clock.",
    "Intervals cover the chance of the simulation only, not the doubt about the assumptions.",
];

/// What the model does not know: true of every run first, then what this scenario adds.
pub(super) fn unknowns(report: &Report) -> Vec<String> {
    let mut unknowns: Vec<String> = ALWAYS.iter().map(ToString::to_string).collect();
    unknowns.extend(folklore(report));
    unknowns.extend(ranges(report));
    unknowns.extend(report.results.warnings.iter().map(warning_text));
    unknowns
}

fn folklore(report: &Report) -> Option<String> {
    let assumptions = &report.scenario.assumptions;
    let count = |class: Class| assumptions.iter().filter(|assumption| assumption.class == class).count();
    let kinds = [
        (count(Class::Vendor), "by vendors"),
        (count(Class::Folklore), "folklore"),
        (count(Class::Seed), "from the founding document"),
        (count(Class::Assumption), "assumed for want of a source"),
    ];
    let unsure: usize = kinds.iter().map(|kind| kind.0).sum();
    let parts = kinds.iter().filter(|kind| kind.0 > 0).map(|(count, kind)| format!("{count} {kind}"));
    let parts = parts.collect::<Vec<_>>().join(", ");
    (unsure > 0)
        .then(|| format!("{unsure} of the {} numbers below are not official: {parts}.", assumptions.len()))
}

fn ranges(report: &Report) -> Option<String> {
    let uncertain = report.scenario.assumptions.iter().filter(|assumption| assumption.range.is_some());
    let subjects: Vec<&str> = uncertain.map(|assumption| assumption.subject.as_str()).collect();
    (!subjects.is_empty()).then(|| {
        format!(
            "Sources disagree about {} of the numbers; the run used the stated value, not the range. They are: {}.",
            subjects.len(),
            subjects.join("; ")
        )
    })
}

/// A warning as a sentence.
pub(super) fn warning_text(warning: &Warning) -> String {
    match warning {
        Warning::NoEventSeen { event } => {
            format!("No {} was seen: only the upper limit says something.", in_words(event))
        }
        Warning::FewEventsSeen { event, seen } => {
            let cases = if *seen == 1 { "case" } else { "cases" };
            format!(
                "Only {seen} {cases} of {} seen: the estimate is rough; more replicates would sharpen it.",
                in_words(event)
            )
        }
        Warning::Interrupted => "The run was interrupted: these are partial results.".to_owned(),
        Warning::NotPrecise { half_width, wanted } => format!(
            "The precision asked for was not reached: half-width {} instead of {}.",
            points(*half_width),
            points(*wanted)
        ),
    }
}

/// An event as a noun.
fn in_words(event: &str) -> &str {
    match event {
        "flagged" => "flag",
        "restricted" => "restriction",
        "restricted_permanently" => "permanent restriction",
        "disconnected" => "disconnection",
        other => other,
    }
}

fn points(half_width: f64) -> String {
    format!("{} (±{})", share(half_width), number(half_width, 6))
}
