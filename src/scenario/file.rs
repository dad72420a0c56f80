//! Scenario files as they are written: the activity side. What the platform does is in `platform_file`.
//!
//! Almost everything is optional here, so that one mistake does not hide the next; `resolve` judges what is missing.
//! Doc comments become the descriptions that editors show.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::activity_file::{BackgroundFile, DemandLogFile, SelfExcitingFile, SessionsFile};
use super::beyond_file::{CreditFile, RatioFile, ResponseFile, StockFile, SurgeFile};
use super::located::{At, FileDate};
use super::page_file::PageFile;
use super::plan_file::EventFile;
use super::platform_file::{
    BasisFile, ConsequenceFile, IncidentFile, LadderFile, PlatformFile, ReconnectFile, RuleFile, TokenFile,
    TraitFile,
};

/// A pacewise scenario: a team's demand for actions, its pacing, and what the platform does about it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "pacewise scenario")]
pub(crate) struct ScenarioFile {
    /// Short name for tables and folders: lower-case letters, digits, `_` and `-`. Default: the name of the file.
    pub(crate) name: Option<At<String>>,
    /// What the scenario shows, in a sentence or two.
    pub(crate) description: Option<String>,
    /// The date of the first day, such as 2026-01-05.
    #[schemars(required)]
    pub(crate) start: Option<At<FileDate>>,
    /// The number of days to simulate.
    #[schemars(required, range(min = 1, max = 36525))]
    pub(crate) horizon_days: Option<At<u32>>,
    /// The built-in platform profile to start from, such as "linkedin". Default: none; every rule stands in the file.
    pub(crate) platform: Option<At<String>>,
    /// The variant of the profile. Default: the profile's own default.
    pub(crate) variant: Option<At<String>>,
    /// How finely time is followed. Default: "auto".
    pub(crate) resolution: Option<At<ResolutionFile>>,
    /// The number of replicates to simulate when the command does not say.
    #[schemars(range(min = 1, max = 1_000_000_000_000_u64))]
    pub(crate) replicates: Option<u64>,
    /// The random seed to use when the command does not say.
    pub(crate) seed: Option<u64>,
    /// Names of further actions, besides the standard ones.
    #[serde(default)]
    pub(crate) actions: Vec<At<String>>,
    /// When people work.
    pub(crate) calendar: Option<CalendarFile>,
    /// What every group wants to do, by action.
    #[serde(default)]
    pub(crate) demand: BTreeMap<At<String>, At<DemandFile>>,
    /// A recorded log of what every group wants to do, in the place of laws for its actions.
    pub(crate) demand_log: Option<At<DemandLogFile>>,
    /// What happens on every account besides and nobody intends, by action.
    #[serde(default)]
    pub(crate) background: BTreeMap<At<String>, At<BackgroundFile>>,
    /// What the team allows itself, by action.
    #[serde(default)]
    pub(crate) pacing: BTreeMap<At<String>, At<PacingFile>>,
    /// Stretches of days in which the demand of every group differs.
    #[serde(default)]
    pub(crate) phase: Vec<At<PhaseFile>>,
    /// The accounts, by group. Default: one group "account" of one account.
    #[serde(default)]
    pub(crate) group: Vec<At<GroupFile>>,
    /// The platform's volume rules: new ones, or changes to those of the profile with the same name.
    #[serde(default)]
    pub(crate) rule: Vec<At<RuleFile>>,
    /// What the first, second, … flag leads to. Replaces the profile's ladder as a whole.
    pub(crate) ladder: Option<At<LadderFile>>,
    /// How long a connection lives. What is not stated stays as in the profile.
    pub(crate) token: Option<At<TokenFile>>,
    /// What disconnects without a flag: new ones, or changes to those of the profile with the same cause.
    #[serde(default)]
    pub(crate) incident: Vec<At<IncidentFile>>,
    /// How long it takes to be connected again. What is not stated stays as in the profile.
    pub(crate) reconnect: Option<At<ReconnectFile>>,
    /// What traits lead to: new ones, or changes to those of the profile with the same name.
    #[serde(default, rename = "trait")]
    pub(crate) trait_: Vec<At<TraitFile>>,
    /// How people answer to actions, such as invitations.
    #[serde(default)]
    pub(crate) response: Vec<At<ResponseFile>>,
    /// Limits on what is pending, accepted or reported.
    #[serde(default)]
    pub(crate) stock: Vec<At<StockFile>>,
    /// Bounds on the share of what is accepted or reported.
    #[serde(default)]
    pub(crate) ratio: Vec<At<RatioFile>>,
    /// Bounds on sudden rises against the account's own volume before.
    #[serde(default)]
    pub(crate) surge: Vec<At<SurgeFile>>,
    /// Credits that an action costs.
    #[serde(default)]
    pub(crate) credit: Vec<At<CreditFile>>,
    /// Traits of the accounts of every group, by name.
    #[serde(default)]
    pub(crate) traits: BTreeMap<At<String>, At<TraitUseFile>>,
    /// What joins accounts in the platform's eyes, such as a network.
    #[serde(default)]
    pub(crate) link: Vec<At<LinkFile>>,
    /// What is planned to disconnect accounts, on dates.
    #[serde(default)]
    pub(crate) event: Vec<At<EventFile>>,
    /// Pages and ad accounts, which hang on accounts.
    #[serde(default)]
    pub(crate) page: Vec<At<PageFile>>,
    /// Further platforms, by the name under which groups refer to them.
    #[serde(default)]
    pub(crate) platforms: BTreeMap<At<String>, At<PlatformFile>>,
}

/// How finely time is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ResolutionFile {
    /// By the day when every rule, cap and profile is daily, by the event otherwise.
    Auto,
    /// Only the counts of each day.
    Day,
    /// Every action has a time.
    Event,
}

/// When people work.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CalendarFile {
    /// The days on which people work. Default: Monday to Friday.
    pub(crate) workdays: Option<At<Vec<At<WeekdayFile>>>>,
    /// Working hours, such as "09:00-18:00" (the default).
    pub(crate) hours: Option<At<String>>,
    /// The time zone of the scenario's clock, such as "Europe/Berlin", which says when the calendars of other zones change.
    pub(crate) zone: Option<At<String>>,
    /// Days on which nobody works.
    #[serde(default)]
    pub(crate) holidays: Vec<At<FileDate>>,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
#[allow(missing_docs)]
pub(crate) enum WeekdayFile {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

/// What a group wants to do with one action: one law of the daily count, and how it varies.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DemandFile {
    /// Poisson: the days differ as much as independent people make them differ.
    pub(crate) poisson: Option<PoissonFile>,
    /// Negative binomial: the days differ more than Poisson; variance = mean + mean²/size.
    pub(crate) negative_binomial: Option<NegativeBinomialFile>,
    /// A fixed amount a day, with normal variation.
    pub(crate) quota: Option<QuotaFile>,
    /// Actions come in sessions.
    pub(crate) sessions: Option<At<SessionsFile>>,
    /// Each action makes further ones more likely for a while.
    pub(crate) self_exciting: Option<SelfExcitingFile>,
    /// Factor of each weekday. Default: 1 on workdays, 0 on other days.
    pub(crate) weekdays: Option<WeekdayFactors>,
    /// Factor of each month. Default: 1.
    pub(crate) months: Option<MonthFactors>,
    /// Intensity over the day. Default: constant over the working hours. Needs event resolution.
    pub(crate) hours: Option<At<Vec<At<HoursFile>>>>,
}

/// Poisson counts.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PoissonFile {
    /// Mean count of a full day.
    #[schemars(required, range(min = 0.0, max = 1_000_000.0))]
    pub(crate) mean: Option<f64>,
}

/// Negative binomial counts.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NegativeBinomialFile {
    /// Mean count of a full day.
    #[schemars(required, range(min = 0.0, max = 1_000_000.0))]
    pub(crate) mean: Option<f64>,
    /// The smaller, the more the days differ.
    #[schemars(required, range(min = 0.001, max = 1_000_000.0))]
    pub(crate) size: Option<f64>,
}

/// A fixed amount a day.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuotaFile {
    /// Amount of a full day.
    #[schemars(required, range(min = 0.0, max = 1_000_000.0))]
    pub(crate) per_day: Option<f64>,
    /// Standard deviation as a share of the amount. Default: 0.
    #[schemars(range(min = 0.0, max = 10.0))]
    pub(crate) variation: Option<f64>,
}

macro_rules! factors {
    ($(#[$docs:meta])* $name:ident: $($field:ident),*) => {
        $(#[$docs])*
        #[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $name {
            $(#[schemars(range(min = 0.0, max = 1000.0))]
            pub(crate) $field: Option<f64>),*
        }

        impl $name {
            /// In calendar order.
            pub(crate) fn list(&self) -> impl Iterator<Item = Option<f64>> {
                [$(self.$field),*].into_iter()
            }
        }
    };
}

factors!(
    /// Factors of the weekdays; those not named keep their default.
    WeekdayFactors: mon, tue, wed, thu, fri, sat, sun
);
factors!(
    /// Factors of the months; those not named are 1.
    MonthFactors: jan, feb, mar, apr, may, jun, jul, aug, sep, oct, nov, dec
);

/// A stretch of the day of constant intensity.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HoursFile {
    /// Start, such as "09:00".
    #[schemars(required)]
    pub(crate) from: Option<At<String>>,
    /// End, such as "12:00"; "24:00" is the end of the day.
    #[schemars(required)]
    pub(crate) to: Option<At<String>>,
    /// Actions per hour, relative to the other stretches. Default: 1.
    #[schemars(range(max = 1_000_000.0), extend("exclusiveMinimum" = 0))]
    pub(crate) weight: Option<f64>,
}

/// What the team allows itself for one action.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PacingFile {
    /// Largest number in a clock hour. Needs event resolution.
    pub(crate) per_hour: Option<At<u32>>,
    /// Largest number in a civil day.
    pub(crate) per_day: Option<At<u32>>,
    /// Largest number in a week.
    pub(crate) per_week: Option<At<u32>>,
    /// Which week: from Monday ("calendar", the default), or the last 7 days ("sliding").
    pub(crate) week: Option<At<WeekFile>>,
    /// Daily caps by the age of the account.
    pub(crate) ramp_up: Option<At<Vec<At<RampStepFile>>>>,
    /// What happens to demand above the caps: it is lost ("drop", the default), or waits ("defer").
    pub(crate) overflow: Option<OverflowFile>,
    /// Spread the day's actions evenly over the working hours. Needs event resolution. Default: false.
    pub(crate) spread: Option<At<bool>>,
}

/// Which week a cap counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WeekFile {
    /// The week from Monday.
    Calendar,
    /// The last 7 x 24 hours; at day resolution today and the six days before.
    Sliding,
}

/// What happens to demand above the caps, or while the account is disconnected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OverflowFile {
    /// It is lost.
    Drop,
    /// It waits, first in, first out.
    Defer,
}

/// A step of a ramp-up.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RampStepFile {
    /// The age of the account, in days, from which the step holds. The first step starts at 0.
    #[schemars(required, range(max = 1_000_000))]
    pub(crate) from_age_days: Option<At<u32>>,
    /// Largest number in a civil day.
    #[schemars(required)]
    pub(crate) per_day: Option<At<u32>>,
}

/// A stretch of days in which demand is multiplied.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PhaseFile {
    /// Name for the report.
    #[schemars(required)]
    pub(crate) name: Option<At<String>>,
    /// The first day, as a date. Give this or `from_day`.
    pub(crate) from: Option<At<FileDate>>,
    /// The first day, counted from day 0. Give this or `from`.
    pub(crate) from_day: Option<At<u32>>,
    /// The number of days.
    #[schemars(required, range(min = 1, max = 36525))]
    pub(crate) days: Option<At<u32>>,
    /// Factor on the first day. Default: 1.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub(crate) factor: Option<f64>,
    /// Factor on the last day; the days between follow a straight line. Default: the same as `factor`.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub(crate) factor_at_end: Option<f64>,
    /// The actions that it concerns. Default: all.
    #[serde(default)]
    pub(crate) actions: Vec<At<String>>,
}

/// A trait that accounts have.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TraitUseFile {
    /// The number of people who share the account, where that matters. Default: 2.
    #[schemars(range(min = 1, max = 10_000))]
    pub(crate) people: Option<At<u32>>,
    /// `false` takes a trait of all groups from this one. Default: true.
    pub(crate) enabled: Option<bool>,
    /// Whether the platform acts on it for certain, at the end of every connected day. Default: false.
    pub(crate) certain: Option<bool>,
}

/// Accounts that look alike to the platform: each sees a hazard for every other one that is restricted.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkFile {
    /// Unique name.
    #[schemars(required)]
    pub(crate) name: Option<At<String>>,
    /// The groups whose accounts are all linked to one another. Default: all.
    #[serde(default)]
    pub(crate) groups: Vec<At<String>>,
    /// Probability per connected day, for each other account that was restricted at its start.
    #[schemars(required, range(min = 0.0, max = 1.0))]
    pub(crate) per_day: Option<At<f64>>,
    /// What a success leads to. Default: "flag".
    pub(crate) consequence: Option<At<ConsequenceFile>>,
    /// Where the number comes from.
    pub(crate) basis: Option<BasisFile>,
}

/// Accounts that behave alike.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupFile {
    /// Unique name.
    #[schemars(required)]
    pub(crate) name: Option<At<String>>,
    /// The number of accounts. Default: 1.
    #[schemars(range(min = 1, max = 20_000))]
    pub(crate) count: Option<At<u32>>,
    /// The platform that they are on: one of `platforms`, or a built-in profile. Default: the scenario's own platform.
    pub(crate) platform: Option<At<String>>,
    /// Age of the accounts on day 0, in days; read by ramp-ups. Default: 0.
    #[schemars(range(max = 1_000_000))]
    pub(crate) account_age_days: Option<At<u32>>,
    /// The number of people to whom the accounts belong: with fewer people than accounts the last ones are duplicates.
    /// Default: as many as accounts.
    #[schemars(range(min = 1, max = 20_000))]
    pub(crate) people: Option<At<u32>>,
    /// The group to whose people these accounts belong, on the same platform: of the accounts of both, as many as are more than
    /// the people are duplicates, its own last. Default: none; they belong to other people.
    pub(crate) people_of: Option<At<String>>,
    /// The group whose accounts these replace: each is opened once the one at its place there was restricted. Default: none;
    /// the accounts exist from the start.
    pub(crate) replaces: Option<At<ReplacesFile>>,
    /// Whether its people keep to the platform's terms: it has no trait that breaks them. Default: false.
    pub(crate) compliant: Option<bool>,
    /// Traits of its accounts, besides those of all groups.
    #[serde(default)]
    pub(crate) traits: BTreeMap<At<String>, At<TraitUseFile>>,
    /// Demand of this group, by action, in place of the demand of all groups.
    #[serde(default)]
    pub(crate) demand: BTreeMap<At<String>, At<DemandFile>>,
    /// The log of this group, in place of that of all groups.
    pub(crate) demand_log: Option<At<DemandLogFile>>,
    /// Background of this group, by action, in place of the background of all groups.
    #[serde(default)]
    pub(crate) background: BTreeMap<At<String>, At<BackgroundFile>>,
    /// Pacing of this group, by action, in place of the pacing of all groups.
    #[serde(default)]
    pub(crate) pacing: BTreeMap<At<String>, At<PacingFile>>,
    /// Phases of this group, besides those of all groups.
    #[serde(default)]
    pub(crate) phase: Vec<At<PhaseFile>>,
    /// Days off besides the holidays.
    #[serde(default)]
    pub(crate) time_off: Vec<At<TimeOffFile>>,
}

/// Accounts that are opened because others were restricted, which no platform allows.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReplacesFile {
    /// The group whose accounts they replace.
    #[schemars(required)]
    pub(crate) group: Option<At<String>>,
    /// Days from the day of the first restriction to the one at whose start the account is opened. Default: 1.
    #[schemars(range(min = 1, max = 36525))]
    pub(crate) after_days: Option<u32>,
}

/// Days off, both ends included.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_field_names)]
pub(crate) struct TimeOffFile {
    /// The first day off.
    #[schemars(required)]
    pub(crate) from: Option<FileDate>,
    /// The last day off.
    #[schemars(required)]
    pub(crate) to: Option<FileDate>,
}
