//! Scenario files as they are written: activity that is more than daily counts of what people want.

use schemars::JsonSchema;
use serde::Deserialize;

use super::file::{HoursFile, MonthFactors, NegativeBinomialFile, PoissonFile, QuotaFile, WeekdayFactors};
use super::located::At;

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
