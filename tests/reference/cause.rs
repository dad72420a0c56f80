//! What may flag, disconnect or refuse: one list of everything that makes trials, in the order of the results.

use pacewise::scenario::{Consequence, Scenario};

/// Something that makes trials.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cause<'a> {
    /// As a disconnection is named after it.
    pub(crate) name: &'a str,
    pub(crate) consequence: &'a Consequence,
}

/// Where the causes of one platform begin in the list of all.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places {
    pub(crate) rules: usize,
    pub(crate) day_rules: usize,
    pub(crate) traits: usize,
    pub(crate) links: usize,
    /// Credits are behind all causes of a flag.
    pub(crate) credits: usize,
    /// Place of the first response among those of all platforms.
    pub(crate) responses: usize,
}

/// All causes: volume rules, rules by the day, traits, each platform by platform; then links.
pub(crate) fn causes(scenario: &Scenario) -> Vec<Cause<'_>> {
    let mut all = Vec::new();
    for platform in &scenario.platforms {
        all.extend(
            platform.rules.iter().map(|rule| Cause { name: &rule.name, consequence: &rule.consequence }),
        );
    }
    for platform in &scenario.platforms {
        let rules = platform.beyond.rules.iter();
        all.extend(rules.map(|rule| Cause { name: &rule.name, consequence: &rule.consequence }));
    }
    for platform in &scenario.platforms {
        let traits = platform.traits.iter();
        all.extend(traits.map(|hazard| Cause { name: &hazard.name, consequence: &hazard.consequence }));
    }
    all.extend(scenario.links.iter().map(|link| Cause { name: &link.name, consequence: &link.consequence }));
    all
}

/// The places of a platform's causes.
pub(crate) fn places(scenario: &Scenario, platform: usize) -> Places {
    let (before, all) = (&scenario.platforms[..platform], &scenario.platforms[..]);
    let rules = |of: &[pacewise::scenario::Platform]| of.iter().map(|one| one.rules.len()).sum::<usize>();
    let by_day =
        |of: &[pacewise::scenario::Platform]| of.iter().map(|one| one.beyond.rules.len()).sum::<usize>();
    let traits = |of: &[pacewise::scenario::Platform]| of.iter().map(|one| one.traits.len()).sum::<usize>();
    let links = rules(all) + by_day(all) + traits(all);
    Places {
        rules: rules(before),
        day_rules: rules(all) + by_day(before),
        traits: rules(all) + by_day(all) + traits(before),
        links,
        credits: links
            + scenario.links.len()
            + before.iter().map(|platform| platform.beyond.credits.len()).sum::<usize>(),
        responses: before.iter().map(|platform| platform.beyond.responses.len()).sum(),
    }
}
