//! The numbers in which simulators are compared: each can be read from a life of the reference and from results.

use pacewise::results::{AccountResults, RuleResults};
use pacewise::rules::ActionId;
use pacewise::scenario::Scenario;
use pacewise::stats::Estimate;
use pacewise::time::DAY;

use super::life::{AccountLife, ActionLife, Disconnection};

/// A number whose mean over accounts both simulators know.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Quantity {
    Flagged,
    Restricted,
    Permanent,
    Disconnected,
    Opened,
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
    /// Number of flags of a cause.
    FlagsOf(usize),
    /// Whether a cause caused the first flag.
    FirstFlagOf(usize),
    /// Whether a window of a rule went over its limit.
    Over(usize, usize),
    /// Number of actions that a cause, or behind them a credit, refused.
    Refused(usize),
    /// Of a response: accepted, declined, reported, withdrawn or pending.
    Answered(usize, usize),
    /// Number of times that the user declined.
    Declined,
    /// Number of required steps.
    Steps,
    DaysUnpermitted,
    /// Number of disconnections with a cause that the user was told; none: told nothing.
    Told(Option<String>),
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
                | Q::Opened
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
            Q::Opened => indicator(life.opened.is_some()),
            Q::Flags => life.flags.len() as f64,
            Q::DaysConnected => {
                f64::from(life.horizon_days - life.opened.unwrap_or(life.horizon_days))
                    - life.days_disconnected()
            }
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
            Q::FlagsOf(cause) => life.flags.iter().filter(|flag| flag.cause == *cause).count() as f64,
            Q::FirstFlagOf(cause) => indicator(life.flags.first().is_some_and(|flag| flag.cause == *cause)),
            Q::Over(rule, window) => {
                let (_, stated) = scenario.rules().nth(*rule).expect("the rule exists");
                indicator(life.max_counts[*rule][*window] > stated.rule.limits[*window].max)
            }
            Q::Refused(cause) => life.refused[*cause] as f64,
            Q::Answered(response, which) => {
                let life = life.answers[*response];
                let all = [life.accepted, life.declined, life.reported, life.withdrawn, life.pending];
                f64::from(all[*which])
            }
            Q::Declined => f64::from(life.declined),
            Q::Steps => f64::from(life.steps),
            Q::DaysUnpermitted => life.time_unpermitted as f64 / DAY as f64,
            Q::Told(cause) => {
                let told = |down: &&Disconnection| match cause {
                    Some(cause) => down.told && down.cause == *cause,
                    None => !down.told,
                };
                life.disconnections.iter().filter(told).count() as f64
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
            Q::Opened => results.opened.unwrap_or(ALL),
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
            Q::Breaches(rule) => rule_row(scenario, results, *rule).map_or(NOTHING, |row| row.breaches),
            Q::FlagsOf(cause) => flags_row(scenario, results, *cause)[0],
            Q::FirstFlagOf(cause) => flags_row(scenario, results, *cause)[1],
            Q::Over(rule, window) => {
                let name = &cause_names(scenario)[*rule];
                let mut rows = results.utilisation.iter().filter(|row| row.rule == *name);
                rows.nth(*window).map_or(NOTHING, |row| row.over)
            }
            Q::Refused(cause) => {
                let name = &cause_names(scenario)[*cause];
                let row = results.refusals.iter().find(|row| row.cause == *name);
                row.map_or(NOTHING, |row| row.refused)
            }
            Q::Answered(response, which) => {
                let name = scenario.responses().nth(*response).expect("the response exists").1;
                let row = results.answers.iter().find(|row| row.action == name);
                row.map_or(NOTHING, |row| *row.quantities()[*which].1)
            }
            Q::Declined => results.aftermath.as_ref().map_or(NOTHING, |row| row.declined),
            Q::Steps => results.aftermath.as_ref().map_or(NOTHING, |row| row.required_steps),
            Q::DaysUnpermitted => results.aftermath.as_ref().map_or(NOTHING, |row| row.days_unpermitted),
            Q::Told(cause) => {
                let told = cause.as_deref().unwrap_or("unknown");
                let rows = results.aftermath.iter().flat_map(|row| &row.told);
                rows.into_iter().find(|row| row.told == told).map_or(NOTHING, |row| row.disconnections)
            }
        }
    }

    /// Everything that the two simulators can be compared in for a scenario.
    pub(crate) fn all(scenario: &Scenario) -> Vec<Quantity> {
        let mut all = vec![Q::Flagged, Q::Restricted, Q::Permanent, Q::Disconnected, Q::Flags];
        if scenario.groups.iter().any(|group| group.replaces.is_some()) {
            all.push(Q::Opened);
        }
        all.extend([Q::DaysConnected, Q::DaysDisconnected, Q::DaysRestricted]);
        let half = scenario.horizon_days.div_ceil(2);
        all.extend([Q::FlaggedBy(half), Q::PermanentBy(half), Q::DisconnectedBy(half)]);
        for cause in scenario.causes() {
            all.push(Q::FirstDisconnection(cause.clone(), half));
            all.push(Q::FirstDisconnection(cause.clone(), scenario.horizon_days));
            all.push(Q::Disconnections(cause));
        }
        for a in 0..scenario.actions.len() {
            all.extend([Q::Demanded(a), Q::Delivered(a), Q::Waiting(a), Q::Lost(a), Q::Deferred(a)]);
        }
        let background = scenario.groups.iter().flat_map(|group| &group.background);
        all.extend(background.map(|demand| Q::Background(demand.action)));
        for (rule, (_, stated)) in scenario.rules().enumerate() {
            all.extend((0..stated.rule.limits.len()).map(|window| Q::Over(rule, window)));
        }
        let tried = scenario.rules().count() + scenario.day_rules().count();
        all.extend((0..tried).map(Q::Breaches));
        let causes = scenario.flag_causes().len();
        all.extend((0..causes).flat_map(|cause| [Q::FlagsOf(cause), Q::FirstFlagOf(cause)]));
        all.extend((0..causes + scenario.credits().count()).map(Q::Refused));
        let answers = 0..scenario.responses().count();
        all.extend(answers.flat_map(|response| (0..5).map(move |which| Q::Answered(response, which))));
        if scenario.has_aftermath() {
            all.extend([Q::Declined, Q::Steps, Q::DaysUnpermitted]);
            if scenario.platforms.iter().any(|platform| platform.aftermath.cause_unknown > 0.0) {
                all.extend(scenario.causes().into_iter().map(Some).chain([None]).map(Q::Told));
            }
        }
        all
    }
}

/// The causes of a flag by name, then credits.
fn cause_names(scenario: &Scenario) -> Vec<String> {
    let mut names = scenario.flag_causes();
    names.extend(scenario.credits().map(|(_, name, _)| name));
    names
}

fn rule_row<'r>(scenario: &Scenario, results: &'r AccountResults, cause: usize) -> Option<&'r RuleResults> {
    let name = &cause_names(scenario)[cause];
    results.rules.iter().find(|row| row.rule == *name)
}

/// Number of flags of a cause, and whether the first was one of them.
fn flags_row(scenario: &Scenario, results: &AccountResults, cause: usize) -> [Estimate; 2] {
    let name = &cause_names(scenario)[cause];
    let hazard = results.hazards.iter().find(|row| row.name == *name);
    let rule = rule_row(scenario, results, cause).map(|row| [row.flags, row.first_flag]);
    rule.or_else(|| hazard.map(|row| [row.flags, row.first_flag])).unwrap_or([NOTHING; 2])
}

const ALL: Estimate = Estimate { value: 1.0, low: 1.0, high: 1.0, standard_error: 0.0 };
const NOTHING: Estimate = Estimate { value: 0.0, low: 0.0, high: 0.0, standard_error: 0.0 };

fn indicator(happened: bool) -> f64 {
    f64::from(u8::from(happened))
}
