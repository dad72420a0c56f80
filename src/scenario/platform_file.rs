//! Scenario files and profiles as they are written: what the platform does, and where its numbers come from.

use schemars::JsonSchema;
use serde::Deserialize;

use super::beyond_file::{CreditFile, RatioFile, ResponseFile, StockFile, SurgeFile};
use super::located::{At, FileDate};

/// A platform that some groups are on, besides the scenario's own.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlatformFile {
    /// The built-in profile to start from. Default: the one of the same name, if there is one.
    pub(crate) profile: Option<At<String>>,
    /// The variant of the profile. Default: the profile's own default.
    pub(crate) variant: Option<At<String>>,
    /// Volume rules: new ones, or changes to those of the profile with the same name.
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
    pub(crate) traits: Vec<At<TraitFile>>,
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
}

/// Limits on the volume of some actions, and how breaches are noticed.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleFile {
    /// Unique name; that of a profile's rule changes it.
    #[schemars(required)]
    pub(crate) name: Option<At<String>>,
    /// `false` removes a rule of the profile. Default: true.
    pub(crate) enabled: Option<bool>,
    /// The actions that are counted together.
    #[serde(default)]
    pub(crate) actions: Vec<At<String>>,
    /// The windows and their limits.
    #[serde(default)]
    pub(crate) windows: Vec<At<WindowFile>>,
    /// How a breach becomes a flag.
    pub(crate) detection: Option<At<DetectionFile>>,
    /// What a noticed breach leads to. Default: "flag". "refuse" needs no detection.
    pub(crate) consequence: Option<At<ConsequenceFile>>,
    /// With the consequence "refuse": for how long after a refusal every action of the rule is refused, such as "7d".
    pub(crate) refuse_for: Option<At<String>>,
    /// Where the numbers come from.
    pub(crate) basis: Option<BasisFile>,
}

/// What a success leads to: "flag", "disconnect", "refuse", or a table with a rung, a delay or a restriction of features.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ConsequenceFile {
    /// A flag, which climbs the ladder.
    Flag,
    /// The token is invalidated: the account disconnects without a flag.
    Disconnect,
    /// The same so many days later, unless the account has another token by then.
    DisconnectAfter(Box<At<DaysFile>>),
    /// An action that would exceed the limit is not let through.
    Refuse,
    /// A flag, which enters this rung of the ladder, counted from 1.
    Rung(#[schemars(range(min = 1, max = 1000))] At<u32>),
    /// Some actions are refused for some days; the account stays connected.
    RestrictFeature(Box<At<RestrictFeatureFile>>),
}

/// Which actions are refused, and for how long.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RestrictFeatureFile {
    /// The actions.
    #[serde(default)]
    pub(crate) actions: Vec<At<String>>,
    /// For how many days.
    #[schemars(required)]
    pub(crate) days: Option<At<DaysFile>>,
}

/// What a trait of an account makes it liable to.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TraitFile {
    /// Unique name; that of a profile's trait changes it.
    #[schemars(required)]
    pub(crate) name: Option<At<String>>,
    /// Probability per connected day. Default: 0.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) per_day: Option<At<f64>>,
    /// Whether the daily probability holds for each person who shares the account, besides the first. Default: false.
    pub(crate) per_person: Option<bool>,
    /// A probability per delivered action.
    pub(crate) per_action: Option<At<PerActionFile>>,
    /// Factor on the probability that a breach of a rule is noticed. Default: 1.
    #[schemars(range(min = 0.0, max = 1_000.0))]
    pub(crate) scrutiny: Option<f64>,
    /// Flags from before the first day that the ladder counts. Default: 0.
    #[schemars(range(max = 1_000))]
    pub(crate) earlier_flags: Option<u32>,
    /// What a success leads to. Default: "flag".
    pub(crate) consequence: Option<At<ConsequenceFile>>,
    /// Days until somebody reports it, by which the outage is longer. Default: none.
    pub(crate) report_delay: Option<At<DaysFile>>,
    /// Actions that an account with the trait is not permitted, although it is connected. Default: none.
    #[serde(default)]
    pub(crate) refuses: Vec<At<String>>,
    /// Whether it breaks the platform's terms: groups that are compliant do not have it. Default: false.
    pub(crate) breaks_terms: Option<bool>,
    /// Whether it strikes those who did nothing; the results tell their share. Default: false.
    pub(crate) innocent: Option<bool>,
    /// Where the numbers come from.
    pub(crate) basis: Option<BasisFile>,
}

/// A probability per delivered action.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PerActionFile {
    /// The actions, each of which is a trial.
    #[serde(default)]
    pub(crate) actions: Vec<At<String>>,
    /// Probability of each trial.
    #[schemars(required, range(min = 0.0, max = 1.0))]
    pub(crate) probability: Option<f64>,
}

/// A window of time and the largest count in it that is no breach. Give one of `sliding`, `calendar`, `trailing_days`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WindowFile {
    /// The last so many seconds, minutes, hours, days or weeks: "90s", "30m", "24h", "7d", "2w". Needs event resolution.
    pub(crate) sliding: Option<At<String>>,
    /// The civil day, the week from Monday, or the month.
    pub(crate) calendar: Option<CalendarWindowFile>,
    /// The time zone of that calendar, such as "Asia/Tokyo". Default: the scenario's own.
    pub(crate) zone: Option<At<String>>,
    /// Today and the days before it, so many in all.
    #[schemars(range(min = 1, max = 3660))]
    pub(crate) trailing_days: Option<u16>,
    /// The largest count that is no breach.
    #[schemars(required)]
    pub(crate) limit: Option<At<u32>>,
    /// Where the number comes from.
    pub(crate) basis: Option<BasisFile>,
}

/// A stretch of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CalendarWindowFile {
    /// The civil day.
    Day,
    /// The week from Monday.
    Week,
    /// The calendar month.
    Month,
}

/// How a breach becomes a flag: the probability of a trial is min(ceiling, probability + slope x (count - limit) / limit).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DetectionFile {
    /// What makes a trial: each breaching event, or each day or week with a breach. Events need event resolution.
    #[schemars(required)]
    pub(crate) per: Option<PerFile>,
    /// Probability of a flag at the limit.
    #[schemars(required, range(min = 0.0, max = 1.0))]
    pub(crate) probability: Option<At<f64>>,
    /// Growth with the relative excess. Default: 0.
    #[schemars(range(min = 0.0, max = 1_000_000.0))]
    pub(crate) slope: Option<f64>,
    /// Largest probability. Default: 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) ceiling: Option<At<f64>>,
    /// Where the numbers come from.
    pub(crate) basis: Option<BasisFile>,
}

/// What makes a detection trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PerFile {
    /// Each event that leaves a window over its limit.
    Event,
    /// Each civil day with a breach, at its end.
    Day,
    /// Each week from Monday with a breach, at its end.
    Week,
}

/// What the first, second, … flag leads to.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LadderFile {
    /// The rungs, lowest first; the last one repeats.
    #[schemars(required)]
    pub(crate) rungs: Option<Vec<At<RungFile>>>,
    /// How many days a flag counts. Default: for ever.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub(crate) memory_days: Option<u32>,
    /// Where the numbers come from.
    pub(crate) basis: Option<BasisFile>,
}

/// The consequence of a flag: "warning", "permanent", or a table { restriction = … }.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RungFile {
    /// Nothing but a step up the ladder.
    Warning,
    /// The account is restricted for ever.
    Permanent,
    /// The account is restricted for some days.
    Restriction(Box<At<DaysFile>>),
}

/// A fixed or random number of whole days. Give exactly one law.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DaysFile {
    /// Always the same number of days.
    #[schemars(range(max = 36525))]
    pub(crate) fixed: Option<At<u32>>,
    /// Geometric: each further day has the same chance to be the last.
    pub(crate) geometric: Option<At<GeometricFile>>,
    /// Every number of days from min to max alike.
    pub(crate) uniform: Option<At<UniformFile>>,
    /// Log-normal, rounded to whole days, within min and max.
    pub(crate) log_normal: Option<At<LogNormalFile>>,
    /// Where the numbers come from.
    pub(crate) basis: Option<BasisFile>,
}

/// A geometric number of days.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GeometricFile {
    /// Mean number of days.
    #[schemars(required, range(min = 0.0, max = 36525.0))]
    pub(crate) mean: Option<f64>,
    /// Smallest number of days. Default: 1.
    #[schemars(range(max = 36525))]
    pub(crate) at_least: Option<u32>,
}

/// A uniform number of days.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UniformFile {
    /// Fewest days.
    #[schemars(required, range(max = 36525))]
    pub(crate) min: Option<u32>,
    /// Most days.
    #[schemars(required, range(max = 36525))]
    pub(crate) max: Option<u32>,
}

/// A log-normal number of days.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogNormalFile {
    /// Median, in days.
    #[schemars(required, range(max = 36525.0), extend("exclusiveMinimum" = 0))]
    pub(crate) median: Option<f64>,
    /// Standard deviation of the natural logarithm.
    #[schemars(required, range(min = 0.0, max = 10.0))]
    pub(crate) sigma: Option<f64>,
    /// Fewest days. Default: 1.
    #[schemars(range(max = 36525))]
    pub(crate) min: Option<u32>,
    /// Most days. Default: 36525.
    #[schemars(range(max = 36525))]
    pub(crate) max: Option<u32>,
}

/// How long a connection lives.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenFile {
    /// Lifetime in civil days; 0: unlimited, in place of a profile's lifetime. Default: unlimited.
    #[schemars(range(max = 1_000_000))]
    pub(crate) lifetime_days: Option<u32>,
    /// Days without use after which the token dies; 0: unlimited. Default: unlimited.
    #[schemars(range(max = 1_000_000))]
    pub(crate) idle_days: Option<u32>,
    /// Whether each day of use restarts the lifetime. Default: false.
    pub(crate) refresh_on_use: Option<bool>,
    /// Whether the tool collects data of its own, so that every connected day counts as use. Default: false.
    pub(crate) collects_data: Option<bool>,
    /// Tokens of one user that may live at once: the oldest dies when there is one more; 0: unlimited. Default: unlimited.
    #[schemars(range(max = 10_000))]
    pub(crate) live_tokens: Option<u32>,
    /// Mean number of further tokens that the same user gets a day. Default: 0.
    #[schemars(range(min = 0.0, max = 1_000.0))]
    pub(crate) new_tokens_per_day: Option<At<f64>>,
    /// Whether a dead token can be renewed; else a new authorisation is needed. Default: true.
    pub(crate) renewable: Option<bool>,
    /// Where the numbers come from.
    pub(crate) basis: Option<BasisFile>,
}

/// Something that disconnects a connected account without a flag.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct IncidentFile {
    /// The cause as the results name it, such as `password_changed`.
    #[schemars(required)]
    pub(crate) cause: Option<At<String>>,
    /// Probability per connected day.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) per_day: Option<At<f64>>,
    /// Whether the old authorisation can be renewed; else a new one is needed. Default: true.
    pub(crate) renewable: Option<bool>,
    /// Whether it strikes all accounts of the platform at once: one draw a day for all of them. Default: false.
    pub(crate) shared: Option<bool>,
    /// Days until the reconnection. Default: as `[reconnect]` says for incidents.
    pub(crate) reconnect: Option<At<DaysFile>>,
    /// Days until somebody reports it, before those of the reconnection. Default: none.
    pub(crate) report_delay: Option<At<DaysFile>>,
    /// Whether it takes the tool off the account's permitted services, until the account is connected again. Default: false.
    pub(crate) takes_permission: Option<bool>,
    /// Where the number comes from.
    pub(crate) basis: Option<BasisFile>,
}

/// Days from a disconnection to the reconnection with a new token.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReconnectFile {
    /// After the end of a restriction. Default: 1 day.
    pub(crate) after_restriction: Option<At<DaysFile>>,
    /// After a token died of age. Default: geometric, mean 2 days.
    pub(crate) token_expired: Option<At<DaysFile>>,
    /// After a token died of idleness. Default: geometric, mean 2 days.
    pub(crate) token_idle: Option<At<DaysFile>>,
    /// After an incident that does not say otherwise. Default: geometric, mean 2 days.
    pub(crate) incident: Option<At<DaysFile>>,
    /// Where the old authorisation cannot be renewed. Default: geometric, mean 2 days.
    pub(crate) new_authorisation: Option<At<DaysFile>>,
    /// Probability that the user declines, each time that the account could be connected again. Default: 0.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) declines: Option<At<f64>>,
    /// Days after which a user who declined is asked again. Default: never.
    pub(crate) asks_again: Option<At<DaysFile>>,
    /// What the platform may ask before access returns after a restriction, such as an identity check.
    pub(crate) required_step: Option<At<RequiredStepFile>>,
    /// Probability that the user is not told the cause of a disconnection. Default: 0.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) cause_unknown: Option<At<f64>>,
    /// Where the numbers come from.
    pub(crate) basis: Option<BasisFile>,
}

/// A step that the platform may require before access returns.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RequiredStepFile {
    /// Probability that it is required after a restriction.
    #[schemars(required, range(min = 0.0, max = 1.0))]
    pub(crate) probability: Option<f64>,
    /// Days that it takes.
    #[schemars(required)]
    pub(crate) days: Option<At<DaysFile>>,
}

/// Where numbers come from, for the report.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BasisFile {
    /// How sure they are. Default: "assumption".
    pub(crate) class: Option<ClassFile>,
    /// Who says so.
    pub(crate) source: Option<String>,
    /// When the source was read.
    pub(crate) checked: Option<FileDate>,
    /// The range in which sources disagree.
    pub(crate) range: Option<String>,
    /// What to bear in mind.
    pub(crate) note: Option<String>,
}

/// How sure a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClassFile {
    /// The platform's own documentation or reports.
    Official,
    /// The platform's help article, read only as a mirrored copy.
    OfficialCopy,
    /// A tool vendor's published number.
    Vendor,
    /// Blogs, forums, single anecdotes.
    Folklore,
    /// Stated in the document that pacewise started from.
    Seed,
    /// Chosen for want of a source.
    Assumption,
}
