//! How people answer to what is sent, and the stocks that this makes.

use pacewise::rules::ActionId;
use pacewise::scenario::{Platform, Response, StockOf};
use pacewise::time::DayNumber;
use rand::{Rng, RngExt};

use super::laws::draw_days;
use super::life::AnswersLife;

/// What becomes of an action that people answer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Accepted,
    Declined,
    Reported,
    /// It is withdrawn, or waits for ever.
    Unanswered,
}

/// An action that people answer to.
#[derive(Debug, Clone, Copy)]
struct Sent {
    on: DayNumber,
    fate: Fate,
    /// The day at whose end it is no longer pending; none: never.
    settled_on: Option<DayNumber>,
}

/// By response of the platform, everything that was sent.
pub(crate) struct Answers {
    actions: Vec<ActionId>,
    accepted_at_start: Vec<u32>,
    sent: Vec<Vec<Sent>>,
    first_day: DayNumber,
}

impl Answers {
    pub(crate) fn new(platform: &Platform, first_day: DayNumber) -> Answers {
        let responses = &platform.beyond.responses;
        let pending = |response: &Response| {
            let withdrawn = response.withdraw_after_days.map(|days| first_day - 1 + days as DayNumber);
            let old = Sent { on: first_day - 1, fate: Fate::Unanswered, settled_on: withdrawn };
            vec![old; response.pending_at_start as usize]
        };
        Answers {
            actions: responses.iter().map(|response| response.action).collect(),
            accepted_at_start: responses.iter().map(|response| response.accepted_at_start).collect(),
            sent: responses.iter().map(pending).collect(),
            first_day,
        }
    }

    fn place(&self, action: ActionId) -> Option<usize> {
        self.actions.iter().position(|known| *known == action)
    }

    /// An action happens on a day.
    pub(crate) fn send(&mut self, platform: &Platform, action: ActionId, day: DayNumber, rng: &mut impl Rng) {
        let Some(place) = self.place(action) else { return };
        let response = &platform.beyond.responses[place];
        let u: f64 = rng.random();
        let fate = if u < response.accepted {
            Fate::Accepted
        } else if u < response.accepted + response.declined {
            Fate::Declined
        } else if u < response.accepted + response.declined + response.reported {
            Fate::Reported
        } else {
            Fate::Unanswered
        };
        let answered = day + draw_days(response.delay, rng) as DayNumber;
        let withdrawn = response.withdraw_after_days.map(|days| day + days as DayNumber);
        let in_time = fate != Fate::Unanswered && withdrawn.is_none_or(|withdrawn| answered <= withdrawn);
        self.sent[place].push(if in_time {
            Sent { on: day, fate, settled_on: Some(answered) }
        } else {
            Sent { on: day, fate: Fate::Unanswered, settled_on: withdrawn }
        });
    }

    /// How many had a fate at the end of some days.
    pub(crate) fn number(
        &self,
        action: ActionId,
        fate: Fate,
        days: std::ops::RangeInclusive<DayNumber>,
    ) -> u32 {
        let sent = &self.sent[self.place(action).expect("the action has a response")];
        let settled = |sent: &&Sent| sent.settled_on.is_some_and(|day| days.contains(&day));
        sent.iter().filter(|sent| sent.fate == fate).filter(settled).count() as u32
    }

    /// How many were sent on some days.
    pub(crate) fn sent_on(&self, action: ActionId, days: std::ops::RangeInclusive<DayNumber>) -> u32 {
        let sent = &self.sent[self.place(action).expect("the action has a response")];
        sent.iter().filter(|sent| days.contains(&sent.on)).count() as u32
    }

    /// A stock at the end of a day.
    pub(crate) fn stock(&self, action: ActionId, of: StockOf, day: DayNumber) -> u32 {
        let place = self.place(action).expect("the action has a response");
        match of {
            StockOf::Pending => {
                let pending = |sent: &&Sent| sent.settled_on.is_none_or(|settled| settled > day);
                self.sent[place].iter().filter(pending).count() as u32
            }
            StockOf::Accepted => {
                self.accepted_at_start[place] + self.number(action, Fate::Accepted, DayNumber::MIN..=day)
            }
            StockOf::Reported => self.number(action, Fate::Reported, DayNumber::MIN..=day),
        }
    }

    /// A stock during a day: as it stood at the end of the day before, of pending ones with those sent today.
    pub(crate) fn stock_today(&self, action: ActionId, of: StockOf, day: DayNumber) -> u32 {
        self.stock(action, of, day - 1)
    }

    /// What had become of everything by the end of the last day.
    pub(crate) fn lives(&self, last: DayNumber) -> Vec<AnswersLife> {
        let life = |(place, &action): (usize, &ActionId)| {
            let number = |fate| self.number(action, fate, DayNumber::MIN..=last);
            let settled =
                self.sent[place].iter().filter(|sent| sent.settled_on.is_some_and(|day| day <= last));
            AnswersLife {
                accepted: number(Fate::Accepted),
                declined: number(Fate::Declined),
                reported: number(Fate::Reported),
                withdrawn: settled.filter(|sent| sent.fate == Fate::Unanswered).count() as u32,
                pending: self.stock(action, StockOf::Pending, last),
            }
        };
        self.actions.iter().enumerate().map(life).collect()
    }
}
