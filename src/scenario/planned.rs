//! What a team knows beforehand will end a connection: password rotations, departures, deliberate new authorisations.

use serde::Serialize;

use super::DaysLaw;

/// Something planned that disconnects connected accounts at the start of its days.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PlannedEvent {
    /// Cause as the results name it: an incident's, or one of its own such as `revoke_and_reconnect`.
    pub cause: String,
    /// The groups whose accounts it strikes.
    pub groups: Vec<usize>,
    /// The Pages that it strikes alone: its user loses the role of Designated Admin.
    pub pages: Vec<usize>,
    /// Its first day within the horizon, counted from day 0; may lie beyond the horizon.
    pub first_day: u32,
    /// Days between two occurrences; none: it happens once.
    pub every_days: Option<u32>,
    /// Days until the reconnection; none: as for an incident of this cause.
    pub outage: Option<DaysLaw>,
}

impl PlannedEvent {
    /// Whether it strikes on a day.
    #[must_use]
    pub fn is_on(&self, day: u32) -> bool {
        self.next_from(day) == Some(day)
    }

    /// The first of its days that is not before `day`.
    #[must_use]
    pub fn next_from(&self, day: u32) -> Option<u32> {
        let Some(past) = day.checked_sub(self.first_day) else { return Some(self.first_day) };
        match self.every_days {
            Some(every) => day.checked_add((every - past % every) % every),
            None => (past == 0).then_some(day),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(first_day: u32, every_days: Option<u32>) -> PlannedEvent {
        PlannedEvent {
            cause: "password_changed".to_owned(),
            groups: vec![0],
            pages: Vec::new(),
            first_day,
            every_days,
            outage: None,
        }
    }

    #[test]
    fn repeated_events_come_at_their_distance_and_single_ones_once() {
        let every = event(3, Some(90));
        assert_eq!([0, 3, 4, 93, 94].map(|day| every.next_from(day)), [3, 3, 93, 93, 183].map(Some));
        assert!(every.is_on(93) && !every.is_on(92));
        let once = event(3, None);
        assert_eq!([0, 3, 4].map(|day| once.next_from(day)), [Some(3), Some(3), None]);
        assert_eq!(event(0, Some(1)).next_from(u32::MAX), Some(u32::MAX));
    }
}
