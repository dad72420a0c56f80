//! Scenario files as they are written: activity that is more than daily counts of what people want.

use schemars::JsonSchema;
use serde::Deserialize;

use super::file::{HoursFile, MonthFactors, NegativeBinomialFile, PoissonFile, QuotaFile, WeekdayFactors};
use super::located::{At, FileDate};

/// Actions that nobody intends, such as the page views of a browser extension.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BackgroundFile {
    /// `false` switches it off, to find out what it does. Default: true.
    pub(crate) enabled: Option<bool>,
    /// Poisson: the days differ as much as independent visits make them differ.
    pub(crate) poisson: Option<PoissonFile>,
    /// Negative binomial: the days differ more than Poisson; variance = mean + mean²/size.
    pub(crate) negative_binomial: Option<NegativeBinomialFile>,
    /// A fixed amount a day, with normal variation.
    pub(crate) quota: Option<QuotaFile>,
    /// Factor of each weekday. Default: 1 on workdays, 0 on other days.
    pub(crate) weekdays: Option<WeekdayFactors>,
    /// Factor of each month. Default: 1.
    pub(crate) months: Option<MonthFactors>,
    /// Intensity over the day. Default: constant over the working hours. Needs event resolution.
    pub(crate) hours: Option<At<Vec<At<HoursFile>>>>,
}

/// Sessions: actions come in bursts, a Poisson number of sessions a day.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SessionsFile {
    /// Mean number of sessions that start on a full day.
    #[schemars(required, range(min = 0.0, max = 1_000_000.0))]
    pub(crate) per_day: Option<f64>,
    /// Mean number of actions of a session.
    #[schemars(required, range(min = 0.0, max = 10_000.0))]
    pub(crate) mean_actions: Option<At<f64>>,
    /// The law of the number of actions of a session. Default: "geometric".
    pub(crate) size: Option<SizeFile>,
    /// Each action happens within this time from the start, such as "45m". Give this or `mean_delay`.
    pub(crate) length: Option<At<String>>,
    /// Each action follows the start after an exponential delay with this mean. Give this or `length`.
    pub(crate) mean_delay: Option<At<String>>,
}

/// The law of the number of actions of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SizeFile {
    /// Geometric on 1, 2, …: each action has the same chance to be the last.
    Geometric,
    /// Poisson on 0, 1, ….
    Poisson,
}

/// Self-exciting: each action makes further ones more likely for a while.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SelfExcitingFile {
    /// Mean number of actions of a full day that no other action led to.
    #[schemars(required, range(min = 0.0, max = 1_000_000.0))]
    pub(crate) baseline: Option<f64>,
    /// Mean number of actions that an action leads to directly.
    #[schemars(required, range(min = 0.0, max = 0.99))]
    pub(crate) branching: Option<f64>,
    /// Mean time from an action to one that it leads to, such as "20m".
    #[schemars(required)]
    pub(crate) decay: Option<At<String>>,
}

/// A recorded log in the place of laws of demand: a CSV file with the columns account, time and action.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DemandLogFile {
    /// The file, beside the scenario file.
    #[schemars(required)]
    pub(crate) file: Option<At<String>>,
    /// What becomes of it.
    #[serde(rename = "use")]
    #[schemars(required)]
    pub(crate) use_: Option<LogUseFile>,
    /// Replayed: the recorded date that is played on day 0; default: the scenario's start. In weeks: the first recorded
    /// day; default: that of the first action.
    pub(crate) from: Option<At<FileDate>>,
    /// In weeks: the last recorded day. Default: that of the last action.
    pub(crate) to: Option<At<FileDate>>,
}

/// What becomes of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogUseFile {
    /// Each account of the group does what one recorded account did.
    Replay,
    /// Each week is one that some account was recorded in, drawn at random.
    Weeks,
}
