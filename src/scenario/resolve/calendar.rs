//! Working days, working hours and times of the day.

use std::ops::Range;

use crate::scenario::Calendar;
use crate::scenario::diagnostic::Report;
use crate::scenario::file::CalendarFile;
use crate::scenario::located::At;
use crate::scenario::shape::shortened;

/// The calendar as stated; Monday to Friday from 09:00 to 18:00 where the file is silent.
pub(crate) fn read(file: Option<&CalendarFile>, report: &mut Report) -> Calendar {
    let mut calendar = Calendar {
        workdays: [true, true, true, true, true, false, false],
        from_second: 9 * 3600,
        to_second: 18 * 3600,
        holidays: Vec::new(),
    };
    let Some(file) = file else { return calendar };
    if let Some(days) = &file.workdays {
        calendar.workdays = [false; 7];
        for day in &days.value {
            if std::mem::replace(&mut calendar.workdays[day.value as usize], true) {
                report.error(day.span.clone(), "this weekday is listed twice");
            }
        }
        if days.is_empty() {
            report
                .warning(days.span.clone(), "nobody works on any day")
                .hint("leave `workdays` out for Monday to Friday");
        }
    }
    if let Some(hours) = &file.hours
        && let Some((from, to)) = working_hours(hours, report)
    {
        (calendar.from_second, calendar.to_second) = (from, to);
    }
    for day in &file.holidays {
        if calendar.holidays.contains(&day.0) {
            report.error(day.span.clone(), format!("the holiday {} is listed twice", day.0));
        }
        calendar.holidays.push(day.0);
    }
    calendar.holidays.sort_unstable();
    calendar.holidays.dedup();
    calendar
}

fn working_hours(hours: &At<String>, report: &mut Report) -> Option<(u32, u32)> {
    let ends = hours.split_once('-').and_then(|(from, to)| Some((clock(from)?, clock(to)?)));
    let Some((from, to)) = ends else {
        let message = format!("`{}` is no stretch of the day", shortened(hours));
        report.error(hours.span.clone(), message).hint("write it as in \"09:00-18:00\"");
        return None;
    };
    in_order(from, to, &hours.span, report).then_some((from, to))
}

/// Reads a time of day; none, and a finding, when it is none.
pub(crate) fn time_of_day(time: &At<String>, report: &mut Report) -> Option<u32> {
    let read = clock(time);
    if read.is_none() {
        let message = format!("`{}` is no time of day", shortened(time));
        report
            .error(time.span.clone(), message)
            .hint("write it as in \"09:00\"; the end of the day is \"24:00\"");
    }
    read
}

/// Whether a stretch of the day ends after it starts, and else a finding.
pub(crate) fn in_order(from: u32, to: u32, span: &Range<usize>, report: &mut Report) -> bool {
    if from >= to {
        report
            .error(span.clone(), "these hours end before they start")
            .hint("a stretch lies within one day; split one that passes midnight in two");
    }
    from < to
}

/// Seconds after midnight of a time such as `9:00` or `18:30:15`.
fn clock(text: &str) -> Option<u32> {
    let mut seconds = 0;
    let mut parts = 0;
    for (part, unit) in text.trim().split(':').zip([3600, 60, 1, 0]) {
        let digits = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        let number: u32 = part.parse().ok().filter(|_| digits && unit > 0)?;
        if parts > 0 && number > 59 {
            return None;
        }
        seconds += number * unit;
        parts += 1;
    }
    (parts >= 2 && seconds <= 86_400).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::clock;

    #[test]
    fn times_of_day_are_read_and_refused() {
        assert_eq!(clock("09:00"), Some(32_400));
        assert_eq!(clock(" 9:30 "), Some(34_200));
        assert_eq!(clock("18:30:15"), Some(66_615));
        assert_eq!(clock("24:00"), Some(86_400));
        for wrong in
            ["", "9", "9:60", "24:01", "25:00", "9:00:60", "9:00:00:00", "nine", "+9:00", "-1:00", "009:00"]
        {
            assert_eq!(clock(wrong), None, "{wrong}");
        }
    }
}
