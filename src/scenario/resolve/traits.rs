//! Which accounts have which traits, and what links them.

use std::collections::BTreeMap;

use super::platforms::Stated;
use super::{Names, unknown};
use crate::scenario::diagnostic::Report;
use crate::scenario::file::{LinkFile, TraitUseFile};
use crate::scenario::located::At;
use crate::scenario::platform::Draft;
use crate::scenario::platform::basis::Basis;
use crate::scenario::shape::shortened;
use crate::scenario::spelling::is_identifier;
use crate::scenario::{Assumption, Consequence, Group, Link, Trait};

/// The traits of a group: those of the shared ones that its platform knows, and its own in place of those of the same name; of a compliant group without
/// those that break the terms.
pub(crate) fn read(
    shared: &BTreeMap<At<String>, At<TraitUseFile>>,
    own: &BTreeMap<At<String>, At<TraitUseFile>>,
    compliant: bool,
    draft: &Draft,
    report: &mut Report,
) -> Vec<Trait> {
    let known = names_of(draft);
    let applies = |name: &At<String>| !own.contains_key(name) && known.contains(&name.as_str());
    let inherited = shared.iter().filter(|(name, _)| applies(name));
    let mut traits = Vec::new();
    for (name, stated) in inherited.chain(own) {
        let Some(index) = known.iter().position(|known| **known == *name.as_str()) else {
            unknown("trait", name, &known, report);
            continue;
        };
        let people = stated.people.as_ref().map_or(2, |people| people.value);
        if let (Some(people), false) = (&stated.people, draft.traits[index].hazard.per_person) {
            let message = format!("`people` has no effect on `{}`", name.value);
            report.warning(people.span.clone(), message);
        }
        let hazard = &draft.traits[index].hazard;
        let strikes = hazard.per_day > 0.0
            || !hazard.per_action.is_empty()
            || hazard.consequence != Consequence::Ladder;
        if stated.certain == Some(true) && !strikes && !draft.traits[index].own {
            let message = format!("`{}` has nothing that could be certain", name.value);
            report.error(name.span.clone(), message).hint("it flags nobody by itself: leave `certain` out");
        }
        let switched_off = stated.enabled == Some(false) || compliant && hazard.breaks_terms;
        if !switched_off {
            traits.push(Trait { index, people, certain: stated.certain == Some(true), spares: 0 });
        }
    }
    traits.sort_by_key(|own| own.index);
    traits
}

fn names_of(draft: &Draft) -> Vec<&str> {
    draft.traits.iter().map(|known| known.hazard.name.as_str()).collect()
}

/// A shared trait holds wherever the platform knows it, which must be somewhere.
pub(crate) fn check_shared(
    shared: &BTreeMap<At<String>, At<TraitUseFile>>,
    platforms: &[Stated],
    report: &mut Report,
) {
    let mut known: Vec<&str> = platforms.iter().flat_map(|platform| names_of(&platform.draft)).collect();
    known.sort_unstable();
    known.dedup();
    for name in shared.keys().filter(|name| !known.contains(&name.as_str())) {
        unknown("trait", name, &known, report);
    }
}

/// Leaves out a profile's traits that no group has: they would only fill the tables.
pub(crate) fn leave_out_unused(platform: usize, draft: &mut Draft, groups: &mut [Group]) {
    let used = |index: usize| {
        let mut here = groups.iter().filter(|group| group.platform == platform);
        here.any(|group| group.traits.iter().any(|own| own.index == index))
    };
    let kept: Vec<usize> =
        (0..draft.traits.len()).filter(|&index| draft.traits[index].own || used(index)).collect();
    draft.traits = kept.iter().map(|&index| draft.traits[index].clone()).collect();
    for own in
        groups.iter_mut().filter(|group| group.platform == platform).flat_map(|group| &mut group.traits)
    {
        own.index = kept.iter().position(|&index| index == own.index).unwrap_or(0);
    }
}

/// The links as stated.
pub(crate) fn read_links(
    files: &[At<LinkFile>],
    groups: &[Group],
    names: &Names,
    report: &mut Report,
) -> (Vec<Link>, Vec<Assumption>) {
    let (mut links, mut assumptions): (Vec<Link>, Vec<Assumption>) = (Vec::new(), Vec::new());
    for file in files {
        let (Some(name), Some(per_day)) = (&file.name, &file.per_day) else { continue };
        if links.iter().any(|known| known.name == name.value) {
            report.error(name.span.clone(), format!("a second link named `{}`", shortened(name)));
        }
        if !is_identifier(name) {
            let message = format!("`{}` is no name for a link", shortened(name));
            report.error(name.span.clone(), message).hint("use lower-case letters, digits and `_`");
        }
        let joined = named_groups(&file.groups, groups, report);
        let accounts: u32 = joined.iter().map(|&group| groups[group].count).sum();
        if joined.iter().any(|&group| groups[group].platform != groups[joined[0]].platform) {
            report
                .warning(name.span.clone(), "this link joins accounts of different platforms")
                .hint("name its groups, as in groups = [\"a\", \"b\"]: a platform seldom knows whom another has restricted");
        }
        if accounts < 2 {
            report
                .warning(name.span.clone(), "this link joins fewer than two accounts and has no effect")
                .hint("raise the `count` of a group, or name several groups");
        }
        let consequence = match &file.consequence {
            Some(stated) => Consequence::of_hazard(stated, names, report),
            None => Consequence::Ladder,
        };
        let basis = Basis::assumed("this scenario").within(file.basis.as_ref());
        let value = format!(
            "probability {} per connected day for each linked account under restriction; leads to {consequence}",
            per_day.value
        );
        assumptions.push(basis.of(format!("link {}", name.value), value));
        links.push(Link { name: name.value.clone(), groups: joined, per_day: per_day.value, consequence });
    }
    (links, assumptions)
}

/// The groups of those names; all where none is named.
pub(crate) fn named_groups(named: &[At<String>], groups: &[Group], report: &mut Report) -> Vec<usize> {
    if named.is_empty() {
        return (0..groups.len()).collect();
    }
    let known: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    let mut joined = Vec::new();
    for name in named {
        match known.iter().position(|known| **known == *name.as_str()) {
            Some(group) if joined.contains(&group) => {
                report.error(name.span.clone(), format!("`{}` is listed twice", shortened(name)));
            }
            Some(group) => joined.push(group),
            None => unknown("group", name, &known, report),
        }
    }
    joined
}
