//! What people do once an account is disconnected, compiled: it makes stretches without connection longer.

use super::counts::{CountTable, days_table};
use super::life::Life;
use super::outcome::reset;
use super::platform::RESTRICTION;
use crate::random::{Chance, Stream};
use crate::scenario::{Aftermath, Scenario};
use crate::time::{DAY, Instant};

/// What each word of a disconnection's own stream decides; from [`FIRST_ASK`] on two words for each attempt.
const STEP: u64 = 0;
const STEP_DAYS: u64 = 1;
const REPORT_DAYS: u64 = 2;
const UNKNOWN: u64 = 3;
const FIRST_ASK: u64 = 4;

/// How reconnections on a platform really happen.
#[derive(Debug, Clone)]
pub(crate) struct AftermathModel {
    declines: Chance,
    asks_again: Option<CountTable>,
    required_step: Option<(Chance, CountTable)>,
    cause_unknown: Chance,
    /// By cause of a disconnection: how late it is reported.
    report_of_cause: Vec<Option<CountTable>>,
    /// By cause of a flag.
    report_of_flag: Vec<Option<CountTable>>,
}

/// What became of the disconnections of one account beyond their plain delay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AftermathOutcome {
    /// Times that the user declined to reconnect.
    pub declined: u32,
    /// Steps that the platform required.
    pub required_steps: u32,
    /// Disconnections by cause whose cause the user was not told; empty where every cause is told.
    pub untold: Vec<u32>,
}

impl AftermathOutcome {
    pub(super) fn new(causes: usize) -> AftermathOutcome {
        AftermathOutcome { declined: 0, required_steps: 0, untold: vec![0; causes] }
    }

    pub(super) fn clear(&mut self) {
        (self.declined, self.required_steps) = (0, 0);
        reset(&mut self.untold);
    }
}

impl AftermathModel {
    /// None for a platform of which nothing of the kind is stated.
    pub(super) fn compile(scenario: &Scenario, platform: usize) -> Option<AftermathModel> {
        let stated = &scenario.platforms[platform].aftermath;
        (!stated.is_plain()).then(|| AftermathModel {
            declines: Chance::new(stated.declines),
            asks_again: stated.asks_again.map(days_table),
            required_step: stated
                .required_step
                .map(|step| (Chance::new(step.probability), days_table(step.days))),
            cause_unknown: Chance::new(stated.cause_unknown),
            report_of_cause: scenario.causes().iter().map(|cause| reported_late(stated, cause)).collect(),
            report_of_flag: reports_of_flags(scenario, platform),
        })
    }

    /// How much later the outage ends because somebody has to report first.
    fn report_delay(reports: &[Option<CountTable>], cause: u16, stream: Stream) -> Instant {
        let days = reports[usize::from(cause)].as_ref().map(|days| days.draw_word(stream.word(REPORT_DAYS)));
        Instant::from(days.unwrap_or(0)) * DAY
    }

    /// When the user connects the account again that could be connected `from` on, and the number of times that they
    /// declined by `end`.
    fn accepted(&self, from: Instant, end: Instant, stream: Stream) -> (Instant, u32) {
        let (mut at, mut declined) = (from, 0);
        while at < end && self.declines.hits(stream.word(FIRST_ASK + 2 * u64::from(declined))) {
            let Some(days) = &self.asks_again else { return (Instant::MAX, declined + 1) };
            let word = stream.word(FIRST_ASK + 2 * u64::from(declined) + 1);
            at += Instant::from(days.draw_word(word).max(1)) * DAY;
            declined += 1;
        }
        (at, declined)
    }
}

fn reported_late(stated: &Aftermath, name: &str) -> Option<CountTable> {
    let late = stated.reported_late.iter().find(|late| late.name == name)?;
    Some(days_table(late.days))
}

/// The platform's traits among all causes of a flag.
fn reports_of_flags(scenario: &Scenario, platform: usize) -> Vec<Option<CountTable>> {
    let traits = |index: usize| scenario.platforms[index].traits.len();
    let rules = scenario.rules().count() + scenario.day_rules().count();
    let before = rules + (0..platform).map(traits).sum::<usize>();
    let mut reports = vec![None; scenario.flag_causes().len()];
    let platform = &scenario.platforms[platform];
    for (report, hazard) in reports[before..].iter_mut().zip(&platform.traits) {
        *report = reported_late(&platform.aftermath, &hazard.name);
    }
    reports
}

impl Life<'_> {
    /// How long nobody reports what a flag was for; the restriction lasts that much longer.
    pub(super) fn report_delay_of_flag(&self, cause: u16) -> Instant {
        let Some(aftermath) = &self.platform.aftermath else { return 0 };
        AftermathModel::report_delay(&aftermath.report_of_flag, cause, self.disconnection_stream())
    }

    /// When an account that is disconnected now and could plainly be connected again at `until` really is.
    pub(super) fn really_until(&mut self, cause: u16, until: Instant) -> Instant {
        match &self.platform.aftermath {
            Some(aftermath) => self.follow_up(aftermath, cause, until),
            None => until,
        }
    }

    #[cold]
    fn follow_up(&mut self, aftermath: &AftermathModel, cause: u16, until: Instant) -> Instant {
        let stream = self.disconnection_stream();
        if aftermath.cause_unknown.hits(stream.word(UNKNOWN)) {
            self.out.aftermath.untold[usize::from(cause)] += 1;
        }
        if until == Instant::MAX {
            return until;
        }
        let mut until = until;
        if cause == RESTRICTION {
            if let Some((required, days)) = &aftermath.required_step
                && required.hits(stream.word(STEP))
            {
                self.out.aftermath.required_steps += 1;
                until += Instant::from(days.draw_word(stream.word(STEP_DAYS))) * DAY;
            }
        } else {
            until += AftermathModel::report_delay(&aftermath.report_of_cause, cause, stream);
        }
        let (until, declined) = aftermath.accepted(until, self.model.end(), stream);
        self.out.aftermath.declined += declined;
        until
    }

    /// The stream of the disconnection that happens now.
    fn disconnection_stream(&self) -> Stream {
        self.connection.aftermath.branch(self.out.aways.len() as u64)
    }
}
