//! To be replaced.
use super::*;
use crate::rules::Window;
impl Scenario {
    /// Day or Event.
    #[must_use]
    pub fn effective_resolution(&self) -> Resolution {
        let events = self.platform.rules.iter().any(|r| {
            r.detection.per == Trial::Event
                || r.rule.limits.iter().any(|l| matches!(l.window, Window::Sliding(_)))
        }) || self.groups.iter().any(|g| {
            g.pacing.iter().any(|p| p.per_hour.is_some() || p.spread)
                || g.demand.iter().any(|d| !d.hours.is_empty())
        });
        match self.resolution {
            Resolution::Auto => {
                if events {
                    Resolution::Event
                } else {
                    Resolution::Day
                }
            }
            r => r,
        }
    }
}
