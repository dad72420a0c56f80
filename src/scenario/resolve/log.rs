//! Recorded logs: CSV files beside the scenario, with the columns account, time and action.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::civil::{Date, DateTime};

use super::{Context, Names};
use crate::scenario::activity_file::{DemandLogFile, LogUseFile};
use crate::scenario::diagnostic::{Report, suggestion};
use crate::scenario::file::DemandFile;
use crate::scenario::located::At;
use crate::scenario::shape::shortened;
use crate::scenario::{CountLaw, Demand, Group, GroupLog, LogUse, RecordedAction, Recording};
use crate::time::{DAY, DayNumber, Instant, SECOND, date_of, day_number, day_of, weekday_of};

/// The most actions of a log, and the most mistakes of one that are listed.
const MOST: (usize, usize) = (2_000_000, 10);

/// The most days without a recorded action at the end of the horizon that are no surprise.
const MOST_SILENCE: DayNumber = 14;

/// Hands over the text of a file that a scenario names, or says what is wrong with it.
pub(crate) type Reader<'r> = dyn Fn(&str) -> Result<String, String> + 'r;

/// The logs that a scenario names, each read once.
pub(crate) struct Logs<'r> {
    read: &'r Reader<'r>,
    known: HashMap<String, Option<Arc<Recording>>>,
}

impl<'r> Logs<'r> {
    pub(crate) fn new(read: &'r Reader<'r>) -> Logs<'r> {
        Logs { read, known: HashMap::new() }
    }

    /// The log as stated; none when something is wrong with it.
    pub(crate) fn read(
        &mut self,
        file: Option<&At<DemandLogFile>>,
        context: &Context<'_>,
        report: &mut Report,
    ) -> Option<GroupLog> {
        let file = file?;
        let name = file.file.as_ref()?;
        if !self.known.contains_key(&name.value) {
            let recording = self.parse(name, context.names, report).map(Arc::new);
            self.known.insert(name.value.clone(), recording);
        }
        let recording = self.known.get(&name.value)?.clone()?;
        let how = match file.use_ {
            Some(LogUseFile::Weeks) => whole_weeks(file, &recording, report)?,
            Some(LogUseFile::Replay) => replay(file, &recording, context, report),
            None => return None,
        };
        Some(GroupLog { recording, how })
    }

    fn parse(&self, name: &At<String>, names: &Names, report: &mut Report) -> Option<Recording> {
        let mut mistakes = Vec::new();
        let recording = match (self.read)(name) {
            Ok(text) => parse(&text, names, &mut mistakes),
            Err(problem) => {
                report.error(name.span.clone(), format!("{}: {problem}", shortened(name)));
                return None;
            }
        };
        let more = mistakes.len().saturating_sub(MOST.1);
        for (line, problem) in mistakes.iter().take(MOST.1) {
            report.error(name.span.clone(), format!("{}:{line}: {problem}", shortened(name)));
        }
        if more > 0 {
            report.error(name.span.clone(), format!("{}: and {more} more mistakes", shortened(name)));
        }
        recording.filter(|_| mistakes.is_empty())
    }
}

/// The recorded actions; what is wrong with which line goes to `mistakes`.
fn parse(text: &str, names: &Names, mistakes: &mut Vec<(u64, String)>) -> Option<Recording> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let columns = columns(&mut reader).map_err(|problem| mistakes.push((1, problem))).ok()?;
    let (mut accounts, mut actions) = (HashMap::new(), Vec::new());
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                mistakes.push((line, "this line has more or fewer cells than the first".to_owned()));
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        if actions.len() == MOST.0 {
            mistakes.push((line, format!("a log has at most {} actions", MOST.0)));
            return None;
        }
        let cell = |column: usize| record.get(column).unwrap_or_default();
        let known = accounts.len() as u32;
        if cell(columns[0]).is_empty() {
            mistakes.push((line, "the account is missing".to_owned()));
        }
        let account = *accounts.entry(cell(columns[0]).to_owned()).or_insert(known);
        let at = time(cell(columns[1])).map_err(|problem| mistakes.push((line, problem)));
        let action = action(cell(columns[2]), names).map_err(|problem| mistakes.push((line, problem)));
        if let (Ok(at), Ok(action)) = (at, action) {
            actions.push(RecordedAction { account, at, action });
        }
    }
    if actions.is_empty() && mistakes.is_empty() {
        mistakes.push((1, "the log holds no action".to_owned()));
    }
    Some(Recording::new(accounts.len() as u32, actions))
}

/// Where the account, the time and the action stand.
fn columns(reader: &mut csv::Reader<&[u8]>) -> Result<[usize; 3], String> {
    let header = reader.headers().map_err(|_| "the header cannot be read".to_owned())?;
    let mut columns = [0; 3];
    for (column, wanted) in columns.iter_mut().zip(["account", "time", "action"]) {
        *column = header.iter().position(|name| name == wanted).ok_or_else(|| {
            let found: Vec<String> = header.iter().map(|name| format!("`{}`", shortened(name))).collect();
            let found = if found.is_empty() { "nothing".to_owned() } else { found.join(", ") };
            format!("no column `{wanted}`; the first line names the columns account, time and action, and this one says {found}")
        })?;
        if header.iter().filter(|name| *name == wanted).count() > 1 {
            return Err(format!("two columns `{wanted}`"));
        }
    }
    Ok(columns)
}

/// A time as civil time: ISO 8601 as it stands there, or seconds since 1970 (UTC).
fn time(text: &str) -> Result<Instant, String> {
    let problem =
        || format!("`{}` is no time: write 2026-01-05T09:30:00, or seconds since 1970", shortened(text));
    let at = if let Ok(seconds) = text.parse::<i64>() {
        seconds.checked_mul(SECOND).ok_or_else(problem)?
    } else {
        let civil = text.strip_suffix(['Z', 'z']).unwrap_or(text);
        let civil: DateTime = civil.parse().map_err(|_| problem())?;
        let time = civil.time();
        let seconds = Instant::from(time.hour()) * 3_600 + Instant::from(time.minute()) * 60;
        let seconds = seconds + Instant::from(time.second());
        Instant::from(day_number(civil.date())) * DAY + seconds * SECOND + Instant::from(time.millisecond())
    };
    let days = Instant::from(day_number(Date::constant(2200, 12, 31)));
    if (0..=days * DAY).contains(&at) { Ok(at) } else { Err(problem()) }
}

fn action(name: &str, names: &Names) -> Result<usize, String> {
    let known = names.all().iter().position(|known| known == name);
    known.ok_or_else(|| {
        let all: Vec<&str> = names.all().iter().map(String::as_str).collect();
        format!("unknown action `{}`; {}", shortened(name), suggestion(name, &all))
    })
}

/// The first and the last recorded day: as stated, else those of the first and the last action.
fn recorded_days(file: &DemandLogFile, recording: &Recording) -> (DayNumber, DayNumber) {
    let days = || recording.actions().iter().map(|action| day_of(action.at));
    let stated = |date: &Option<At<_>>| date.as_ref().map(|date: &At<super::FileDate>| day_number(date.0));
    let first = stated(&file.from).or_else(|| days().min()).unwrap_or(0);
    (first, stated(&file.to).or_else(|| days().max()).unwrap_or(first))
}

fn whole_weeks(file: &DemandLogFile, recording: &Recording, report: &mut Report) -> Option<LogUse> {
    let (first, last) = recorded_days(file, recording);
    let monday = first + (7 - weekday_of(first) as DayNumber) % 7;
    let weeks = (last + 1 - monday).div_euclid(7);
    if weeks < 1 {
        let message =
            format!("no whole week, Monday to Sunday, from {} to {}", date_of(first), date_of(last));
        let span = file.file.as_ref().map_or(0..0, |name| name.span.clone());
        report.error(span, message).hint(
            "state `from` and `to` if the recording began before its first action or ended after its last",
        );
        return None;
    }
    Some(LogUse::Weeks { first_monday: date_of(monday), weeks: weeks as u32 })
}

fn replay(file: &DemandLogFile, recording: &Recording, context: &Context<'_>, report: &mut Report) -> LogUse {
    let span = file.file.as_ref().map_or(0..0, |name| name.span.clone());
    let day_0 = file.from.as_ref().map_or(context.start, |date| date.0);
    if let Some(to) = &file.to {
        report.warning(to.span.clone(), "`to` has no effect on a replay, which ends with the horizon");
    }
    let first = day_number(day_0);
    let end = first.saturating_add(context.horizon_days as DayNumber);
    let last = recorded_days(&DemandLogFile { to: None, ..file.clone() }, recording).1;
    if !recording.actions().iter().any(|action| (first..end).contains(&day_of(action.at))) {
        let (from, to) = recorded_days(&DemandLogFile { from: None, to: None, ..file.clone() }, recording);
        report.warning(span.clone(), "no recorded action falls into the horizon").hint(format!(
            "it was recorded from {} to {}; `from` is the date that is played on day 0",
            date_of(from),
            date_of(to)
        ));
    } else if weekday_of(first) != weekday_of(day_number(context.start)) {
        let message = format!("{day_0} and the scenario's start are not the same day of the week");
        report.warning(span, message).hint("choose a `from` some whole weeks before or after the start");
    } else if last + MOST_SILENCE < end {
        let message = format!("the log ends {} days before the horizon: nothing follows", end - 1 - last);
        report.warning(span, message).hint("make the horizon shorter, or use = \"weeks\"");
    }
    LogUse::Replay { day_0 }
}

/// The demands that a log stands for: one for each action in it.
pub(crate) fn demands(log: Option<&GroupLog>) -> Vec<Demand> {
    let Some(GroupLog { recording, .. }) = log else { return Vec::new() };
    let days = recording.actions().iter().map(|action| day_of(action.at));
    let recorded = days.clone().max().unwrap_or(0) - days.min().unwrap_or(0) + 1;
    let mut counts: Vec<(usize, f64)> = Vec::new();
    for action in recording.actions() {
        match counts.iter_mut().find(|(known, _)| *known == action.action) {
            Some((_, count)) => *count += 1.0,
            None => counts.push((action.action, 1.0)),
        }
    }
    let demand = |(action, count): (usize, f64)| Demand {
        action,
        law: CountLaw::Recorded {
            mean: count / f64::from(recorded) / f64::from(recording.accounts.max(1)),
            factor: 1.0,
        },
        weekdays: [1.0; 7],
        months: [1.0; 12],
        hours: Vec::new(),
    };
    let mut demands: Vec<Demand> = counts.into_iter().map(demand).collect();
    demands.sort_by_key(|demand| demand.action);
    demands
}

/// Laws of demand stated beside a log that holds the same actions.
pub(crate) fn refuse_twice(
    stated: &BTreeMap<At<String>, At<DemandFile>>,
    log: Option<&GroupLog>,
    names: &Names,
    report: &mut Report,
) {
    let recorded = demands(log);
    for name in stated.keys() {
        if recorded.iter().any(|demand| names.all()[demand.action] == name.value) {
            let message = format!("the demand of `{}` is stated here and recorded in the log", name.value);
            report
                .error(name.span.clone(), message)
                .hint("leave it out here, or take its lines out of the log");
        }
    }
}

/// Warns where a replay has fewer accounts than the group that states it.
pub(crate) fn warn_of_repeats(file: Option<&At<DemandLogFile>>, group: &Group, report: &mut Report) {
    let (Some(file), Some(log)) = (file, &group.log) else { return };
    let recorded = log.recording.accounts;
    if matches!(log.how, LogUse::Replay { .. }) && group.count > recorded {
        let message = format!("{} accounts replay {recorded} recorded ones: some do the same", group.count);
        report.warning(file.span.clone(), message).hint("use = \"weeks\" draws weeks for each account");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::HOUR;

    #[test]
    fn times_are_read_as_civil_time() {
        let monday = Instant::from(day_number(Date::constant(2026, 1, 5))) * DAY;
        for text in [
            "2026-01-05T09:30:00",
            "2026-01-05 09:30:00",
            "2026-01-05T09:30",
            "2026-01-05T09:30:00Z",
            "2026-01-05T09:30:00+05:00",
            "1767605400",
        ] {
            assert_eq!(time(text), Ok(monday + 9 * HOUR + HOUR / 2), "{text}");
        }
        assert_eq!(time("2026-01-05T09:30:00.25"), Ok(monday + 9 * HOUR + HOUR / 2 + 250));
        for text in ["", "soon", "2026-13-05T09:30:00", "09:30", "-5", "99999999999999999", "1e9"] {
            assert!(time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn mistakes_name_their_line() {
        let names = Names::standard();
        let found = |text: &str| {
            let mut mistakes = Vec::new();
            let recording = parse(text, &names, &mut mistakes);
            (recording, mistakes.into_iter().map(|(line, _)| line).collect::<Vec<_>>())
        };
        let good = "time,who,action,account\n2026-01-05T09:00:00,x,message,b\n\n 1767603600 ,y, post ,a\n";
        let (recording, mistakes) = found(good);
        assert_eq!((recording.expect("it is good").number, mistakes), (2, vec![]));
        assert_eq!(found("account,time,action\na,soon,message\na,0,message\na,5,mesage\na,5\n").1, [2, 4, 5]);
        assert_eq!(found("account,at,action\na,5,message\n").1, [1]);
        assert_eq!(found("account,time,action\n").1, [1]);
        assert_eq!(found("").1, [1]);
    }
}
