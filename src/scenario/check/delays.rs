//! Tokens that are invalidated after a delay: whether the horizon is long enough to see it.

use crate::scenario::diagnostic::Report;
use crate::scenario::file::ScenarioFile;
use crate::scenario::located::At;
use crate::scenario::platform::{Layer, beyond::BeyondLayer};
use crate::scenario::platform_file::{ConsequenceFile, DaysFile};

/// Warns of delays that outlast the horizon.
pub(super) fn warn_of_long_delays(file: &ScenarioFile, horizon_days: u32, report: &mut Report) {
    let layers = std::iter::once(Layer::of_scenario(file));
    let layers = layers.chain(file.platforms.values().map(|platform| Layer::of_platform(platform)));
    let links = file.link.iter().filter_map(|link| link.consequence.as_ref());
    for consequence in layers.flat_map(|layer| consequences(&layer)).chain(links) {
        let ConsequenceFile::DisconnectAfter(law) = &consequence.value else { continue };
        if fewest(law).is_some_and(|days| days >= horizon_days) {
            report
                .warning(law.span.clone(), "this delay outlasts the horizon: it invalidates no token")
                .hint("lengthen the horizon, or shorten the delay");
        }
    }
}

fn consequences<'f>(layer: &Layer<'f>) -> Vec<&'f At<ConsequenceFile>> {
    let BeyondLayer { stocks, ratios, surges, .. } = layer.beyond;
    let rules = layer.rules.iter().map(|rule| &rule.consequence);
    let stated = rules
        .chain(layer.traits.iter().map(|hazard| &hazard.consequence))
        .chain(stocks.iter().map(|rule| &rule.consequence))
        .chain(ratios.iter().map(|rule| &rule.consequence))
        .chain(surges.iter().map(|rule| &rule.consequence));
    stated.filter_map(Option::as_ref).collect()
}

/// The fewest days of a law; what is wrong with it is said elsewhere.
fn fewest(law: &DaysFile) -> Option<u32> {
    let fixed = law.fixed.as_ref().map(|days| days.value);
    let geometric = law.geometric.as_ref().map(|law| law.at_least.unwrap_or(1));
    let uniform = law.uniform.as_ref().and_then(|law| law.min);
    let log_normal = law.log_normal.as_ref().map(|law| law.min.unwrap_or(1));
    fixed.or(geometric).or(uniform).or(log_normal)
}
