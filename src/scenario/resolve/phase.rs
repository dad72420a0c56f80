//! Phases and time off: stretches of days, placed in the horizon.

use jiff::civil::Date;

use super::Context;
use crate::scenario::Phase;
use crate::scenario::diagnostic::Report;
use crate::scenario::file::{PhaseFile, TimeOffFile};
use crate::scenario::located::At;
use crate::scenario::shape::shortened;

/// The phases as stated; `others` hold besides them.
pub(crate) fn read(
    files: &[At<PhaseFile>],
    others: &[Phase],
    context: &Context<'_>,
    report: &mut Report,
) -> Vec<Phase> {
    let mut phases: Vec<Phase> = Vec::new();
    for file in files {
        if let Some(name) = &file.name
            && phases.iter().chain(others).any(|known| known.name == name.value)
        {
            report.error(name.span.clone(), format!("a second phase named `{}`", shortened(name)));
        }
        let actions = context.names.list(&file.actions, report);
        let from_day = first_day(file, context, report);
        let (Some(name), Some(from_day), Some(days)) = (&file.name, from_day, &file.days) else { continue };
        if from_day >= context.horizon_days {
            let message = format!("phase `{}` starts after the horizon, on day {from_day}", shortened(name));
            let hint = format!("the last day is day {}", context.horizon_days - 1);
            report.warning(file.span.clone(), message).hint(hint);
        }
        let factor = file.factor.unwrap_or(1.0);
        let factor_at_end = file.factor_at_end.unwrap_or(factor);
        if factor == 1.0 && factor_at_end == 1.0 && report.is_intact(&file.span) {
            let message = format!("phase `{}` changes nothing: its factor is 1", shortened(name));
            report.warning(file.span.clone(), message).hint("state `factor`, or `factor_at_end`, or both");
        }
        let (name, days) = (name.value.clone(), days.value);
        phases.push(Phase { name, from_day, days, factor, factor_at_end, actions });
    }
    phases
}

fn first_day(file: &At<PhaseFile>, context: &Context<'_>, report: &mut Report) -> Option<u32> {
    match (&file.from, &file.from_day) {
        (Some(_), Some(day)) => {
            report
                .error(day.span.clone(), "the first day is stated twice")
                .hint("give `from` or `from_day`, not both");
            None
        }
        (None, None) => {
            report.missing(&file.span, "the first day is missing", "give `from`, a date, or `from_day`");
            None
        }
        (None, Some(day)) => Some(day.value),
        (Some(date), None) => {
            let day = context.day_index(date.0);
            if day < 0 {
                let message = format!("{} is before the scenario's start, {}", date.0, context.start);
                report.error(date.span.clone(), message);
            }
            u32::try_from(day).ok()
        }
    }
}

/// The days off as stated.
pub(crate) fn read_time_off(
    files: &[At<TimeOffFile>],
    context: &Context<'_>,
    report: &mut Report,
) -> Vec<(Date, Date)> {
    let mut stretches = Vec::new();
    for file in files {
        let (Some(from), Some(to)) = (file.from, file.to) else { continue };
        if to < from {
            report.error(file.span.clone(), format!("this time off ends on {}, before it starts", to.0));
            continue;
        }
        if context.day_index(to.0) < 0 || context.day_index(from.0) >= i64::from(context.horizon_days) {
            report.warning(file.span.clone(), "this time off lies outside of the horizon");
        }
        stretches.push((from.0, to.0));
    }
    stretches
}
