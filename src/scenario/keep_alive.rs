//! The days on which a rarely used account must be used so that its token does not die of silence.

use jiff::civil::Date;
use serde::Serialize;

use super::{Group, Scenario};
use crate::time::{DayNumber, date_of, day_number, weekday_of};

/// A calendar of ordinary use that keeps the tokens of one group alive, as if nothing else were done with its accounts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeepAlive {
    /// The group.
    pub group: String,
    /// Accounts in it, each of which must be used.
    pub accounts: u32,
    /// The longest time from a day of use to the next that is safe, in days, at least 1.
    pub days_apart: u32,
    /// The days of use within the horizon: each is the last working day that is early enough.
    pub uses: Vec<Date>,
    /// Days on which a token dies although the calendar is kept, since nobody works for too long before them.
    pub lapses: Vec<Date>,
}

impl KeepAlive {
    /// Days of use a year, for one account.
    #[must_use]
    pub fn uses_a_year(&self, horizon_days: u32) -> f64 {
        self.uses.len() as f64 * 365.0 / f64::from(horizon_days)
    }
}

impl Scenario {
    /// The keep-alive calendar of every group whose tokens can die of silence, in file order; not of accounts that are
    /// opened because others were restricted. It starts with a token that is
    /// issued on day 0, and counts a reconnection after a lapse as use of the next working day.
    #[must_use]
    pub fn keep_alive(&self) -> Vec<KeepAlive> {
        let exist = self.groups.iter().filter(|group| group.replaces.is_none());
        exist.filter_map(|group| self.keep_alive_of(group)).collect()
    }

    fn keep_alive_of(&self, group: &Group) -> Option<KeepAlive> {
        let days_apart = self.platform_of(group).token.longest_silence()?.max(1);
        let working: Vec<u32> = (0..self.horizon_days).filter(|&day| self.is_workday(group, day)).collect();
        let date = |day: u32| date_of(day_number(self.start) + day as DayNumber);
        let (mut uses, mut lapses, mut last) = (Vec::new(), Vec::new(), 0);
        while last + days_apart + 1 < self.horizon_days {
            let next = working.partition_point(|&day| day <= last + days_apart);
            let in_time = next.checked_sub(1).map(|place| working[place]).filter(|&day| day > last);
            if let Some(day) = in_time {
                uses.push(date(day));
                last = day;
            } else {
                lapses.push(date(last + days_apart + 1));
                let Some(&day) = working.get(next) else { break };
                last = day;
            }
        }
        Some(KeepAlive { group: group.name.clone(), accounts: group.count, days_apart, uses, lapses })
    }

    /// Whether people work for a group on a day.
    fn is_workday(&self, group: &Group, day: u32) -> bool {
        let number = day_number(self.start) + day as DayNumber;
        let date = date_of(number);
        let off = |&(from, to): &(Date, Date)| (from..=to).contains(&date);
        self.calendar.workdays[weekday_of(number)]
            && self.calendar.holidays.binary_search(&date).is_err()
            && !group.time_off.iter().any(off)
    }
}
