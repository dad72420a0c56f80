//! Incidents, compiled: on which days one would strike, and which one.

use super::counts::CountTable;
use crate::random::{Chance, Stream};
use crate::scenario::{Incident, Platform};

/// The days on which an incident would strike a connected account, whichever it is: a day is one with the summed
/// probability, independently of the others, so the gaps are geometric. Most lives need one or two draws.
#[derive(Debug, Clone)]
pub(crate) struct Incidents {
    /// Days until the next such day, cut beyond the horizon.
    gap: CountTable,
    /// Ends of the shares of the incidents.
    ends: Vec<Chance>,
    /// By incident: its cause.
    causes: Vec<u16>,
    horizon: u32,
}

/// The incidents of a platform: those of each account and those that strike all accounts at once.
///
/// A day holds at most one. A shared one goes first, so that an account's own are tried with their probability given that
/// none strikes all; every incident then strikes with its stated probability.
pub(super) fn compile(
    platform: &Platform,
    causes: &[String],
    horizon: u32,
) -> (Option<Incidents>, Option<Incidents>) {
    let (shared, own): (Vec<&Incident>, Vec<&Incident>) =
        platform.incidents.iter().partition(|incident| incident.shared);
    let untouched = 1.0 - shared.iter().map(|incident| incident.per_day).sum::<f64>();
    (Incidents::new(&own, untouched, causes, horizon), Incidents::new(&shared, 1.0, causes, horizon))
}

/// The place of an incident's cause among all causes.
pub(super) fn cause_of(incident: &Incident, causes: &[String]) -> u16 {
    causes.iter().position(|cause| *cause == incident.cause).expect("every incident's cause is listed") as u16
}

impl Incidents {
    /// Incidents that are tried on a share `untouched` of the days.
    fn new(incidents: &[&Incident], untouched: f64, causes: &[String], horizon: u32) -> Option<Incidents> {
        let stated: f64 = incidents.iter().map(|incident| incident.per_day).sum();
        if stated <= 0.0 || untouched <= 0.0 {
            return None;
        }
        let total = (stated / untouched).min(1.0);
        let none = 1.0 - total;
        let mut weights: Vec<f64> = (0..horizon).map(|days| none.powi(days as i32) * total).collect();
        weights.push(none.powi(horizon as i32));
        let mut seen = 0.0;
        let share = |incident: &&Incident| {
            seen += incident.per_day;
            Chance::new(seen / stated)
        };
        let ends = incidents.iter().map(share).collect();
        let causes = incidents.iter().map(|incident| cause_of(incident, causes)).collect();
        Some(Incidents { gap: CountTable::from_weights(0, &weights), ends, causes, horizon })
    }

    /// The cause that a uniform word picks among the incidents.
    fn pick(&self, word: u64) -> u16 {
        self.causes[self.ends.iter().position(|end| end.hits(word)).unwrap_or(self.ends.len() - 1)]
    }
}

/// Where the days of incidents stand in one life.
#[derive(Debug, Clone, Copy)]
pub(super) struct IncidentDays {
    stream: Stream,
    /// The next day with an incident.
    pub(super) next: u32,
    drawn: u64,
}

impl IncidentDays {
    pub(super) fn new(stream: Stream, incidents: Option<&Incidents>) -> IncidentDays {
        let mut days = IncidentDays { stream, next: u32::MAX, drawn: 0 };
        if let Some(incidents) = incidents {
            days.draw_next(incidents);
        }
        days
    }

    /// The cause of the incident of a day, if there is one; goes on to the first day after it that has one.
    pub(super) fn meet(&mut self, incidents: Option<&Incidents>, day: u32) -> Option<u16> {
        let incidents = incidents?;
        while self.next < day {
            self.draw_next(incidents);
        }
        if self.next > day {
            return None;
        }
        let cause = incidents.pick(self.stream.word(self.drawn * 2 + 1));
        self.draw_next(incidents);
        Some(cause)
    }

    fn draw_next(&mut self, incidents: &Incidents) {
        self.drawn += 1;
        let gap = incidents.gap.draw_word(self.stream.word(self.drawn * 2));
        let never = gap >= incidents.horizon;
        self.next = if never { u32::MAX } else { self.next.wrapping_add(1).saturating_add(gap) };
    }
}
