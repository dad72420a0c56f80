//! Planned events, compiled for a group: what disconnects its connected accounts at the start of stated days.

use super::counts::{CountTable, days_table};
use super::life::Life;
use crate::scenario::{PlannedEvent, Scenario};

/// The planned events of a group, in file order.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    events: Vec<PlannedModel>,
}

#[derive(Debug, Clone)]
struct PlannedModel {
    event: PlannedEvent,
    cause: u16,
    outage: Option<CountTable>,
}

impl Planned {
    pub(super) fn compile(scenario: &Scenario, group: usize) -> Planned {
        let causes = scenario.causes();
        let events = scenario.events.iter().filter(|event| event.groups.contains(&group));
        let model = |event: &PlannedEvent| PlannedModel {
            event: event.clone(),
            cause: causes.iter().position(|cause| *cause == event.cause).expect("every cause is listed")
                as u16,
            outage: event.outage.map(days_table),
        };
        Planned { events: events.map(model).collect() }
    }

    /// The first day from `day` on that has an event; `u32::MAX` for none.
    pub(super) fn next_from(&self, day: u32) -> u32 {
        self.events.iter().filter_map(|planned| planned.event.next_from(day)).min().unwrap_or(u32::MAX)
    }
}

impl Life<'_> {
    /// The events planned for a day strike a connected account at its start, one after the other in file order.
    #[cold]
    pub(super) fn meet_planned(&mut self, day: u32) {
        let (kind, start) = (self.kind, self.start_of(day));
        for planned in kind.planned.events.iter().filter(|planned| planned.event.is_on(day)) {
            if self.is_connected() {
                match &planned.outage {
                    Some(outage) => {
                        let until = start + self.draw_days(outage);
                        self.lose_token_until(day, planned.cause, start, until);
                    }
                    None => self.lose_token(day, planned.cause, start),
                }
                self.reconnect_if_due(day);
            }
        }
        self.plan_from(day + 1);
    }
}
