//! Rules that are judged at the end of each day: stocks, ratios, surges.

use pacewise::scenario::{Bound, Consequence, Measure, Ratio, RatioOf, RatioTo, Surge};
use pacewise::time::{DayNumber, day_of};

use super::account::Account;
use super::answers::Fate;

impl Account<'_> {
    /// The rules by the day of the platform that are breached at the end of a day.
    pub(crate) fn breached_day_rules(&self, day: DayNumber) -> Vec<usize> {
        let rules = self.platform.beyond.rules.iter().enumerate();
        let tried = rules.filter(|(_, rule)| !matches!(rule.consequence, Consequence::Refusal { .. }));
        let breached = tried.filter(|(_, rule)| match &rule.measure {
            Measure::Stock(stock) => self.answers.stock(stock.action, stock.of, day) > stock.limit,
            Measure::Ratio(ratio) => self.ratio_is_breached(ratio, day),
            Measure::Surge(surge) => self.surges(surge, day),
        });
        breached.map(|(index, _)| index).collect()
    }

    fn ratio_is_breached(&self, ratio: &Ratio, day: DayNumber) -> bool {
        let days = || day - ratio.trailing_days as DayNumber + 1..=day;
        let number = |fate| self.answers.number(ratio.action, fate, days());
        let sent = self.answers.sent_on(ratio.action, self.opened.max(*days().start())..=day);
        if sent < ratio.at_least {
            return false;
        }
        let of = match ratio.of {
            RatioOf::Accepted => number(Fate::Accepted),
            RatioOf::Reported => number(Fate::Reported),
        };
        let to = match ratio.to {
            RatioTo::Sent => sent,
            RatioTo::Answered => number(Fate::Accepted) + number(Fate::Declined) + number(Fate::Reported),
        };
        if to == 0 {
            return false;
        }
        let share = f64::from(of) / f64::from(to);
        match ratio.bound {
            Bound::Below(bound) => share < bound,
            Bound::Above(bound) => share > bound,
        }
    }

    fn surges(&self, surge: &Surge, day: DayNumber) -> bool {
        let (judged, baseline) = (surge.trailing_days as DayNumber, surge.baseline_days as DayNumber);
        if day - self.opened < judged + baseline - 1 {
            return false;
        }
        let volume = |days: std::ops::Range<DayNumber>| {
            let actions = surge.actions.iter().flat_map(|&action| &self.history[action]);
            actions.filter(|&&at| days.contains(&day_of(at))).count() as f64
        };
        let usual = volume(day + 1 - judged - baseline..day + 1 - judged) / f64::from(surge.baseline_days);
        volume(day + 1 - judged..day + 1)
            > surge.factor * f64::from(surge.trailing_days) * usual.max(surge.minimum)
    }
}
