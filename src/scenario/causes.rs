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

/// A cause for which a platform acts of its own accord: it flags, or it invalidates tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OwnMeasure {
    /// Its place among the causes of a flag.
    pub(crate) cause: usize,
    /// Where it invalidates tokens: its place among the causes of a disconnection.
    pub(crate) disconnection: Option<usize>,
    /// Whether it strikes those who did nothing.
    pub(crate) innocent: bool,
}

/// A cause of a flag, with the platform that it belongs to.
struct Owned<'s> {
    platform: Option<usize>,
    name: &'s str,
    consequence: &'s Consequence,
}

impl Scenario {
    /// The measures that platforms take of their own accord, in the order of the causes of a flag; a name under which several
    /// platforms invalidate tokens is one.
    pub(crate) fn own_measures(&self) -> Vec<OwnMeasure> {
        let ends = self.causes();
        let first_trait = self.rules().count() + self.day_rules().count();
        let traits: Vec<_> = self.platforms.iter().flat_map(|platform| &platform.traits).collect();
        let mut measures: Vec<OwnMeasure> = Vec::new();
        for (cause, owned) in self.owned_causes().into_iter().enumerate() {
            let hazard = cause.checked_sub(first_trait).and_then(|at| traits.get(at));
            let innocent = hazard.is_some_and(|hazard| hazard.innocent);
            let disconnects = owned.consequence.invalidates();
            let end = ends.iter().position(|end| end == owned.name).filter(|_| disconnects);
            let is_new = measures.iter().all(|other| end.is_none() || other.disconnection != end);
            if owned.consequence.is_flag() || disconnects && is_new {
                measures.push(OwnMeasure { cause, disconnection: end, innocent });
            }
        }
        measures
    }

    /// What each cause of a flag leads to, in the order of [`Scenario::flag_causes`].
    #[must_use]
    pub fn consequences(&self) -> Vec<&Consequence> {
        self.owned_causes().into_iter().map(|owned| owned.consequence).collect()
    }

    /// The names of the causes of a flag as their platforms state them, in their order.
    pub(crate) fn bare_flag_causes(&self) -> Vec<&str> {
        self.owned_causes().into_iter().map(|owned| owned.name).collect()
    }

    /// The causes of a flag, in their order.
    fn owned_causes(&self) -> Vec<Owned<'_>> {
        let own = |at, name, consequence| Owned { platform: Some(at), name, consequence };
        let platforms = || self.platforms.iter().enumerate();
        let rules = platforms().flat_map(|(at, platform)| {
            platform.rules.iter().map(move |rule| own(at, &rule.name, &rule.consequence))
        });
        let traits = platforms().flat_map(|(at, platform)| {
            platform.traits.iter().map(move |hazard| own(at, &hazard.name, &hazard.consequence))
        });
        let links = self.links.iter();
        let links =
            links.map(|link| Owned { platform: None, name: &link.name, consequence: &link.consequence });
        let by_day = self.day_rules().map(|(platform, _, rule)| own(platform, &rule.name, &rule.consequence));
        rules.chain(by_day).chain(traits).chain(links).collect()
    }

    /// The places of traits that do not permit some actions.
    fn barring(&self) -> Vec<usize> {
        let before = self.rules().count() + self.day_rules().count();
        let traits = self.platforms.iter().flat_map(|platform| &platform.traits).enumerate();
        traits.filter(|(_, hazard)| !hazard.refuses.is_empty()).map(|(at, _)| before + at).collect()
    }

    /// What may refuse actions: those of the causes of a flag that do, and credits.
    pub(crate) fn refusal_causes(&self) -> Vec<RefusalCause> {
        let barring = self.barring();
        let owned = self.owned_causes().into_iter().zip(self.flag_causes()).enumerate();
        let refusing =
            owned.filter(|(place, (owned, _))| owned.consequence.keeps_back() || barring.contains(place));
        let refusing =
            refusing.map(|(place, (owned, name))| RefusalCause { place, name, platform: owned.platform });
        let before = self.consequences().len();
        let credits = self.credits().enumerate().map(|(at, (platform, name, _))| RefusalCause {
            place: before + at,
            name,
            platform: Some(platform),
        });
        refusing.chain(credits).collect()
    }
}
