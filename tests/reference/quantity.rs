//! The numbers in which simulators are compared: each can be read from a life of the reference and from results.

use pacewise::results::AccountResults;
use pacewise::rules::ActionId;
use pacewise::scenario::Scenario;
use pacewise::stats::Estimate;

use super::life::{AccountLife, ActionLife};

/// A number whose mean over accounts both simulators know.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Quantity {
    Flagged,
    Restricted,
    Permanent,
    Disconnected,
    Flags,
    DaysConnected,
    DaysDisconnected,
    DaysRestricted,
    /// Flagged by day t.
    FlaggedBy(u32),
    /// Restricted for ever by day t.
    PermanentBy(u32),
    /// Disconnected by day t.
    DisconnectedBy(u32),
    /// The first disconnection had this cause and came by day t.
    FirstDisconnection(String, u32),
    /// Number of disconnections with this cause.
    Disconnections(String),
    Demanded(ActionId),
    Delivered(ActionId),
    Waiting(ActionId),
    Lost(ActionId),
    Deferred(ActionId),
    Background(ActionId),
    /// Number of detection trials of a rule.
    Breaches(usize),
    /// Number of flags caused by a rule.
    FlagsOf(usize),
    /// Whether a rule caused the first flag.
    FirstFlagOf(usize),
    /// Whether a window of a rule went over its limit.
    Over(usize, usize),
}

use Quantity as Q;

impl Quantity {
    /// Whether it is 0 or 1 for one account.
    pub(crate) fn is_probability(&self) -> bool {
        matches!(
            self,
            Q::Flagged
                | Q::Restricted
                | Q::Permanent
                | Q::Disconnected
                | Q::FlaggedBy(_)
                | Q::PermanentBy(_)
                | Q::DisconnectedBy(_)
                | Q::FirstDisconnection(..)
                | Q::FirstFlagOf(_)
                | Q::Over(..)
        )
    }

    /// Its value in one life.
    pub(crate) fn of(&self, scenario: &Scenario, life: &AccountLife) -> f64 {
        let first_down = life.disconnections.first();
        let action = |action: ActionId, read: fn(&ActionLife) -> u64| read(&life.actions[action]) as f64;
        match self {
            Q::Flagged => indicator(!life.flags.is_empty()),
            Q::Restricted => indicator(!life.restrictions.is_empty()),
            Q::Permanent => indicator(life.permanent.is_some()),
            Q::Disconnected => indicator(first_down.is_some()),
            Q::Flags => life.flags.len() as f64,
            Q::DaysConnected => f64::from(life.horizon_days) - life.days_disconnected(),
            Q::DaysDisconnected => life.days_disconnected(),
            Q::DaysRestricted => life.days_restricted(),
            Q::FlaggedBy(t) => indicator(life.flags.first().is_some_and(|flag| flag.day < *t)),
            Q::PermanentBy(t) => indicator(life.permanent.is_some_and(|day| day < *t)),
            Q::DisconnectedBy(t) => indicator(first_down.is_some_and(|down| down.day < *t)),
            Q::FirstDisconnection(cause, t) => {
                indicator(first_down.is_some_and(|down| down.cause == *cause && down.day < *t))
            }
            Q::Disconnections(cause) => {
                life.disconnections.iter().filter(|down| down.cause == *cause).count() as f64
            }
            Q::Demanded(a) => action(*a, |life| life.demanded),
            Q::Delivered(a) => action(*a, |life| life.delivered),
            Q::Waiting(a) => action(*a, |life| life.waiting),
            Q::Lost(a) => action(*a, |life| life.lost),
            Q::Deferred(a) => action(*a, |life| life.deferred),
            Q::Background(a) => action(*a, |life| life.background),
            Q::Breaches(rule) => life.trials[*rule].len() as f64,
            Q::FlagsOf(rule) => life.flags.iter().filter(|flag| flag.rule == *rule).count() as f64,
            Q::FirstFlagOf(rule) => indicator(life.flags.first().is_some_and(|flag| flag.rule == *rule)),
            Q::Over(rule, window) => {
                let limit = scenario.platforms[0].rules[*rule].rule.limits[*window].max;
                indicator(life.max_counts[*rule][*window] > limit)
            }
        }
    }

    /// Its estimate in results; 0 where results hold no row because there was no demand.
    pub(crate) fn read(&self, scenario: &Scenario, results: &AccountResults) -> Estimate {
        let by = |days: &[Estimate], t: u32| days[t as usize - 1];
        let action = |id: ActionId, read: fn(&pacewise::results::ActionResults) -> Estimate| {
            let row = results.actions.iter().find(|row| row.action == scenario.actions[id]);
            row.map_or(NOTHING, read)
        };
        match self {
            Q::Flagged => results.flagged,
            Q::Restricted => results.restricted,
            Q::Permanent => results.restricted_permanently,
            Q::Disconnected => results.disconnected,
            Q::Flags => results.flags,
            Q::DaysConnected => results.days_connected,
            Q::DaysDisconnected => results.days_disconnected,
            Q::DaysRestricted => results.days_restricted,
            Q::FlaggedBy(t) => by(&results.flagged_by_day, *t),
            Q::PermanentBy(t) => by(&results.restricted_permanently_by_day, *t),
            Q::DisconnectedBy(t) => by(&results.disconnected_by_day, *t),
            Q::FirstDisconnection(cause, t) => {
                let row = results.first_disconnection.iter().find(|row| row.cause == *cause);
                row.map_or(NOTHING, |row| by(&row.by_day, *t))
            }
            Q::Disconnections(cause) => {
                results.disconnections.iter().find(|row| row.cause == *cause).map_or(NOTHING, |row| row.mean)
            }
            Q::Demanded(a) => action(*a, |row| row.demanded),
            Q::Delivered(a) => action(*a, |row| row.delivered),
            Q::Waiting(a) => action(*a, |row| row.waiting),
            Q::Lost(a) => action(*a, |row| row.lost),
            Q::Deferred(a) => action(*a, |row| row.deferred),
            Q::Background(a) => {
                let row = results.background.iter().find(|row| row.action == scenario.actions[*a]);
                row.map_or(NOTHING, |row| row.mean)
            }
            Q::Breaches(rule) => results.rules[*rule].breaches,
            Q::FlagsOf(rule) => results.rules[*rule].flags,
            Q::FirstFlagOf(rule) => results.rules[*rule].first_flag,
            Q::Over(rule, window) => {
                let before = scenario.platforms[0].rules[..*rule].iter().map(|rule| rule.rule.limits.len());
                results.utilisation[before.sum::<usize>() + window].over
            }
        }
    }

    /// Everything that the two simulators can be compared in for a scenario.
    pub(crate) fn all(scenario: &Scenario) -> Vec<Quantity> {
        let mut all = vec![Q::Flagged, Q::Restricted, Q::Permanent, Q::Disconnected, Q::Flags];
        all.extend([Q::DaysConnected, Q::DaysDisconnected, Q::DaysRestricted]);
        let half = scenario.horizon_days.div_ceil(2);
        all.extend([Q::FlaggedBy(half), Q::PermanentBy(half), Q::DisconnectedBy(half)]);
        for cause in causes(scenario) {
            all.push(Q::FirstDisconnection(cause.clone(), half));
            all.push(Q::FirstDisconnection(cause.clone(), scenario.horizon_days));
            all.push(Q::Disconnections(cause));
        }
        for a in 0..scenario.actions.len() {
            all.extend([Q::Demanded(a), Q::Delivered(a), Q::Waiting(a), Q::Lost(a), Q::Deferred(a)]);
        }
        let background = scenario.groups.iter().flat_map(|group| &group.background);
        all.extend(background.map(|demand| Q::Background(demand.action)));
        for (rule, stated) in scenario.platforms[0].rules.iter().enumerate() {
            all.extend([Q::Breaches(rule), Q::FlagsOf(rule), Q::FirstFlagOf(rule)]);
            all.extend((0..stated.rule.limits.len()).map(|window| Q::Over(rule, window)));
        }
        all
    }
}

const NOTHING: Estimate = Estimate { value: 0.0, low: 0.0, high: 0.0, standard_error: 0.0 };

fn indicator(happened: bool) -> f64 {
    f64::from(u8::from(happened))
}

/// The causes of disconnections, as the results name and order them.
pub(crate) fn causes(scenario: &Scenario) -> Vec<String> {
    let incidents = scenario.platforms[0].incidents.iter().map(|incident| incident.cause.clone());
    let mut causes = vec!["restriction".to_owned()];
    causes.extend(incidents);
    causes.extend(["token_expired".to_owned(), "token_idle".to_owned()]);
    causes
}
