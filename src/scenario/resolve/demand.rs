//! Demand: the law of the daily count and how it varies over the week, the year and the day.

use crate::rules::ActionId;
use crate::scenario::activity_file::BackgroundFile;
use crate::scenario::diagnostic::{Report, all_of};
use crate::scenario::file::{DemandFile, HoursFile, MonthFactors, WeekdayFactors};
use crate::scenario::located::At;
use crate::scenario::{Calendar, CountLaw, Demand, HourBand};

use super::bursts;
use super::calendar::{in_order, time_of_day};

/// The demand as stated; none when it has no usable law. `what` names it in findings.
pub(crate) fn read(
    file: &At<DemandFile>,
    action: ActionId,
    what: &str,
    calendar: &Calendar,
    report: &mut Report,
) -> Option<Demand> {
    let hours = file.hours.as_ref().map(|hours| read_hours(hours, report)).unwrap_or_default();
    let mut weekdays = calendar.workdays.map(|works| f64::from(u8::from(works)));
    for (factor, stated) in weekdays.iter_mut().zip(file.weekdays.iter().flat_map(WeekdayFactors::list)) {
        *factor = stated.unwrap_or(*factor);
    }
    let mut months = [1.0; 12];
    for (factor, stated) in months.iter_mut().zip(file.months.iter().flat_map(MonthFactors::list)) {
        *factor = stated.unwrap_or(*factor);
    }
    let law = read_law(file, what, report)?;
    Some(Demand { action, law, weekdays, months, hours })
}

/// What happens in the background, as stated; none when it has no usable law.
pub(crate) fn read_background(
    file: &At<BackgroundFile>,
    action: ActionId,
    name: &str,
    calendar: &Calendar,
    report: &mut Report,
) -> Option<Demand> {
    let BackgroundFile { poisson, negative_binomial, quota, weekdays, months, hours, enabled: _ } =
        file.value.clone();
    let value = DemandFile {
        poisson,
        negative_binomial,
        quota,
        sessions: None,
        self_exciting: None,
        weekdays,
        months,
        hours,
    };
    let file = At { value, span: file.span.clone() };
    read(&file, action, &format!("background of `{name}`"), calendar, report)
}

fn read_law(file: &At<DemandFile>, what: &str, report: &mut Report) -> Option<CountLaw> {
    let stated = [
        ("poisson", file.poisson.is_some()),
        ("negative_binomial", file.negative_binomial.is_some()),
        ("quota", file.quota.is_some()),
        ("sessions", file.sessions.is_some()),
        ("self_exciting", file.self_exciting.is_some()),
    ];
    let stated: Vec<&str> = stated.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
    if stated.len() > 1 {
        let message = format!("several laws for the {what}: {}", all_of(stated));
        report.error(file.span.clone(), message).hint("keep one of them");
        return None;
    }
    if let Some(law) = file.poisson {
        return Some(CountLaw::Poisson { mean: law.mean? });
    }
    if let Some(law) = file.negative_binomial {
        return Some(CountLaw::NegativeBinomial { mean: law.mean?, size: law.size? });
    }
    if let Some(law) = file.quota {
        return Some(CountLaw::Quota { per_day: law.per_day?, variation: law.variation.unwrap_or(0.0) });
    }
    if let Some(law) = &file.sessions {
        return bursts::read_sessions(law, report);
    }
    if let Some(law) = &file.self_exciting {
        return bursts::read_self_exciting(law, report);
    }
    report.missing(
        &file.span,
        format!("the {what} has no law"),
        "give one of `poisson`, `negative_binomial`, `quota`, for a demand also `sessions` or `self_exciting`, as in poisson = { mean = 18 }",
    );
    None
}

fn read_hours(hours: &At<Vec<At<HoursFile>>>, report: &mut Report) -> Vec<HourBand> {
    if hours.is_empty() {
        report
            .warning(hours.span.clone(), "an empty list of hours means the working hours")
            .hint("leave it out");
    }
    let mut bands: Vec<HourBand> = Vec::new();
    for file in &hours.value {
        let from = file.from.as_ref().and_then(|time| time_of_day(time, report));
        let to = file.to.as_ref().and_then(|time| time_of_day(time, report));
        let (Some(from_second), Some(to_second)) = (from, to) else { continue };
        if !in_order(from_second, to_second, &file.span, report) {
            continue;
        }
        if bands.iter().any(|band| from_second < band.to_second && band.from_second < to_second) {
            report.error(file.span.clone(), "these hours overlap others of the same action");
            continue;
        }
        bands.push(HourBand { from_second, to_second, weight: file.weight.unwrap_or(1.0) });
    }
    bands.sort_by_key(|band| band.from_second);
    bands
}
