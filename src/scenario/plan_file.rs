//! Scenario files as they are written: what happens on dates.

use schemars::JsonSchema;
use serde::Deserialize;

use super::located::{At, FileDate};
use super::platform_file::{BasisFile, DaysFile};

/// Something planned that disconnects the connected accounts of some groups at the start of a day.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EventFile {
    /// The cause as the results name it: that of an incident, or one of its own such as `revoke_and_reconnect`.
    #[schemars(required)]
    pub(crate) cause: Option<At<String>>,
    /// The day on which it happens. Give this, or `every_days` and `from`.
    pub(crate) date: Option<At<FileDate>>,
    /// The number of days after which it happens again.
    #[schemars(range(min = 1, max = 36525))]
    pub(crate) every_days: Option<At<u32>>,
    /// The first day of what happens again and again; may be before the scenario's start.
    pub(crate) from: Option<At<FileDate>>,
    /// Pages that it strikes alone: whoever authorises them is no Designated Admin any more.
    #[serde(default)]
    pub(crate) pages: Vec<At<String>>,
    /// The groups whose accounts it strikes. Default: all, or none where it names Pages.
    #[serde(default)]
    pub(crate) groups: Vec<At<String>>,
    /// Days until the reconnection with a new token. Default: that of the incident of this cause; for Pages their `new_admin`.
    pub(crate) outage: Option<At<DaysFile>>,
    /// Where the outage comes from.
    pub(crate) basis: Option<BasisFile>,
}
