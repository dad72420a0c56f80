//! Credits that an action costs: granted by the calendar, held up to a limit, and coming back with a delay.

use super::counts::{CountTable, days_table};
use crate::random::{Chance, Stream};
use crate::rules::ActionId;
use crate::scenario::{Credit, Group, Period, Refund, Scenario};
use crate::time;

/// The credits of one action, compiled.
#[derive(Debug, Clone)]
pub(crate) struct CreditModel {
    pub(crate) action: ActionId,
    /// Place among the causes of a refusal.
    pub(crate) cause: usize,
    /// By day: how many come at its start.
    grants: Vec<u32>,
    most: u32,
    at_start: u32,
    /// Whether one comes back, and after how many days.
    refund: Option<(Chance, CountTable)>,
}

/// The credits of a group's platform, for what its accounts do.
pub(super) fn compile(scenario: &Scenario, group: &Group) -> Vec<CreditModel> {
    let before = scenario.flag_causes().len();
    let of_platform = scenario.credits().enumerate().filter(|(_, (of, ..))| *of == group.platform);
    let compiled = of_platform.filter_map(|(at, (_, _, credit))| {
        group.does(credit.action).then(|| CreditModel {
            action: credit.action,
            cause: before + at,
            grants: grants(scenario, credit),
            most: credit.most,
            at_start: credit.at_start,
            refund: credit
                .refund
                .map(|Refund { probability, delay }| (Chance::new(probability), days_table(delay))),
        })
    });
    compiled.collect()
}

impl CreditModel {
    /// Whether some of what was paid may come back.
    pub(super) fn comes_back(&self) -> bool {
        self.refund.is_some()
    }
}

fn grants(scenario: &Scenario, credit: &Credit) -> Vec<u32> {
    let first = time::day_number(scenario.start);
    let begins = |day: &u32| {
        let number = first + *day as time::DayNumber;
        *day > 0
            && match credit.every {
                Period::Day => true,
                Period::Week => time::weekday_of(number) == 0,
                Period::Month => time::month_of(number) != time::month_of(number - 1),
            }
    };
    (0..scenario.horizon_days).map(|day| if begins(&day) { credit.grant } else { 0 }).collect()
}

/// The credits of one account.
#[derive(Debug)]
pub(super) struct Purse {
    pub(super) left: u32,
    sent_today: u32,
    /// The account's first day, on which nothing is granted.
    first_day: u32,
    /// By day: how many come back at its start.
    due: Vec<u32>,
}

impl Purse {
    pub(super) fn new(horizon: u32) -> Purse {
        Purse { left: 0, sent_today: 0, first_day: 0, due: vec![0; horizon as usize] }
    }

    /// Begins a new life on a day.
    pub(super) fn clear(&mut self, model: &CreditModel, day: u32) {
        (self.left, self.sent_today, self.first_day) = (model.at_start, 0, day);
        self.due.fill(0);
    }

    /// The start of a day.
    pub(super) fn begin_day(&mut self, model: &CreditModel, day: u32) {
        if day == self.first_day {
            return;
        }
        let comes = model.grants[day as usize] + self.due[day as usize];
        self.left = self.left.saturating_add(comes).min(model.most);
    }

    /// Pays for actions that were delivered.
    pub(super) fn pay(&mut self, count: u32) {
        self.left -= count;
        self.sent_today += count;
    }

    /// The end of a day: which of today's credits come back, and when.
    pub(super) fn close_day(&mut self, model: &CreditModel, day: u32, draws: Stream) {
        let sent = std::mem::take(&mut self.sent_today);
        let Some((chance, delay)) = &model.refund else { return };
        for ordinal in 0..sent {
            let place = ((u64::from(day) << 20) + u64::from(ordinal)) * 2;
            if chance.hits(draws.word(place)) {
                let days = delay.draw_word(draws.word(place + 1)).max(1);
                if let Some(due) = self.due.get_mut(day.saturating_add(days) as usize) {
                    *due += 1;
                }
            }
        }
    }
}
