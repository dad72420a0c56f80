//! Time zones, by which the calendars of platforms differ from the scenario's own.

use jiff::tz::TimeZone;

use super::diagnostic::Report;
use super::located::At;
use super::shape::shortened;
use crate::time::{Instant, standard_offset};

/// A time zone: its name, and how far its standard time is ahead of UTC where that matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Zone {
    name: String,
    offset: Option<Instant>,
}

impl Zone {
    /// The zone that a file names; none, and a finding, when there is none of that name.
    pub(crate) fn read(name: &At<String>, report: &mut Report) -> Option<Zone> {
        let Ok(zone) = TimeZone::get(name) else {
            report
                .error(name.span.clone(), format!("unknown time zone `{}`", shortened(name)))
                .hint("write its name in the IANA database, as in \"Europe/Berlin\" or \"UTC\"");
            return None;
        };
        Some(Zone { name: name.value.clone(), offset: Some(standard_offset(&zone)) })
    }

    /// A zone whose clock shows the same as every other.
    pub(crate) fn anywhere() -> Zone {
        Zone { name: String::new(), offset: None }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How much later by this zone's clock than by the other's something happens, in standard time. Daylight saving is left
    /// out, as the clock of scenarios has none: in weeks in which only one of them has it, this is off by an hour.
    pub(crate) fn ahead_of(&self, other: &Zone) -> Instant {
        self.offset.zip(other.offset).map_or(0, |(here, there)| here - there)
    }
}
