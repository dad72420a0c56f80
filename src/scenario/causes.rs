//! What the causes of a flag lead to, and which of them keep actions back.

use super::{Consequence, Scenario};

/// Something that may refuse actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RefusalCause {
    /// Its place among the causes of a refusal: those of a flag, then credits.
    pub(crate) place: usize,
    pub(crate) name: String,
    /// The platform that it belongs to; none for a link.
    pub(crate) platform: Option<usize>,
}

impl Scenario {
    /// What each cause of a flag leads to, in the order of [`Scenario::flag_causes`].
    #[must_use]
    pub fn consequences(&self) -> Vec<&Consequence> {
        self.owned_consequences().into_iter().map(|(_, consequence)| consequence).collect()
    }

    /// The same, each with the platform that it belongs to.
    fn owned_consequences(&self) -> Vec<(Option<usize>, &Consequence)> {
        let platforms = || self.platforms.iter().enumerate();
        let rules = platforms()
            .flat_map(|(at, platform)| platform.rules.iter().map(move |rule| (Some(at), &rule.consequence)));
        let traits = platforms().flat_map(|(at, platform)| {
            platform.traits.iter().map(move |hazard| (Some(at), &hazard.consequence))
        });
        let links = self.links.iter().map(|link| (None, &link.consequence));
        let by_day = self.day_rules().map(|(platform, _, rule)| (Some(platform), &rule.consequence));
        rules.chain(by_day).chain(traits).chain(links).collect()
    }

    /// What may refuse actions: those of the causes of a flag that do, and credits.
    pub(crate) fn refusal_causes(&self) -> Vec<RefusalCause> {
        let owned = self.owned_consequences().into_iter().zip(self.flag_causes()).enumerate();
        let refusing = owned.filter(|(_, ((_, consequence), _))| consequence.keeps_back());
        let refusing = refusing.map(|(place, ((platform, _), name))| RefusalCause { place, name, platform });
        let before = self.consequences().len();
        let credits = self.credits().enumerate().map(|(at, (platform, name, _))| RefusalCause {
            place: before + at,
            name,
            platform: Some(platform),
        });
        refusing.chain(credits).collect()
    }
}
