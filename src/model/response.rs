//! How people answer: numbers of answers by day, and what is pending. Each action that was sent draws its own answer, at a
//! place that says which day's and which one it is.

use super::counts::{CountTable, days_table};
use crate::random::{Chance, Stream};
use crate::rules::ActionId;
use crate::scenario::{Group, Response, Scenario};

/// The response to one action, compiled.
#[derive(Debug, Clone)]
pub(crate) struct ResponseModel {
    pub(crate) action: ActionId,
    /// Place among the responses of all platforms.
    place: usize,
    /// Ends of the shares of accepted, declined and reported.
    ends: [Chance; 3],
    delay: CountTable,
    /// Days after which it is withdrawn; `u32::MAX` for never.
    withdraw_after: u32,
    pending_at_start: u32,
    accepted_at_start: u32,
}

/// What happened on a day, by [`ACCEPTED`] and the others.
pub(super) type DayCounts = [u32; 5];
pub(super) const ACCEPTED: usize = 0;
pub(super) const DECLINED: usize = 1;
pub(super) const REPORTED: usize = 2;
pub(super) const WITHDRAWN: usize = 3;
pub(super) const SENT: usize = 4;

/// Numbers that an outcome keeps of each response: what became of it, and what is pending at the end.
pub(crate) const ANSWERS: usize = 5;

/// The responses of a group's platform, for what its accounts do.
pub(super) fn compile(scenario: &Scenario, group: &Group) -> Vec<ResponseModel> {
    let of_platform = scenario.responses().enumerate().filter(|(_, (of, ..))| *of == group.platform);
    let done = of_platform.filter(|(_, (_, _, response))| group.does(response.action));
    done.map(|(place, (_, _, response))| ResponseModel::new(response, place)).collect()
}

impl ResponseModel {
    fn new(response: &Response, place: usize) -> ResponseModel {
        let declined = response.accepted + response.declined;
        ResponseModel {
            action: response.action,
            place,
            ends: [response.accepted, declined, declined + response.reported].map(Chance::new),
            delay: days_table(response.delay),
            withdraw_after: response.withdraw_after_days.unwrap_or(u32::MAX),
            pending_at_start: response.pending_at_start,
            accepted_at_start: response.accepted_at_start,
        }
    }
}

/// The answers to one account's actions of one kind.
#[derive(Debug)]
pub(super) struct Answers {
    /// By day of the horizon, as far as it is known.
    days: Vec<DayCounts>,
    pub(super) sent_today: u32,
    /// Pending at the last end of a day.
    pub(super) pending: u32,
    /// Accepted and reported until then.
    pub(super) accepted: u32,
    pub(super) reported: u32,
}

impl Answers {
    pub(super) fn new(horizon: u32) -> Answers {
        let days = vec![[0; 5]; horizon as usize];
        Answers { days, sent_today: 0, pending: 0, accepted: 0, reported: 0 }
    }

    /// Begins a new life on a day.
    pub(super) fn clear(&mut self, model: &ResponseModel, day: u32) {
        self.days.fill([0; 5]);
        self.sent_today = 0;
        self.pending = model.pending_at_start;
        (self.accepted, self.reported) = (model.accepted_at_start, 0);
        let withdrawn = (model.withdraw_after - 1).saturating_add(day);
        if let Some(counts) = self.days.get_mut(withdrawn as usize) {
            counts[WITHDRAWN] = model.pending_at_start;
        }
    }

    /// What was sent on the last `length` days until `day`, and what was answered on them.
    pub(super) fn last_days(&self, day: u32, length: u32) -> DayCounts {
        let from = (day + 1).saturating_sub(length) as usize;
        let mut sum = [0; 5];
        for counts in &self.days[from..=day as usize] {
            for (sum, count) in sum.iter_mut().zip(counts) {
                *sum += count;
            }
        }
        sum
    }

    /// The end of a day: the answers to what was sent on it are drawn, and what comes on it is booked.
    pub(super) fn close_day(&mut self, model: &ResponseModel, day: u32, draws: Stream, out: &mut [u64]) {
        let sent = std::mem::take(&mut self.sent_today);
        let mut unanswered = sent;
        for ordinal in 0..sent {
            let place = ((u64::from(day) << 20) + u64::from(ordinal)) * 2;
            let word = draws.word(place);
            let Some(answer) = model.ends.iter().position(|end| end.hits(word)) else { continue };
            let delay = model.delay.draw_word(draws.word(place + 1));
            if delay <= model.withdraw_after {
                unanswered -= 1;
                self.book(day, delay, answer, 1);
            }
        }
        self.book(day, model.withdraw_after, WITHDRAWN, unanswered);
        self.days[day as usize][SENT] = sent;
        let today = self.days[day as usize];
        let gone: u32 = today[ACCEPTED..=WITHDRAWN].iter().sum();
        self.pending = self.pending + sent - gone;
        self.accepted += today[ACCEPTED];
        self.reported += today[REPORTED];
        let out = &mut out[model.place * ANSWERS..][..ANSWERS];
        for (sum, count) in out.iter_mut().zip(&today[ACCEPTED..=WITHDRAWN]) {
            *sum += u64::from(*count);
        }
        out[ANSWERS - 1] = u64::from(self.pending);
    }

    /// What comes so many days after `day`; beyond the horizon nothing does.
    fn book(&mut self, day: u32, later: u32, what: usize, count: u32) {
        if let Some(counts) = self.days.get_mut(day.saturating_add(later) as usize) {
            counts[what] += count;
        }
    }
}
