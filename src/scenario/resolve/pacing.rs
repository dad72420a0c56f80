//! Pacing: the team's own caps, and whether they make sense together.

use std::ops::Range;

use crate::rules::ActionId;
use crate::scenario::diagnostic::Report;
use crate::scenario::file::{OverflowFile, PacingFile, RampStepFile, WeekFile};
use crate::scenario::located::At;
use crate::scenario::{Pacing, RampStep};

/// The pacing of one action as stated.
pub(crate) fn read(file: &At<PacingFile>, action: ActionId, report: &mut Report) -> Pacing {
    let cap = |cap: &Option<At<u32>>| cap.as_ref().map(|cap| cap.value);
    let sliding_week = file.week.as_ref().is_some_and(|week| week.value == WeekFile::Sliding);
    warn_of_idle_caps(file, report);
    if let (Some(week), None) = (&file.week, &file.per_week) {
        report.warning(week.span.clone(), "`week` has no effect without `per_week`");
    }
    Pacing {
        action,
        per_hour: cap(&file.per_hour),
        per_day: cap(&file.per_day),
        per_week: cap(&file.per_week),
        sliding_week,
        ramp_up: file.ramp_up.as_ref().map(|ramp| read_ramp(ramp, file, report)).unwrap_or_default(),
        defer: file.overflow == Some(OverflowFile::Defer),
        spread: file.spread.as_ref().is_some_and(|spread| spread.value),
    }
}

/// Caps that can never be the ones that bind.
fn warn_of_idle_caps(file: &PacingFile, report: &mut Report) {
    let (hour, day, week) = (file.per_hour.as_ref(), file.per_day.as_ref(), file.per_week.as_ref());
    let mut pair = |shorter: (&str, Option<&At<u32>>), longer: (&str, Option<&At<u32>>), times: u64| {
        let (Some(short), Some(long)) = (shorter.1, longer.1) else { return };
        if short.value > long.value {
            let message = format!("`{}` has no effect: `{}` is smaller", shorter.0, longer.0);
            report.warning(short.span.clone(), message);
        } else if u64::from(short.value) * times < u64::from(long.value) {
            let most = u64::from(short.value) * times;
            let message =
                format!("`{}` has no effect: `{}` allows only {most} in that time", longer.0, shorter.0);
            report.warning(long.span.clone(), message);
        }
    };
    pair(("per_hour", hour), ("per_day", day), 24);
    pair(("per_day", day), ("per_week", week), 7);
    if day.is_none() {
        pair(("per_hour", hour), ("per_week", week), 168);
    }
}

fn read_ramp(ramp: &At<Vec<At<RampStepFile>>>, file: &PacingFile, report: &mut Report) -> Vec<RampStep> {
    if ramp.is_empty() {
        report.warning(ramp.span.clone(), "a ramp without steps has no effect");
    }
    let mut steps: Vec<RampStep> = Vec::new();
    for step in &ramp.value {
        let (Some(age), Some(cap)) = (&step.from_age_days, &step.per_day) else { continue };
        match steps.last() {
            None if age.value > 0 => {
                let message = format!("the ramp starts at an age of {} days", age.value);
                report
                    .error(age.span.clone(), message)
                    .hint("the first step starts at 0: say what holds until then");
            }
            Some(last) if age.value <= last.from_age_days => {
                let message = format!(
                    "this step starts at {} days, not after the one before, {} days",
                    age.value, last.from_age_days
                );
                report.error(age.span.clone(), message).hint("list the steps by rising age");
                continue;
            }
            _ => {}
        }
        if let Some(day) = &file.per_day
            && cap.value > day.value
        {
            let message = format!("this step allows {}, but `per_day` only {}", cap.value, day.value);
            report.warning(cap.span.clone(), message);
        }
        steps.push(RampStep { from_age_days: age.value, per_day: cap.value });
    }
    steps
}

/// Warns of the first step that no account reaches before the horizon ends.
pub(crate) fn warn_of_late_steps(
    file: &PacingFile,
    oldest_days: u32,
    horizon_days: u32,
    report: &mut Report,
) {
    let last_age = oldest_days.saturating_add(horizon_days.saturating_sub(1));
    let steps = file.ramp_up.iter().flat_map(|ramp| &ramp.value).skip(1);
    let late = |step: &&At<RampStepFile>| step.from_age_days.as_ref().is_some_and(|age| age.value > last_age);
    let span: Option<Range<usize>> = steps.clone().find(late).map(|step| step.span.clone());
    if let Some(span) = span {
        let message =
            format!("no account reaches this step: the oldest is {last_age} days old on the last day");
        report.warning(span, message);
    }
}
