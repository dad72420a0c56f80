//! Surges: the volume of the last days against the account's own volume before them.

use crate::rules::ActionId;
use crate::scenario::{Group, Surge};

/// A surge rule of a group that does some of its actions.
#[derive(Debug, Clone)]
pub(crate) struct SurgeModel {
    /// Place among the group's surge rules.
    pub(super) place: usize,
    actions: Vec<ActionId>,
    trailing_days: u32,
    baseline_days: u32,
    factor: f64,
    minimum: f64,
}

impl SurgeModel {
    /// None where the group does nothing that it counts.
    pub(super) fn new(surge: &Surge, place: usize, group: &Group) -> Option<SurgeModel> {
        surge.actions.iter().any(|&action| group.does(action)).then(|| SurgeModel {
            place,
            actions: surge.actions.clone(),
            trailing_days: surge.trailing_days,
            baseline_days: surge.baseline_days,
            factor: surge.factor,
            minimum: surge.minimum,
        })
    }

    /// Whether it counts an action.
    pub(super) fn counts(&self, action: ActionId) -> bool {
        self.actions.contains(&action)
    }

    /// Whether a day ends with a breach; never before the account's days hold the window and the whole baseline.
    pub(super) fn is_breached(&self, volume: &Volume, day: u32) -> bool {
        let end = day as usize + 1;
        let Some(start) = end.checked_sub(self.trailing_days as usize) else { return false };
        let before = start.checked_sub(self.baseline_days as usize);
        let Some(before) = before.filter(|&before| before >= volume.first_day) else { return false };
        let sent = |from: usize, to: usize| (volume.sent[to] - volume.sent[from]) as f64;
        let baseline = (sent(before, start) / f64::from(self.baseline_days)).max(self.minimum);
        sent(start, end) > self.factor * baseline * f64::from(self.trailing_days)
    }
}

/// What one account has done of a surge rule's actions.
#[derive(Debug)]
pub(super) struct Volume {
    /// Before each day, and today's end.
    sent: Vec<u64>,
    /// The account's first day.
    first_day: usize,
    pub(super) today: u32,
}

impl Volume {
    pub(super) fn new(horizon: u32) -> Volume {
        Volume { sent: vec![0; horizon as usize + 1], first_day: 0, today: 0 }
    }

    /// Begins a new life on a day.
    pub(super) fn clear(&mut self, day: u32) {
        (self.first_day, self.today) = (day as usize, 0);
        self.sent[self.first_day] = 0;
    }

    /// The end of a day.
    pub(super) fn close_day(&mut self, day: u32) {
        let today = std::mem::take(&mut self.today);
        self.sent[day as usize + 1] = self.sent[day as usize] + u64::from(today);
    }
}
