//! Planned events: which accounts they strike, and on which days.

use super::{Context, traits, unknown};
use crate::scenario::diagnostic::{Report, suggestion};
use crate::scenario::located::At;
use crate::scenario::plan_file::EventFile;
use crate::scenario::platform::basis::Basis;
use crate::scenario::platform::connection::RESERVED;
use crate::scenario::platform::days;
use crate::scenario::shape::shortened;
use crate::scenario::spelling::is_identifier;
use crate::scenario::{Assumption, Group, Page, PlannedEvent, Platform};

/// The planned events as stated, and the origins of their outages.
pub(crate) fn read(
    files: &[At<EventFile>],
    (groups, platforms, pages): (&[Group], &[Platform], &[Page]),
    context: &Context<'_>,
    report: &mut Report,
) -> (Vec<PlannedEvent>, Vec<Assumption>) {
    let (mut events, mut assumptions) = (Vec::new(), Vec::new());
    for file in files {
        let when = when(file, context, report);
        let all = file.groups.is_empty() && file.pages.is_empty();
        let struck = if all || !file.groups.is_empty() {
            traits::named_groups(&file.groups, groups, report)
        } else {
            Vec::new()
        };
        let pages = named_pages(&file.pages, pages, report);
        let outage = file.outage.as_ref().map(|law| days::read(law, report));
        let Some(cause) = &file.cause else { continue };
        check_cause(file, cause, &struck, (groups, platforms), report);
        let Some((first_day, every_days)) = when else { continue };
        let outage = outage.flatten();
        let own = file.outage.as_ref().and_then(|law| law.basis.as_ref());
        let basis = Basis::assumed("this scenario").within(file.basis.as_ref()).within(own);
        if let Some(law) = outage {
            assumptions.push(basis.of(format!("event {}: outage", cause.value), law.to_string()));
        }
        events.push(PlannedEvent {
            cause: cause.value.clone(),
            groups: struck,
            pages,
            first_day,
            every_days,
            outage,
        });
    }
    (events, assumptions)
}

/// The first day within the horizon and the distance of the following ones.
fn when(file: &At<EventFile>, context: &Context<'_>, report: &mut Report) -> Option<(u32, Option<u32>)> {
    const HINT: &str = "give `date`, or `every_days` and `from`, as in every_days = 90, from = 2026-01-05";
    let horizon = i64::from(context.horizon_days);
    let (date, day, every) = match (&file.date, &file.every_days, &file.from) {
        (Some(date), None, None) => (date, context.day_index(date.0), None),
        (None, Some(every), Some(from)) => (from, context.day_index(from.0), Some(every.value)),
        (Some(date), _, _) => {
            report.error(date.span.clone(), "this event has a `date` and is repeated").hint(HINT);
            return None;
        }
        (None, _, _) => {
            report.missing(&file.span, "when does this event happen?", HINT);
            return None;
        }
    };
    let first = match every {
        Some(every) if day < 0 => day.rem_euclid(i64::from(every)),
        _ => day,
    };
    if first < 0 {
        let message = format!("{} is before the scenario's start, {}", date.0, context.start);
        report.error(date.span.clone(), message);
        return None;
    }
    if first >= horizon {
        let hint = format!("the last day is day {}", horizon - 1);
        report.warning(date.span.clone(), "this event comes after the horizon").hint(hint);
    }
    Some((u32::try_from(first).unwrap_or(u32::MAX), every))
}

/// A cause is an incident's, or the event says for how long it disconnects.
fn check_cause(
    file: &At<EventFile>,
    cause: &At<String>,
    struck: &[usize],
    (groups, platforms): (&[Group], &[Platform]),
    report: &mut Report,
) {
    if RESERVED.contains(&cause.as_str()) {
        let message = format!("`{}` cannot be planned", cause.value);
        report.error(cause.span.clone(), message).hint("the ladder and the token decide about it");
        return;
    }
    if !is_identifier(cause) {
        let message = format!("`{}` is no name for a cause", shortened(cause));
        report.error(cause.span.clone(), message).hint("use lower-case letters, digits and `_`");
        return;
    }
    let incidents = |group: &usize| &platforms[groups[*group].platform].incidents;
    let known = |group: &usize| incidents(group).iter().any(|incident| incident.cause == cause.value);
    if file.outage.is_some() || struck.iter().all(known) {
        return;
    }
    let mut names: Vec<&str> =
        struck.iter().flat_map(incidents).map(|incident| incident.cause.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let message = format!("for how long does `{}` disconnect?", shortened(cause));
    let other = if names.is_empty() { String::new() } else { format!("; {}", suggestion(cause, &names)) };
    let hint = format!("state it, as in outage = {{ fixed = 2 }}, or name an incident{other}");
    report.missing(&file.span, message, &hint);
}

fn named_pages(named: &[At<String>], pages: &[Page], report: &mut Report) -> Vec<usize> {
    let known: Vec<&str> = pages.iter().map(|page| page.name.as_str()).collect();
    let mut struck = Vec::new();
    for name in named {
        match known.iter().position(|known| **known == *name.as_str()) {
            Some(page) => struck.push(page),
            None => unknown("page", name, &known, report),
        }
    }
    struck
}
